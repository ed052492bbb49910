import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Loader } from '../../../kernel/plugins/loader.ts';
import { scaffold } from '../../../kernel/plugins/scaffold.ts';
import { runtimeStripsTypes } from '../../../kernel/plugins/third-party.ts';
import { echoFrame, type Harness, harness } from '../../../sdk/testing/index.ts';

const examples = fileURLToPath(new URL('../../../examples/plugins', import.meta.url));
const amaro = 'amaro';
const canReadTypes = runtimeStripsTypes() || await import(/* @vite-ignore */ amaro).then(() => true, () => false);

let root = '';
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'lancell-folders-')));
  await scaffold(join(root, 'fresh'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** What each of them must show once it has seen a ping. */
const shows: readonly [folder: () => string, verb: string, text: string][] = [
  [() => join(examples, 'meter'), 'meter hosts', '192.168.1.33'],
  [() => join(examples, 'webhook'), 'webhook status', 'nothing was posted yet'],
  [() => join(root, 'fresh'), 'fresh show', 'hello'],
];

describe.runIf(canReadTypes)('plugins from folders, as a running router loads them', () => {
  it.each(shows)('start, work, are exchanged and go, leaving nothing', async (folder, verb, text) => {
    const loader = new Loader({ state: root });
    const first = await loader.read(folder());
    const h: Harness = await harness(first.def);
    const ping = () => h.wires.port1.send(echoFrame({ src: '192.168.1.33', dst: '192.168.1.1' }));
    ping();
    expect(await h.cli(verb)).toContain(text);
    const second = await loader.read(folder());
    expect(second.def).not.toBe(first.def);
    await h.reload(second.def);
    ping();
    expect(await h.cli(verb)).toContain(text);
    await h.close();
    for (const each of [first, second]) each.discard?.();
    loader.close();
  });
});
