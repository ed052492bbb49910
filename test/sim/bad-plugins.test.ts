import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AnyPlugin, CliError, definePlugin, type Slot, token, z } from '../../sdk/index.ts';
import { type Bed, bed, own, settle } from './bed.ts';
import { pingWorks } from './frames.ts';
import { addPluginVerbs } from './plugin-verbs.ts';

const boom = (): never => { throw new Error('boom'); };

/** A router that works, plugins that do not. Each time: it says which plugin and where, and pings go on. */
describe('bad plugins', () => {
  let b: Bed;
  let loaded: string[] = [];
  let noVerbs: () => void;
  beforeAll(async () => { b = await bed(); noVerbs = addPluginVerbs(b); await b.advance(5000); });
  afterAll(async () => { noVerbs(); await b.stop(); });
  beforeEach(() => { loaded = []; });
  afterEach(async () => {
    expect(await pingWorks(b)).toBe(true);
    for (const id of loaded.reverse()) if (b.router.plugins.info(id)) await settle(b.clock, b.router.plugins.unload(id));
    expect(b.router.plugins.list().map(p => `${p.id} ${p.state}`)).toEqual(own.map(p => `${p.id} active`).sort());
    expect(await pingWorks(b)).toBe(true);
  });

  const load = async (...defs: AnyPlugin[]) => {
    loaded.push(...defs.map(d => d.id));
    await settle(b.clock, b.router.plugins.load(...defs.map(def => ({ def }))));
  };
  const state = (id: string) => { const p = b.router.plugins.info(id); return `${p?.state}: ${p?.why}`; };
  const faults = (id: string) => b.router.plugins.faults(id).map(f => `${f.plugin} | ${f.place} | ${f.message}`);
  const logged = () => b.log.ring.lines({ level: 'warn' }).map(l => l.msg);
  const count = (name: string) => b.router.engine.counters.list().find(c => c.name === name)?.n ?? 0;

  it('throws in setup', async () => {
    await load(definePlugin({ id: 'bad.setup', setup(ctx) { ctx.command({ path: 'bad setup', help: 'x', run: () => 'x' }); boom(); } }));
    expect(state('bad.setup')).toBe('failed: setup: boom');
    expect(logged()).toContain('bad.setup: setup: boom');
    expect((await b.verb('bad setup')).text).toContain("unknown word 'bad'");
    expect(b.router.plugins.residue()).toEqual([]);
  });

  it('rejects in setup, and throws what is no error', async () => {
    await load(definePlugin({ id: 'bad.rejects', async setup() { throw 'a string'; } }));
    expect(state('bad.rejects')).toBe('failed: setup: a string');
  });

  it('never resolves in setup', async () => {
    await load(definePlugin({ id: 'bad.hangs', setup: () => new Promise<void>(() => {}) }));
    expect(state('bad.hangs')).toBe('failed: setup: did not finish within 10 s');
    expect(faults('bad.hangs')).toEqual(['bad.hangs | setup | did not finish within 10 s']);
  });

  it.each<Slot>(['ingress.tap', 'prerouting.sanity', 'prerouting.flow', 'input.policy', 'output.policy', 'postrouting.fragment', 'egress.shape', 'egress.tap'])('throws in a stage at %s', async slot => {
    const id = `bad.${slot}`;
    let angry = true;
    await load(definePlugin({ id, setup(ctx) { ctx.stage({ slot, name: `${id}.stage`, process: () => { if (angry) boom(); } }); } }));
    if (slot.startsWith('input') || slot.startsWith('output')) await b.exec('lan1', 'ping -c 1 -W 0.1 192.168.1.1');
    else expect(await pingWorks(b)).toBe(false);
    expect(count(`${id}.stage: stage failed`)).toBeGreaterThan(0);
    const said = b.log.ring.lines({ level: 'error' }).filter(l => l.msg.includes(id));
    expect(said[0]?.msg).toBe(`${id}: ${id}.stage: boom`);
    expect(said.length).toBeLessThan(50);
    expect(state(id)).toBe('active: ');
    angry = false;
  });

  it('throws in a decider: what it should decide is refused, and the flow goes nowhere', async () => {
    let angry = true;
    await load(definePlugin({ id: 'bad.decider', setup(ctx) { ctx.decide({ slot: 'policy', name: 'bad.decider.policy', order: 1, decide: () => (angry ? boom() : undefined), explain: boom, ended: boom }); } }));
    expect(await pingWorks(b)).toBe(false);
    expect(count('flow: a decider failed')).toBeGreaterThan(0);
    expect(logged()).toContain('bad.decider: bad.decider.policy: boom');
    angry = false;
  });

  it('throws in a listener, in a timer, on a datagram', async () => {
    await load(definePlugin({ id: 'bad.calls', setup(ctx) {
      ctx.on('config/committed', boom);
      ctx.on('config/committed', async () => { await Promise.resolve(); boom(); });
      ctx.events('config/committed').subscribe(boom);
      ctx.clock.after(50, boom);
      ctx.clock.every(20, boom);
      ctx.clock.after(60, () => Promise.reject(new Error('later')));
      ctx.udp.bind({ port: 6543 }, boom);
    } }));
    await b.advance(200);
    b.lab.stacks.get('lan1')!.udp.bind(999, { receive: () => {} }).send({ dst: 0xc0a80101, dport: 6543, data: new Uint8Array(4) });
    await b.verb('config set nat.maxSessionsPerHost 9000');
    expect((await b.verb('config commit')).code).toBe(0);
    await b.advance(200);
    const places = b.router.plugins.faults('bad.calls').map(f => f.place);
    expect(places).toEqual(expect.arrayContaining(['timer after 50 ms', 'timer every 20 ms', 'timer after 60 ms', 'listener config/committed', 'udp 6543']));
    expect(b.router.plugins.faults('bad.calls').find(f => f.place === 'timer every 20 ms')!.count).toBeGreaterThan(5);
    // The same again only counts: the log has it once.
    expect(logged().filter(m => m === 'bad.calls: timer every 20 ms: boom')).toHaveLength(1);
    expect((await b.verb('plugin faults bad.calls')).text).toContain('boom');
  });

  it('throws in a disposer, or never ends there: the rest goes all the same', async () => {
    await load(definePlugin({ id: 'bad.disposer', setup(ctx) {
      ctx.command({ path: 'bad stays', help: 'x', run: () => 'x' });
      ctx.scope.add(boom, 'a file');
      ctx.scope.add(() => new Promise<void>(() => {}), 'a socket');
      ctx.clock.every(10, () => {});
    } }));
    await settle(b.clock, b.router.plugins.unload('bad.disposer'));
    expect((await b.verb('bad stays')).code).toBe(2);
    const said = faults('bad.disposer').join('\n');
    expect(said).toContain('boom');
    expect(said).toContain('a socket was not given back within 5 s');
    expect((await b.verb('plugin residue')).text).toMatch(/a socket/);
    expect(b.router.plugins.residue().map(h => h.label).sort()).toEqual(['a file', 'a socket']);
  });

  it('throws in a verb, a completer, a panel', async () => {
    await load(definePlugin({ id: 'bad.faces', setup(ctx) {
      ctx.command({ path: 'bad verb', help: 'x', args: { word: { schema: z.string(), help: 'x', complete: boom } }, run: boom });
      ctx.command({ path: 'bad refuses', help: 'x', run: () => { throw new CliError('not today'); } });
      ctx.command({ path: 'bad draws', help: 'x', run: () => ({ columns: ['a'], rows: null }) as never });
      ctx.panel({ path: 'bad/panel', title: 'x', view: boom, actions: { go: boom } });
    } }));
    expect(await b.verb('bad verb x')).toEqual({ code: 1, text: "the verb 'bad verb' of plugin bad.faces failed: boom" });
    expect(await b.verb('bad refuses')).toEqual({ code: 1, text: 'not today' });
    expect((await b.verb('bad draws')).code).toBe(1);
    const ends: string[] = [];
    const open = () => b.router.panels.open('bad/panel', () => {}, why => ends.push(why));
    try { void open().dispose(); } catch (error) { ends.push(String(error)); }
    expect(ends.join()).toMatch(/bad\/panel.*bad\.faces.*boom|boom/);
    await expect(settle(b.clock, Promise.resolve().then(() => b.router.panels.act('bad/panel', 'go', {})))).rejects.toThrow(/bad\.faces|boom/);
  });

  it('leaks a timer past its end: a timer of ctx ends with it, whatever it did', async () => {
    let ticks = 0;
    await load(definePlugin({ id: 'bad.leaks', setup(ctx) {
      const again = () => { ticks++; ctx.clock.after(10, again); };
      again();
      ctx.scope.add(() => { ctx.clock.every(1, () => { ticks++; }); }, 'arms a timer while it ends');
    } }));
    await b.advance(100);
    expect(ticks).toBeGreaterThan(5);
    await settle(b.clock, b.router.plugins.unload('bad.leaks'));
    const then = ticks;
    await b.advance(1000);
    expect(ticks).toBe(then);
    expect(b.router.plugins.residue().filter(h => h.owner === 'bad.leaks').every(h => h.label.startsWith('arms a timer'))).toBe(true);
  });

  it('needs what nobody provides, then gets it', async () => {
    const T = token<{ n: number }>('test.missing');
    await load(definePlugin({ id: 'bad.needs', needs: { t: T }, setup(ctx) { ctx.command({ path: 'needs says', help: 'x', run: () => String(ctx.use.t.n) }); } }));
    expect(state('bad.needs')).toBe('waiting: waits for test.missing, which no loaded plugin provides');
    expect(faults('bad.needs')[0]).toContain('needs');
    await load(definePlugin({ id: 'good.provides', provides: [T], setup(ctx) { ctx.provide(T, { n: 5 }); } }));
    expect((await b.verb('needs says')).text).toContain('5');
  });

  it('forms a cycle', async () => {
    const A = token<number>('test.a');
    const B = token<number>('test.b');
    await load(
      definePlugin({ id: 'bad.a', needs: { b: B }, provides: [A], setup(ctx) { ctx.provide(A, 1); } }),
      definePlugin({ id: 'bad.b', needs: { a: A }, provides: [B], setup(ctx) { ctx.provide(B, 1); } }),
    );
    for (const id of ['bad.a', 'bad.b']) {
      expect(state(id)).toMatch(/^waiting: /);
      expect(state(id)).toContain('bad.a');
      expect(state(id)).toContain('bad.b');
    }
  });

  it('has settings that do not parse: it waits for good ones', async () => {
    await load(definePlugin({ id: 'bad.settings', config: z.object({ level: z.number() }), setup() {} }));
    expect(state('bad.settings')).toMatch(/^failed: settings: .*level/);
    expect(faults('bad.settings')[0]).toMatch(/bad\.settings \| settings \| .*level/);
    expect((await b.verb('config set bad.settings.level many')).text).toContain('bad.settings.level');
  });

  it('takes what is taken, or what there is not', async () => {
    const tries: Record<string, AnyPlugin> = {
      'bad.verb': definePlugin({ id: 'bad.verb', setup(ctx) { ctx.command({ path: 'ip nat session', help: 'x', run: () => 'x' }); } }),
      'bad.panel': definePlugin({ id: 'bad.panel', setup(ctx) { ctx.panel({ path: 'network/lan', title: 'x', view: () => ({ kind: 'log', lines: [] }) }); } }),
      'bad.slot': definePlugin({ id: 'bad.slot', setup(ctx) { ctx.stage({ slot: 'forward.nowhere' as Slot, name: 'x', process() {} }); } }),
      'bad.port': definePlugin({ id: 'bad.port', setup(ctx) { ctx.udp.bind({ port: 67 }, () => {}); } }),
      'bad.marks': definePlugin({ id: 'bad.marks', setup(ctx) { for (let i = 0; i < 99; i++) ctx.mark(`m${i}`); } }),
    };
    await load(...Object.values(tries));
    expect(state('bad.verb')).toMatch(/failed: setup: the verb 'ip nat session' \(plugin bad\.verb\) exists already: it belongs to nat/);
    expect(state('bad.panel')).toMatch(/failed: setup: the panel 'network\/lan' \(plugin bad\.panel\) exists already: it belongs to lan/);
    expect(state('bad.slot')).toMatch(/failed: setup: bad\.slot: there is no slot "forward\.nowhere"; slots are ingress\.tap/);
    expect(state('bad.port')).toMatch(/failed: setup: UDP port 67 is in use by/);
    expect(state('bad.marks')).toMatch(/failed: setup: no packet mark is left/);
    expect(b.router.plugins.residue().map(h => h.owner)).not.toContain('bad.marks');
  });
});
