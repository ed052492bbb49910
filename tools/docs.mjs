// Writes docs/verbs.md and docs/settings.md from the code: a router in memory with all its plugins is asked what it knows.
import { writeFileSync } from 'node:fs';
import { VirtualClock } from '../dist/kernel/clock.js';
import { createLog } from '../dist/kernel/log.js';
import { Loader } from '../dist/kernel/plugins/loader.js';
import { pluginVerbs } from '../dist/kernel/plugins/verbs.js';
import { settingsPage, verbsPage } from '../dist/kernel/router/reference.js';
import { Router } from '../dist/kernel/router/router.js';

const clock = new VirtualClock();
const loader = new Loader();
const plugins = await Promise.all([...(await loader.discover()).values()].map(f => loader.read(f)));
const router = await Router.start({ version: 'docs', clock, log: createLog({ clock }), plugins, links: [], wake: () => {} });
pluginVerbs({ host: router.plugins, loader, store: undefined, clock, command: spec => router.tree.register(spec, 'kernel') });
const page = name => new URL(`../docs/${name}.md`, import.meta.url);
writeFileSync(page('verbs'), verbsPage(router.tree));
writeFileSync(page('settings'), settingsPage(router.config));
process.exit(0);
