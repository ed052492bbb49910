import { describe, expect, it } from 'vitest';
import { type AnyPlugin, definePlugin, token, z } from '../../../sdk/index.ts';
import { arpFrame, echoFrame, type Harness, harness, tcpFrame, udpFrame } from '../../../sdk/testing/index.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';

const quiet = definePlugin({ id: 'quiet', setup() {} });
const GreetingToken = token<{ say(): string }>('test.greeting');

/** One of everything that a plugin can take, in good order. */
const busy = definePlugin({
  id: 'busy',
  config: z.object({ word: z.string().min(2).default('hello') }),
  state: z.object({ seen: z.number() }),
  provides: [GreetingToken],
  setup(ctx) {
    let seen = ctx.previous?.seen ?? 0;
    let { word } = ctx.config;
    const dropped = ctx.counter('busy: port 9');
    ctx.stage({ slot: 'ingress.tap', name: 'busy.tap', process(batch) {
      for (let i = 0; i < batch.n; i++) {
        seen++;
        const p = batch.at(i);
        if (p.buf[p.off + 37] === 9) batch.drop(p, dropped);
      }
    } });
    ctx.decide({ slot: 'policy', name: 'busy.policy', decide: f => (f.dport === 666 ? { drop: dropped, reject: 13 } : undefined) });
    ctx.on('link/down', () => { word = 'alone'; });
    ctx.clock.every(1000, () => { seen += 1000; });
    const echo = ctx.udp.bind({ port: 7 }, d => echo.send(d.data, { dst: d.src, dport: d.sport }));
    ctx.command({ path: 'busy show', help: 'shows', access: 'read', run: () => ({ facts: { word, seen } }) });
    ctx.command({ path: 'busy wait', help: 'waits', run: async (_args, io) => {
      io.write('a moment');
      await new Promise<void>(resolve => { ctx.clock.after(5000, resolve); });
      return 'done';
    } });
    ctx.panel({ path: 'test/busy', title: 'Busy', view: () => ({ kind: 'facts', facts: { facts: { word } } }), actions: { shout: () => { word = word.toUpperCase(); } } });
    ctx.provide(GreetingToken, { say: () => word });
    return { save: () => ({ seen }), reconfigure: next => { word = next.word; } };
  },
});

describe('a harness', () => {
  it('forwards between its wires, translating addresses, and answers ARP for the hosts on them', async () => {
    const h = await harness(quiet);
    const { port1, wan } = h.wires;
    expect(port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 53, data: 'q' }))).toBe(true);
    expect(wan.packets).toMatchObject([{ src: '203.0.113.2', dst: '198.51.100.7', dport: 53, ttl: 63, checksumsOk: true, dstMac: '02:00:cb:00:71:01' }]);
    wan.send(udpFrame({ src: '198.51.100.7', sport: 53, dst: '203.0.113.2', dport: wan.packets[0]!.sport!, data: 'a' }));
    expect(port1.packets).toMatchObject([{ src: '198.51.100.7', dst: '192.168.1.33', dport: 5000, checksumsOk: true, dstMac: '02:00:c0:a8:01:21' }]);
    port1.send(tcpFrame({ src: '192.168.1.33', sport: 5001, dst: '198.51.100.7', dport: 80 }));
    expect(wan.packets.at(-1)).toMatchObject({ flags: tcp.SYN, dport: 80, checksumsOk: true });
    await h.close();
  });

  it('is a router that hosts can ask', async () => {
    const h = await harness(quiet, { links: ['port1', 'port2', 'wan'] });
    h.wires.port2.send(echoFrame({ src: '192.168.1.40', dst: '192.168.1.1', echoId: 9 }));
    expect(h.wires.port2.packets).toMatchObject([{ src: '192.168.1.1', dst: '192.168.1.40', type: 0, checksumsOk: true }]);
    h.wires.port2.send(arpFrame({ sha: '02:00:00:00:00:40', spa: '192.168.1.40', tpa: '192.168.1.1' }));
    expect(h.wires.port2.lines.at(-1)).toContain('192.168.1.1 is-at');
    h.wires.wan.answersArp = false;
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 1, dst: '198.51.100.7', dport: 2 }));
    expect(h.wires.wan.lines).toMatchObject([expect.stringContaining('203.0.113.1')]);
    await h.close();
  });

  it('runs verbs, commits settings, presses buttons, reloads, and says what happened', async () => {
    const h = await harness(busy, { settings: { busy: { word: 'hi' } } });
    expect(await h.run('busy show')).toEqual({ facts: { word: 'hi', seen: 0 } });
    expect(await h.cli('busy show')).toContain('hi');
    expect(await h.run('busy wait')).toEqual(['a moment', 'done']);
    await expect(h.run('busy nonsense')).rejects.toThrow('unknown word');
    await h.configure({ word: 'hello' });
    await expect(h.configure({ word: 'x' })).rejects.toThrow('word');
    expect(h.service(GreetingToken)?.say()).toBe('hello');
    await h.act('test/busy', 'shout');
    expect(h.panel('test/busy')).toEqual({ kind: 'facts', facts: { facts: { word: 'HELLO' } } });
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 1, dst: '192.168.1.1', dport: 9 }));
    expect(h.counter('busy: port 9')).toBe(1);
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 1, dst: '192.168.1.1', dport: 7, data: 'echo' }));
    expect(h.wires.port1.packets).toMatchObject([{ sport: 7, dport: 1, data: new TextEncoder().encode('echo') }]);
    await h.advance(2000);
    await h.reload();
    // Two ticks more, both frames, and the answer to the router's ARP request.
    expect(await h.run('busy show')).toMatchObject({ facts: { seen: 5000 + 2000 + 3 } });
    h.wires.wan.setUp(false);
    expect(await h.run('busy show')).toMatchObject({ facts: { word: 'alone' } });
    expect(h.events).toContainEqual({ topic: 'link/down', event: { link: expect.any(Number), name: 'wan', why: 'no carrier' } });
    await h.unload();
    expect(h.state('busy')).toBe('gone');
    await h.load(busy);
    await h.close();
  });

  it('gives a plugin what it needs, and rejects when it does not start', async () => {
    const user = definePlugin({ id: 'user', needs: { greeting: GreetingToken }, setup(ctx) {
      ctx.command({ path: 'user say', help: 'says', run: () => ctx.use.greeting.say() });
    } });
    const stand = definePlugin({ id: 'stand-in', provides: [GreetingToken], setup: ctx => { ctx.provide(GreetingToken, { say: () => 'moin' }); } });
    const h = await harness(user, { with: [stand], routes: false });
    expect(await h.run('user say')).toBe('moin');
    await h.close();
    await expect(harness(user)).rejects.toThrow('user is waiting: waits for test.greeting, which no loaded plugin provides');
    await expect(harness(definePlugin({ id: 'bad', setup() { throw new Error('no luck'); } }))).rejects.toThrow('bad is failed: setup: no luck');
  });
});

describe('closing a harness', () => {
  const failing = async (def: AnyPlugin, act: (h: Harness) => unknown = () => {}): Promise<string> => {
    const h = await harness(def);
    await act(h);
    return h.close().then(() => 'ended well', (error: Error) => error.message);
  };

  it('names an interval that goes on', async () => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const said = await failing(definePlugin({ id: 'leaky', setup() { timer = setInterval(() => {}, 5000); } }));
    clearInterval(timer);
    expect(said).toMatch(/left behind: timers: setInterval every 5000 ms, started at .*harness\.test\.ts/);
  });

  it('names packets that were taken and kept', async () => {
    expect(await failing(definePlugin({ id: 'leaky', setup(ctx) { ctx.packets.take(); } }))).toContain('left behind: packets: 1 taken');
  });

  it('names what a disposer would not give back', async () => {
    expect(await failing(definePlugin({ id: 'leaky', setup(ctx) { ctx.scope.add(() => { throw new Error('stuck'); }, 'the tty'); } }))).toContain('left behind: residue: the tty of leaky (stuck)');
  });

  it('names a verb and a counter registered past the context', async () => {
    const said = await failing(definePlugin({ id: 'leaky', setup() {} }), h => {
      h.router.tree.register({ path: 'leaky verb', help: 'stays', run: () => {} }, 'leaky');
      h.router.engine.counters.take('leaky: count');
    });
    expect(said).toContain('left behind: verbs: leaky verb by leaky');
    expect(said).toContain('left behind: counters: leaky: count');
  });

  it('names what was thrown in listeners, timers and stages, unless that is allowed', async () => {
    const thrower = definePlugin({ id: 'thrower', setup(ctx) {
      ctx.clock.after(10, () => { throw new Error('late'); });
      ctx.stage({ slot: 'ingress.tap', name: 'thrower.tap', process() { throw new Error('on the road'); } });
    } });
    const act = async (h: Harness) => {
      await h.advance(20);
      h.wires.port1.send(echoFrame({ src: '192.168.1.33', dst: '192.168.1.1' }));
    };
    const said = await failing(thrower, act);
    expect(said).toContain('threw: thrower: timer after 10 ms: late');
    expect(said).toMatch(/threw: thrower: thrower\.tap: on the road/);
    const h = await harness(thrower, { faultsAllowed: true });
    await act(h);
    expect(h.faults()).toHaveLength(2);
    await h.close();
  });

  it('minds nothing after a plugin that took one of everything, however often it was reloaded', async () => {
    const h = await harness(busy);
    for (let i = 0; i < 10; i++) await h.reload();
    await h.close();
    await h.close();
  });
});
