import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CardStatus, CardSourcesToken, CellularToken } from '../../plugins/cellular-cards/contract.ts';
import core, { cellularWith } from '../../plugins/cellular-cards/core/plugin.ts';
import generic from '../../plugins/cellular-cards/generic-3gpp/plugin.ts';
import type { MemoryLabOptions } from '../../lab/memory/lab.ts';
import type { AnyPlugin } from '../../sdk/index.ts';
import { seeded } from '../../sdk/testing/random.ts';
import { bed, own } from './bed.ts';

const folder = fileURLToPath(new URL('../../plugins/cellular-cards', import.meta.url));

/** Every card plugin that waits for its card. */
export async function cardPlugins() {
  const names = readdirSync(folder).filter(name => existsSync(`${folder}/${name}/card.json`));
  return Promise.all(names.map(async name => ({
    def: ((await import(/* @vite-ignore */ `${folder}/${name}/plugin.ts`)) as { default: AnyPlugin }).default,
    manifest: JSON.parse(readFileSync(`${folder}/${name}/card.json`, 'utf8')) as unknown,
  })));
}

/** The 22 cards of the original's list, by their files in the lab. */
export const originals = [
  'pc5750', 'e612', 'e620', 'e630', 'ec321', 'ec360', 'ec500', 'kpc680', 'u740', 'ex720', 'v740', 'gtmax36', 'gtmax72', 'px500',
  'ac580', 'ac595', 'ac597e', 'ac850', 'ac860', 'ac875', 'ac880', 'ac881',
];

/** A router whose card slots are the lab's, under virtual time. */
export async function cardBed(opts: { seed?: number; lab?: Partial<MemoryLabOptions>; plugins?: readonly AnyPlugin[] } = {}) {
  const mine = opts.plugins ?? [cellularWith(seeded(opts.seed ?? 1)), generic];
  const b = await bed({ ...opts, plugins: [...own.filter(p => !mine.some(m => m.id === p.id)), ...mine], onDemand: await cardPlugins() });
  const { cards } = b.lab;
  const source = b.router.plugins.directory.contribute(CardSourcesToken, cards.rack, 'lab');
  const cellular = () => b.router.plugins.directory.live(CellularToken)!;
  const status = (slot = 1): CardStatus | undefined => cellular().list().find(s => s.slot === slot);
  /** Virtual time, and between its steps whatever hangs on promises. */
  const pass = async (ms: number, step = 200) => {
    for (let left = ms; left > 0; left -= step) {
      b.clock.advance(Math.min(step, left));
      await new Promise<void>(resolve => { setImmediate(resolve); });
    }
  };
  return {
    ...b, cards, cellular, status, pass,
    timeline: (slot = 1) => cellular().timeline(slot).map(e => `${e.kind}: ${e.words}`),
    /** Until `is` holds; says how long it took (ms), or throws with the timeline. */
    until: async (is: () => boolean, limitMs = 180_000, step = 100) => {
      const begun = b.clock.now();
      while (!is()) {
        if (b.clock.now() - begun > limitMs) throw new Error(`not within ${limitMs / 1000} s: ${status()?.phase}: ${status()?.words}\n${cellular().timeline(1).map(e => e.words).slice(-20).join('\n')}`);
        await pass(step, step);
      }
      return b.clock.now() - begun;
    },
    /** What cards brought with them, and what the plugin that serves them holds. */
    held: () => ({
      plugins: b.router.plugins.list().map(p => p.id), core: [...b.router.plugins.info(core.id)?.holds ?? []].sort(), links: b.router.links.list().map(l => l.name), residue: b.router.plugins.residue(),
      flows: b.router.engine.flows.size,
    }),
    stop: async () => { cards.rack.stop(); await pass(2000); void source.dispose(); await b.stop(); },
  };
}
export type CardBed = Awaited<ReturnType<typeof cardBed>>;
