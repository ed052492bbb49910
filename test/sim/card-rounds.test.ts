import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Carrier } from '../../lab/carrier/carrier.ts';
import { CardShelf } from '../../lab/carrier/card-shelf.ts';
import { Rack } from '../../lab/carrier/rack.ts';
import { CardSourcesToken, CellularToken } from '../../plugins/cellular-cards/contract.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import type { AnyPlugin } from '../../sdk/index.ts';
import { seeded } from '../../sdk/testing/random.ts';
import { kib, liveOctets } from '../house/heap.ts';
import { type Bed, bed, own, settle } from './bed.ts';

/** A thousand with LANCELL_MILLION=1. */
const ROUNDS = process.env['LANCELL_MILLION'] === '1' ? 1000 : 200;
const folder = fileURLToPath(new URL('../../plugins/cellular-cards', import.meta.url));

/** Every card plugin that waits for its card. */
async function cardPlugins() {
  const names = readdirSync(folder).filter(name => existsSync(`${folder}/${name}/card.json`));
  return Promise.all(names.map(async name => ({
    def: ((await import(/* @vite-ignore */ `${folder}/${name}/plugin.ts`)) as { default: AnyPlugin }).default,
    manifest: JSON.parse(readFileSync(`${folder}/${name}/card.json`, 'utf8')) as unknown,
  })));
}

/**
 *     a card of any model ──► slot 1 … 4 ──► its plugins ──► its modem, as far as it comes ──► out again
 */
describe('cards that come and go', () => {
  const random = seeded(5);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  let b: Bed;
  let rack: Rack;
  let models: readonly string[];
  const shelf = new CardShelf();

  beforeAll(async () => {
    b = await bed({ onDemand: await cardPlugins() });
    rack = new Rack({ clock: b.clock, carrier: new Carrier({ clock: b.clock, seed: 3 }) });
    b.router.plugins.directory.contribute(CardSourcesToken, rack, 'lab');
    models = shelf.models();
    const on = { enabled: true, apn: 'internet', nailedUp: true };
    await settle(b.clock, b.router.config.update<Record<string, unknown>>('cellular-cards.core', draft => { Object.assign(draft, on); }, 'test'));
    await b.advance(2000);
  });
  afterAll(() => b.stop());

  const cellular = () => b.router.plugins.directory.live(CellularToken)!;
  const phases = new Set<string>();
  /** Virtual time, and between its steps whatever hangs on promises. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 200) {
      b.clock.advance(Math.min(200, left));
      await new Promise<void>(resolve => { setImmediate(resolve); });
    }
  };

  /** What the cards brought with them, and what the plugin that serves them holds. */
  const held = () => ({ plugins: b.router.plugins.list().map(p => p.id), core: [...b.router.plugins.info('cellular-cards.core')?.holds ?? []].sort(), links: b.router.links.list().map(l => l.name) });

  /** One card: in, and out again at any moment of its life. */
  async function round(): Promise<string> {
    const card = shelf.card(pick(models));
    rack.insert(card, Math.ceil(random() * 4), card.storage !== undefined && random() < 0.5);
    await pass(pick([0, 100, 500, 3000, 10_000, 60_000]) * random());
    for (const status of cellular().list()) phases.add(status.phase);
    return rack.remove();
  }

  it(`${ROUNDS} times leave nothing`, async () => {
    expect(b.router.plugins.info('cellular-cards.core')).toMatchObject({ state: 'active' });
    await pass(1000);
    const before = held();
    for (let i = 0; i < Math.min(150, ROUNDS / 2); i++) await round();
    await pass(60_000);
    const heap = [await liveOctets()];
    for (let half = 1; half <= 2; half++) {
      for (let i = 0; i < ROUNDS / 2; i++) await round();
      await pass(60_000);
      heap.push(await liveOctets());
    }
    await settle(b.clock, b.router.plugins.settled());
    expect(b.router.plugins.residue()).toEqual([]);
    expect(b.router.plugins.faults()).toEqual([]);
    expect(held()).toEqual(before);
    expect(cellular().list().filter(s => s.phase !== 'empty')).toEqual([]);
    expect([...phases].sort()).toEqual(expect.arrayContaining(['dialling', 'identifying', 'online', 'searching', 'starting', 'storage']));
    const [first, between, after] = heap;
    if (first === undefined || between === undefined || after === undefined) return;
    console.log(`phases seen: ${[...phases].sort().join(', ')}`);
    console.log(`${ROUNDS} rounds over ${models.length} models: heap ${kib(first)} before, ${kib(between)} halfway, ${kib(after)} after`);
    // What the runtime compiles meanwhile, it compiles once; what a card leaves would grow in both halves.
    expect(Math.min(between - first, after - between)).toBeLessThan(1024 * 1024);
  }, 600_000);

  it('survive a reload of the plugin that serves them, and their plugins go with it when it is unloaded', async () => {
    const cards = () => b.router.plugins.list().map(p => p.id).filter(id => !own.some(p => p.id === id));
    rack.insert(shelf.card('ac881'), 1);
    rack.insert(shelf.card('ac881'), 2);
    rack.insert(shelf.card('u740'), 3);
    await pass(20_000);
    expect(cards()).toEqual(['cellular-cards.ac881', 'cellular-cards.u740']);
    await settle(b.clock, b.router.plugins.reload(core.id));
    await pass(20_000);
    expect([cards(), cellular().list().map(s => s.model)]).toEqual([['cellular-cards.ac881', 'cellular-cards.u740'], ['AC881', 'AC881', 'U740']]);
    await settle(b.clock, b.router.plugins.unload(core.id));
    await pass(2000);
    expect([cards(), b.router.plugins.residue(), b.router.plugins.faults()]).toEqual([[], [], []]);
    rack.stop();
  });
});
