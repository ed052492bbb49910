import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { createLog } from '../../kernel/log.ts';
import { labSettings } from '../../kernel/router/lab-settings.ts';
import { Router } from '../../kernel/router/router.ts';
import { memoryLab } from '../../lab/memory/lab.ts';
import { definePlugin, type Hook, hooks } from '../../sdk/index.ts';
import { own, settle } from '../sim/bed.ts';
import { kib, liveOctets } from './heap.ts';
import { files } from './tree.ts';

const ROUNDS = 100;
/** What a round may cost in the end, for each plugin: room for what the log and the chronicle of faults keep, which are bounded. */
const GROWTH_PER_ROUND = 2 * 1024 * own.length;

/** A kernel with links and without plugins; nothing answers on the wires. */
async function bareRouter() {
  const clock = new VirtualClock();
  const lab = memoryLab({ clock, seed: 1, why: 'census' });
  let router: Router | undefined;
  let scheduled = false;
  const wake = () => {
    if (scheduled) return;
    scheduled = true;
    clock.after(0, () => { scheduled = false; while (router?.engine.breathe()) { /* until quiet */ } });
  };
  router = await settle(clock, Router.start({
    version: 'test', clock, log: createLog({ clock }), plugins: [], links: lab.links, factory: labSettings(lab.settings as never), random: () => 0.5, wake, maxFlows: 1000,
  }));
  return { clock, router };
}
type Bare = Awaited<ReturnType<typeof bareRouter>>;

/** Everything the kernel counts. */
function census({ clock, router }: Bare) {
  const { engine, bus, tree, panels, plugins, streams, links, config } = router;
  return {
    stages: (Object.keys(hooks) as Hook[]).flatMap(h => engine.pipelines.order(h).map(s => s.name)),
    deciders: engine.deciders.list().map(d => d.name),
    verbs: tree.verbs().map(v => v.spec.path),
    panels: panels.list().map(p => p.path),
    streams: streams.names,
    services: plugins.directory.list(),
    listeners: bus.count(),
    timers: clock.armed,
    udpPorts: [...engine.sockets.ports()],
    links: links.list().map(l => l.name),
    neighbours: engine.neighbours.list().map(n => `${n.link} ${n.ip} ${n.mac}`),
    flows: engine.flows.size,
    settings: config.sections.map(s => s.id),
    packets: engine.pool.available - engine.pool.size,
    held: plugins.census(),
    residue: plugins.residue(),
  };
}

/** The same whatever order the plugins were loaded in. Timers are counted when all is over. */
const sorted = (c: ReturnType<typeof census>) => ({
  ...Object.fromEntries(Object.entries(c).map(([k, v]) => [k, Array.isArray(v) && v.every(each => typeof each === 'string') ? v.toSorted() : v])),
  held: c.held.map(h => `${h.owner}: ${h.label}`).filter(h => !h.includes('timer')).sort(), timers: 0,
});

describe('the census', () => {
  let b: Bare;
  beforeAll(async () => { b = await bareRouter(); });
  afterAll(() => settle(b.clock, b.router.stop()));
  const rest = (ms = 10_000) => b.clock.advance(ms);
  const load = (plugins = own) => settle(b.clock, b.router.plugins.load(...plugins.map(def => ({ def }))));
  const unload = async (ids: readonly string[]) => { for (const id of ids) await settle(b.clock, b.router.plugins.unload(id)); };
  const ids = own.map(p => p.id);

  it(`is what it was before, after ${ROUNDS} rounds of load, reload and unload`, async () => {
    rest();
    const before = census(b);
    expect(before.held).toEqual([]);
    let full: ReturnType<typeof census> | undefined;
    let names: string[] | undefined;
    let warm: number | undefined;
    let end: number | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      // Every plugin is once first and once last.
      const order = ids.map((_, i) => ids[(i + round) % ids.length]!);
      await load(order.map(id => own.find(p => p.id === id)!));
      rest(1000);
      const now = census(b);
      full ??= now;
      expect(sorted(now)).toEqual(sorted(full));
      for (const id of order) await settle(b.clock, b.router.plugins.reload(id));
      expect(b.router.plugins.list().map(p => p.state)).toEqual(ids.map(() => 'active'));
      await unload(order);
      expect(b.router.plugins.residue()).toEqual([]);
      names ??= b.router.engine.counters.list(true).map(c => c.name);
      if (round === 9) { rest(); warm = await liveOctets(); }
    }
    rest();
    end = await liveOctets();
    expect(full!.stages.length).toBeGreaterThan(before.stages.length);
    expect(full!.timers).toBeGreaterThan(before.timers);
    expect(census(b)).toEqual(before);
    // Counts outlive their plugin, so that charts have no holes; but there are never more of them.
    expect(b.router.engine.counters.list(true).map(c => c.name)).toEqual(names);
    if (warm !== undefined && end !== undefined) {
      console.log(`census: ${ROUNDS} rounds with ${ids.length * ROUNDS} reloads; heap ${kib(warm)} after round 10, ${kib(end)} at the end: ${kib((end - warm) / (ROUNDS - 10))} per round`);
      expect(end - warm).toBeLessThan(GROWTH_PER_ROUND * (ROUNDS - 10));
    }
    expect(b.router.log.ring.lines({ level: 'error' })).toEqual([]);
  }, 180_000);

  it('counts every plugin that comes with the router', () => {
    // Those with a card.json are loaded when their card is there: test/sim/card-rounds.test.ts counts them.
    const folders = files(['plugins'], ['plugin.ts']).filter(f => !existsSync(join(dirname(f.path), 'card.json'))).map(f => f.path.split('/').slice(1, -1).join('.'));
    expect(ids.toSorted()).toEqual(folders.sort());
  });

  it('has no packet mark left in use', async () => {
    const bits = new Set<number>();
    const marker = definePlugin({ id: 'test.marker', setup(ctx) { for (let i = 0; i < 31; i++) bits.add(ctx.mark(`m${i}`)); } });
    for (let round = 0; round < 3; round++) {
      bits.clear();
      await load([marker]);
      expect(b.router.plugins.info('test.marker')?.why).toBe('');
      expect(bits.size).toBe(31);
      await unload(['test.marker']);
    }
  });
});
