import { describe, expect, it } from 'vitest';
import { definePlugin, token, z } from '../../../sdk/index.ts';
import { fakeKernel } from './fake-kernel.ts';

interface Routes { generation: number }
const RoutesToken = token<Routes>('ip.routes');
const LeasesToken = token<object>('lan.leases');
const ProvidersToken = token<readonly string[]>('ddns.providers');

/** ip ← lan ← dns, and nat on ip; each notes when it starts and stops. */
function chain() {
  const seen: string[] = [];
  const note = (id: string, scope: { add(d: () => void, label: string): unknown }) => {
    seen.push(`+${id}`);
    scope.add(() => { seen.push(`-${id}`); }, 'note');
  };
  const ip = (generation = 1) => definePlugin({
    id: 'ip', provides: [RoutesToken], state: z.object({ generation: z.number() }),
    setup(ctx) {
      note('ip', ctx.scope);
      ctx.provide(RoutesToken, { generation: (ctx.previous?.generation ?? 0) + generation });
      return { save: () => ({ generation: (ctx.previous?.generation ?? 0) + generation }) };
    },
  });
  const uses: number[] = [];
  const lan = definePlugin({
    id: 'lan', needs: { routes: RoutesToken }, provides: [LeasesToken],
    setup(ctx) { note('lan', ctx.scope); uses.push(ctx.use.routes.generation); ctx.provide(LeasesToken, {}); },
  });
  const dns = definePlugin({ id: 'dns', needs: { leases: LeasesToken, routes: RoutesToken }, setup(ctx) { note('dns', ctx.scope); } });
  const nat = definePlugin({ id: 'nat', needs: { routes: RoutesToken }, setup(ctx) { note('nat', ctx.scope); } });
  return { seen, uses, ip, lan, dns, nat };
}

describe('life cycle', () => {
  it('tells of every counter whose it is, whatever its name says, and forgets them with the generation', async () => {
    const k = fakeKernel();
    const counting = (id: string, ...names: string[]) => definePlugin({ id, setup(ctx) { for (const name of names) ctx.counter(name).n += 3; ctx.counter('idle'); } });
    await k.load(counting('a', 'sanity: short', 'a: own'), counting('b', 'nat: full'));
    expect(k.host.list().map((p) => [p.id, p.counters])).toEqual([['a', { 'sanity: short': 3, 'a: own': 3 }], ['b', { 'nat: full': 3 }]]);
    expect(k.host.info('a')?.memory).toBeUndefined();
    k.host.memoryOf = (id, generation) => ({ bytes: generation, how: id });
    expect(k.host.info('b')?.memory).toEqual({ bytes: 1, how: 'b' });
  });

  it('starts providers first and stops users first', async () => {
    const k = fakeKernel();
    const c = chain();
    await k.load(c.dns, c.nat, c.lan, c.ip());
    expect(c.seen).toEqual(['+ip', '+lan', '+nat', '+dns']);
    expect(k.states).toContain('ip starting');
    await k.host.stopAll();
    expect(c.seen.slice(4)).toEqual(['-dns', '-nat', '-lan', '-ip']);
    expect(k.host.list()).toEqual([]);
    expect(k.residue()).toEqual([]);
    expect(k.host.census()).toEqual([]);
  });

  it('lets users wait when their provider goes, and brings them back with it', async () => {
    const k = fakeKernel();
    const c = chain();
    await k.load(c.ip(), c.lan, c.dns, c.nat);
    await k.host.unload('ip');
    expect(c.seen.slice(4)).toEqual(['-dns', '-nat', '-lan', '-ip']);
    expect(['ip', 'lan', 'dns', 'nat'].map(k.state)).toEqual(['gone', 'waiting', 'waiting', 'waiting']);
    expect(k.host.info('nat')?.why).toBe('waits for ip.routes, which no loaded plugin provides');
    expect(k.host.info('dns')?.why).toBe('waits for lan.leases from lan, which cannot start');
    expect(k.faults()).toEqual([]);
    await k.load(c.ip());
    expect(['ip', 'lan', 'dns', 'nat'].map(k.state)).toEqual(['active', 'active', 'active', 'active']);
    expect(k.residue()).toEqual([]);
  });

  it('refuses to load one twice, but loads the others', async () => {
    const k = fakeKernel();
    const c = chain();
    await k.load(c.ip());
    await expect(k.load(c.ip(), c.nat)).rejects.toThrow('ip is loaded already; reload it instead');
    expect(k.state('nat')).toBe('active');
    await expect(k.host.unload('nobody')).rejects.toThrow('no plugin nobody is loaded');
  });

  it('stops the users of a withdrawn service before it goes, while others want to start on it', async () => {
    const k = fakeKernel();
    let withdraw = async () => {};
    const seen: string[] = [];
    await k.load(definePlugin({
      id: 'ip',
      setup(ctx) {
        const routes = ctx.provide(RoutesToken, { generation: 1 });
        withdraw = async () => { await routes.dispose(); seen.push('withdrawn'); };
        ctx.clock.after(50, () => { ctx.provide(RoutesToken, { generation: 2 }); });
      },
    }), definePlugin({
      id: 'nat', needs: { routes: RoutesToken },
      setup(ctx) {
        seen.push(`on ${ctx.use.routes.generation}`);
        ctx.scope.add(async () => { await new Promise(setImmediate); seen.push(`off, routes live: ${k.host.directory.lives(RoutesToken)}`); }, 'slow');
      },
    }));
    const withdrawn = withdraw();
    const late = k.load(definePlugin({ id: 'late', needs: { routes: RoutesToken }, setup() { seen.push('late'); } }));
    await withdrawn;
    await late;
    expect(seen).toEqual(['on 1', 'off, routes live: true', 'withdrawn']);
    expect(['ip', 'nat', 'late'].map(k.state)).toEqual(['active', 'waiting', 'waiting']);
    k.clock.advance(50);
    await k.host.settled();
    expect(seen.slice(3).sort()).toEqual(['late', 'on 2']);
    expect(k.residue()).toEqual([]);
  });

  it('gives users of a contribution point a living list, and does not stop them', async () => {
    const k = fakeKernel();
    let list: readonly string[] = [];
    const noIp = definePlugin({ id: 'ddns.no-ip', setup(ctx) { ctx.contribute(ProvidersToken, 'No-IP'); } });
    await k.load(definePlugin({
      id: 'ddns.client', needs: { providers: ProvidersToken }, provides: [ProvidersToken],
      setup(ctx) { list = ctx.use.providers; },
    }));
    expect(k.state('ddns.client')).toBe('active');
    await k.load(noIp);
    expect(list).toEqual(['No-IP']);
    await k.host.unload('ddns.no-ip');
    expect(list).toEqual([]);
    expect(k.state('ddns.client')).toBe('active');
  });

  it('tells which guards are missing', async () => {
    const k = fakeKernel();
    const firewall = definePlugin({ id: 'firewall', failClosed: true, needs: { routes: RoutesToken }, setup() {} });
    await k.load(firewall);
    expect(k.guards).toEqual([['firewall']]);
    await k.load(chain().ip());
    expect(k.guards).toEqual([['firewall'], []]);
    await k.host.unload('ip');
    await k.host.unload('firewall');
    expect(k.guards).toEqual([['firewall'], [], ['firewall'], []]);
  });
});

describe('reload', () => {
  it('carries the state over, brings users back, and holds the breath meanwhile', async () => {
    const k = fakeKernel();
    const c = chain();
    await k.load(c.ip(1), c.lan, c.dns);
    k.breaths.length = 0;
    await k.host.reload('ip', { def: c.ip(10) });
    expect(c.uses).toEqual([1, 11]);
    expect(c.seen.slice(3)).toEqual(['-dns', '-lan', '-ip', '+ip', '+lan', '+dns']);
    expect(k.host.info('ip')).toMatchObject({ state: 'active', generation: 2 });
    expect(k.breaths).toEqual(['hold: plugin ip reloaded', 'release', 'epoch: plugin ip reloaded']);
    expect(k.residue()).toEqual([]);
  });

  it('brings the old one back, with the same state, when the new one fails', async () => {
    const k = fakeKernel();
    const c = chain();
    await k.load(c.ip(5), c.nat);
    const discarded: string[] = [];
    const bad = definePlugin({ id: 'ip', provides: [RoutesToken], setup(ctx) { ctx.provide(RoutesToken, { generation: 0 }); throw new Error('half done'); } });
    await expect(k.host.reload('ip', { def: bad, discard: () => discarded.push('bad') }))
      .rejects.toThrow('ip: the new one does not start (setup: half done); the old one is back');
    expect(discarded).toEqual(['bad']);
    expect(k.state('ip')).toBe('active');
    expect(k.state('nat')).toBe('active');
    expect(k.host.directory.child().resolve({ r: RoutesToken })).toEqual({ r: { generation: 10 } });
    expect(k.residue()).toEqual([]);
  });

  it('leaves the old one alone when the new one cannot be read or is another', async () => {
    const k = fakeKernel();
    const c = chain();
    await k.host.load({ def: c.ip(), read: () => Promise.reject(new Error('line 3: unexpected }')) });
    await expect(k.host.reload('ip')).rejects.toThrow('line 3: unexpected }');
    await expect(k.host.reload('ip', { def: c.nat })).rejects.toThrow('ip cannot be replaced by nat');
    expect(k.host.info('ip')).toMatchObject({ state: 'active', generation: 1 });
  });

  it('refuses a state that does not parse, and starts without it', async () => {
    const k = fakeKernel();
    const old = definePlugin({ id: 'x', state: z.any(), setup: () => ({ save: () => ({ count: 'many' }) }) });
    let previous: unknown = 'not started';
    const next = definePlugin({ id: 'x', state: z.object({ count: z.number() }), setup(ctx) { previous = ctx.previous; } });
    await k.load(old);
    await k.host.reload('x', { def: next });
    expect(previous).toBeUndefined();
    expect(k.faults('x')[0]).toMatch(/^x: state: .*starting without it \(count: .*\)$/);
  });

  it('takes plain data only', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({ id: 'x', state: z.any(), setup: () => ({ save: () => ({ fn: () => 1 }) }) }));
    await k.host.reload('x');
    expect(k.faults('x')[0]).toMatch(/^x: save: .*could not be cloned/);
    expect(k.state('x')).toBe('active');
  });

  it('repairs a plugin that had failed', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({ id: 'x', setup() { throw new Error('bad'); } }));
    expect(k.state('x')).toBe('failed');
    await k.host.reload('x', { def: definePlugin({ id: 'x', setup() {} }) });
    expect(k.state('x')).toBe('active');
  });

  it('leaves nothing after 100 rounds of loading, reloading and unloading', async () => {
    const k = fakeKernel();
    const c = chain();
    const greedy = definePlugin({
      id: 'greedy', needs: { routes: RoutesToken }, config: z.object({ n: z.number().default(1) }),
      setup(ctx) {
        ctx.stage({ slot: 'forward.alg', name: 'greedy.stage', process() {} });
        ctx.decide({ slot: 'policy', name: 'greedy.decider', decide: () => undefined });
        ctx.mark('greedy'); ctx.mark('shared');
        ctx.command({ path: 'greedy', help: 'test', run() {} });
        ctx.panel({ path: 'greedy', title: 'Greedy', view: () => ({ kind: 'log', lines: [] }) });
        ctx.on('link/up', () => {});
        ctx.events('link/down').subscribe();
        ctx.clock.after(1e6, () => {});
        ctx.clock.every(1000, () => {});
        ctx.udp.bind({ port: 67 }, () => {});
        ctx.link(() => { throw new Error('not opened here'); });
        ctx.neighbours.resolver(() => {});
        ctx.contribute(ProvidersToken, 'me');
        ctx.scope.child('inner').add(() => {}, 'thing');
      },
    });
    await k.load(c.ip());
    const listeners = k.bus.count();
    for (let round = 0; round < 100; round++) {
      await k.load(greedy);
      expect(k.state('greedy')).toBe('active');
      if (round === 0) expect(k.host.info('greedy')?.holds).toHaveLength(15);
      if (round % 3 === 0) await k.host.reload('greedy');
      if (round % 7 === 0) await k.host.reload('ip');
      await k.host.unload('greedy');
      expect(k.residue()).toEqual([]);
    }
    await k.host.unload('ip');
    expect(k.host.census()).toEqual([]);
    expect([k.held, k.marks, [...k.settings.sections]]).toEqual([[], [], []]);
    expect(k.host.directory.list()).toEqual([]);
    expect(k.bus.count()).toBe(listeners);
    expect(k.clock.next()).toBeUndefined();
    expect(k.faults()).toEqual([]);
  });
});
