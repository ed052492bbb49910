import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealClock } from '../clock.ts';
import { memoryLink } from '../links/memory.ts';
import { createLog } from '../log.ts';
import { Router } from '../router/router.ts';
import { Loader } from './loader.ts';

/**
 * A program of its own: what a plugin adds to the heap of a router that has nothing but what the plugin needs, on two links to nowhere.
 *
 *     node --expose-gc memory-probe.js NEEDS… FOLDER ID
 *
 * NEEDS and FOLDER are folders of plugins. Prints `octets N`. Nothing is kept on disk; the plugin's setup runs as it does in the router.
 */
const [folder = '', id = ''] = process.argv.slice(-2);
const needs = process.argv.slice(2, -2);
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('without --expose-gc nothing can be measured');

/** What finalizers and settled promises held is free only a turn later. */
async function live(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect!();
    await new Promise<void>((resolve) => { setImmediate(resolve); });
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const state = mkdtempSync(join(tmpdir(), 'lancell-memory-'));
process.once('exit', () => rmSync(state, { recursive: true, force: true }));
const clock = new RealClock();
const log = createLog({ clock });
const loader = new Loader({ state });
const links = ['lan', 'wan'].map((name) => ({ name, open: memoryLink({ name }).open }));
const router = await Router.start({ version: 'memory', clock, log, plugins: await Promise.all(needs.map((each) => loader.read(each))), links, wake: () => {} });
const before = await live();
await router.plugins.load(await loader.read(folder));
const { state: reached = 'gone', why = '' } = router.plugins.info(id) ?? {};
const after = await live();
if (reached !== 'active') throw new Error(`${id} is ${reached} there: ${why}`);
loader.close();
process.stdout.write(`octets ${after - before}\n`, () => process.exit());
