// Writes docs/verbs.md and docs/settings.md from the code: a router in memory with all its plugins is asked what it knows.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../dist/kernel/clock.js';
import { createLog } from '../dist/kernel/log.js';
import { Loader } from '../dist/kernel/plugins/loader.js';
import { pluginVerbs } from '../dist/kernel/plugins/verbs.js';
import { wellKnownPorts } from '../dist/kernel/console/remote.js';
import { startManagement } from '../dist/kernel/router/management.js';
import { settingsPage, verbsPage } from '../dist/kernel/router/reference.js';
import { Router } from '../dist/kernel/router/router.js';

const clock = new VirtualClock();
const loader = new Loader();
const plugins = await Promise.all([...(await loader.discover()).values()].map(f => loader.read(f)));
const router = await Router.start({ version: 'docs', clock, log: createLog({ clock }), plugins, links: [], wake: () => {} });
pluginVerbs({ host: router.plugins, loader, store: undefined, clock, command: spec => router.tree.register(spec, 'kernel') });
// Everything that manages the router brings verbs and settings too; it listens on loopback for a moment.
const state = mkdtempSync(join(tmpdir(), 'lancell-docs-'));
const anyPort = { http: 0, https: 0, ssh: 0, telnet: 0 };
await startManagement({ router, state, keys: [], host: '127.0.0.1', ports: wellKnownPorts, outside: anyPort, gui: state });
const page = name => new URL(`../docs/${name}.md`, import.meta.url);
writeFileSync(page('verbs'), verbsPage(router.tree));
writeFileSync(page('settings'), settingsPage(router.config));
rmSync(state, { recursive: true, force: true });
process.exit(0);
