import { describe, expect, it } from 'vitest';
import { definePlugin, token, z } from '../../../sdk/index.ts';
import { fakeKernel } from './fake-kernel.ts';

const A = token<object>('a.svc');
const B = token<object>('b.svc');
const good = definePlugin({ id: 'good', setup() {} });

describe('bad plugins are named, and the others go on', () => {
  it('throws in setup: what it had claimed is given back', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({
      id: 'bad', provides: [A],
      setup(ctx) {
        ctx.provide(A, {});
        ctx.stage({ slot: 'forward.alg', name: 'bad.stage', process() {} });
        ctx.clock.every(10, () => {});
        throw new Error('no such file');
      },
    }), definePlugin({ id: 'user', needs: { a: A }, setup() {} }), good);
    expect(k.host.info('bad')).toMatchObject({ state: 'failed', why: 'setup: no such file' });
    expect(k.host.info('user')).toMatchObject({ state: 'waiting', why: 'waits for a.svc from bad, which is failed' });
    expect(k.state('good')).toBe('active');
    expect(k.faults('bad')).toEqual(['bad: setup: no such file']);
    expect([k.residue(), k.held, k.clock.next()]).toEqual([[], [], undefined]);
    expect(k.log.ring.lines({ level: 'error' }).map(l => l.msg)).toContain('bad: setup: no such file');
  });

  it('never resolves: the limit runs on the clock, and what it does later has no effect', async () => {
    const k = fakeKernel();
    let late: (() => void) | undefined;
    const loading = k.load(definePlugin({
      id: 'slow',
      setup: ctx => new Promise<void>(() => {
        ctx.stage({ slot: 'forward.alg', name: 'slow.stage', process() {} });
        late = () => { ctx.stage({ slot: 'forward.alg', name: 'slow.late', process() {} }); };
      }),
    }), good);
    await k.settle();
    expect([k.state('slow'), k.state('good')]).toEqual(['starting', 'active']);
    k.clock.advance(10_000);
    await loading;
    expect(k.host.info('slow')).toMatchObject({ state: 'failed', why: 'setup: did not finish within 10 s' });
    expect(() => late?.()).toThrow('slow: stage slow.late: the plugin is unloaded');
    expect(k.held).toEqual([]);
  });

  it('never resolves and is unloaded meanwhile', async () => {
    const k = fakeKernel();
    let aborted = false;
    const withdrawn = definePlugin({
      id: 'slow', needs: { a: A },
      setup: ctx => new Promise<void>(() => { ctx.signal.addEventListener('abort', () => { aborted = true; }); }),
    });
    let withdraw: () => unknown = () => {};
    await k.load(definePlugin({ id: 'provider', setup(ctx) { const held = ctx.provide(A, {}); withdraw = () => held.dispose(); } }));
    const loading = k.load(withdrawn);
    await k.settle();
    await withdraw();
    await loading;
    expect(aborted).toBe(true);
    expect(k.state('slow')).toBe('waiting');
    expect(k.residue()).toEqual([]);
  });

  it('throws in a listener, in a timer, in a subscription to udp; at once or later', async () => {
    const k = fakeKernel();
    const heard: string[] = [];
    await k.load(definePlugin({
      id: 'bad',
      setup(ctx) {
        ctx.on('link/up', () => { throw new Error('oops'); });
        ctx.on('link/up', () => Promise.reject(new Error('later')) as never);
        ctx.clock.every(10, () => { throw new Error('tick'); });
        ctx.clock.after(5, async () => { throw new Error('async'); });
      },
    }), definePlugin({ id: 'good', setup(ctx) { ctx.on('link/up', e => heard.push(e.name)); } }));
    k.bus.emit('link/up', { link: 1, name: 'eth0' });
    k.clock.advance(35);
    await k.settle();
    expect(heard).toEqual(['eth0']);
    expect(k.faults('bad').sort()).toEqual([
      'bad: listener link/up: later', 'bad: listener link/up: oops', 'bad: timer after 5 ms: async', 'bad: timer every 10 ms: tick',
    ]);
    expect(k.host.faults('bad').find(f => f.place === 'timer every 10 ms')?.count).toBe(3);
    expect(k.log.ring.lines({ text: 'tick' })).toHaveLength(1);
    expect(k.state('bad')).toBe('active');
  });

  it('throws, rejects and hangs in disposers: reported by name, kept as residue, the rest goes', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({
      id: 'bad',
      setup(ctx) {
        ctx.stage({ slot: 'forward.alg', name: 'bad.stage', process() {} });
        ctx.scope.add(() => { throw new Error('already closed'); }, 'file');
        ctx.scope.add(() => Promise.reject(new Error('no answer')), 'session');
        ctx.scope.add(() => new Promise<void>(() => {}), 'modem');
        ctx.on('link/up', () => {});
      },
    }), good);
    const unloading = k.host.unload('bad');
    await k.settle();
    k.clock.advance(5000);
    await unloading;
    expect(k.state('bad')).toBe('gone');
    expect(k.faults('bad').sort()).toEqual([
      'bad: disposer: file: already closed', 'bad: disposer: modem: modem was not given back within 5 s', 'bad: disposer: session: no answer',
    ]);
    expect(k.residue().sort()).toEqual(['bad: file', 'bad: modem', 'bad: session']);
    expect(k.held).toEqual([]);
  });

  it('needs what nobody provides', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({ id: 'lonely', needs: { a: A }, setup() {} }), good);
    expect(k.faults()).toEqual(['lonely: needs: waits for a.svc, which no loaded plugin provides']);
    expect([k.state('lonely'), k.state('good')]).toEqual(['waiting', 'active']);
    await k.host.unload('lonely');
  });

  it('forms a circle', async () => {
    const k = fakeKernel();
    await k.load(
      definePlugin({ id: 'a', needs: { b: B }, provides: [A], setup() {} }),
      definePlugin({ id: 'b', needs: { a: A }, provides: [B], setup() {} }), good);
    const sentence = 'a needs b.svc from b, b needs a.svc from a: a circle, none of them can start';
    expect(k.faults()).toEqual([`a: needs: ${sentence}`, `b: needs: ${sentence}`]);
    expect(k.host.info('a')?.why).toBe(sentence);
    await k.host.reload('b', { def: definePlugin({ id: 'b', provides: [B], setup(ctx) { ctx.provide(B, {}); } }) });
    expect(k.state('a')).toBe('active');
  });

  it('promises a service and does not provide it', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({ id: 'a', provides: [A], setup() {} }), definePlugin({ id: 'user', needs: { a: A }, setup() {} }));
    expect(k.host.info('user')?.why).toBe('waits for a.svc from a, which is active but does not provide it');
  });

  it('has settings that do not parse: the fields are named, and repairing them starts it', async () => {
    const k = fakeKernel();
    k.settings.raw['bad'] = { port: 'many', name: 3 };
    const schema = z.object({ port: z.number().default(53), name: z.string().default('x') });
    let port = 0;
    await k.load(definePlugin({ id: 'bad', config: schema, setup(ctx) { port = ctx.config.port; } }), good);
    expect(k.state('bad')).toBe('failed');
    expect(k.host.info('bad')?.why).toMatch(/^settings: port: .*number.*; name: .*string/);
    expect(k.faults('bad')[0]).toMatch(/^bad: settings: port: /);
    k.settings.raw['bad'] = {};
    await k.settings.update('bad', draft => { (draft as { port: number }).port = 5353; });
    expect(k.state('bad')).toBe('active');
    expect(port).toBe(5353);
  });

  it('is no longer loaded when it wants a timer', async () => {
    const k = fakeKernel();
    let again: (() => void) | undefined;
    await k.load(definePlugin({ id: 'x', setup(ctx) { again = () => { ctx.emit('config/committed', { author: '', changed: [] }); ctx.clock.after(1, () => {}); }; } }));
    await k.host.unload('x');
    expect(() => again?.()).toThrow('x: timer after 1 ms: the plugin is unloaded');
    expect(k.clock.next()).toBeUndefined();
  });
});

describe('settings', () => {
  const schema = z.object({ n: z.number().default(1) });

  it('go to reconfigure, and a refusal rolls back', async () => {
    const k = fakeKernel();
    const seen: number[] = [];
    let current = () => 0;
    await k.load(definePlugin({
      id: 'x', config: schema,
      setup(ctx) {
        current = () => ctx.config.n;
        ctx.command({ path: 'set', help: '', run: async () => ctx.commit(draft => { draft.n = 5; }, 'test') });
        return { reconfigure(next) { seen.push(next.n); if (next.n > 9) throw new Error('too many'); } };
      },
    }));
    await k.verbs.get('set')?.run({}, {} as never);
    expect([seen, current(), k.host.info('x')?.generation]).toEqual([[5], 5, 1]);
    await expect(k.settings.update('x', draft => { (draft as { n: number }).n = 10; })).rejects.toThrow('x: reconfigure: too many');
    expect([seen, current()]).toEqual([[5, 10, 5], 5]);
    expect(k.faults('x')).toEqual(['x: reconfigure: too many']);
  });

  it('restart a plugin without reconfigure, with its state; one that fails with them gets the old ones back', async () => {
    const k = fakeKernel();
    const seen: [number, unknown][] = [];
    await k.load(definePlugin({
      id: 'x', config: schema, state: z.number(),
      setup(ctx) {
        seen.push([ctx.config.n, ctx.previous]);
        if (ctx.config.n > 9) throw new Error('too many');
        return { save: () => ctx.config.n };
      },
    }));
    await k.settings.update('x', draft => { (draft as { n: number }).n = 2; });
    await expect(k.settings.update('x', draft => { (draft as { n: number }).n = 10; })).rejects.toThrow('x: setup: too many');
    expect(seen).toEqual([[1, undefined], [2, 1], [10, 2], [2, 2]]);
    expect(k.state('x')).toBe('active');
    expect(k.residue()).toEqual([]);
  });

  it('changed by the setup itself do not wait for its end', async () => {
    const k = fakeKernel();
    const seen: number[] = [];
    await k.load(definePlugin({
      id: 'x', config: schema,
      async setup(ctx) {
        seen.push(ctx.config.n);
        if (ctx.config.n === 1) await ctx.commit(draft => { draft.n = 2; }, 'x');
      },
    }));
    await k.host.settled();
    expect(seen).toEqual([1, 2]);
    expect(k.state('x')).toBe('active');
  });
});
