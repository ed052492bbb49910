import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Part } from '../../kernel/cli/draw.ts';
import { Gate, type Key } from '../../kernel/console/auth.ts';
import { ConsoleClient } from '../../kernel/console/client.ts';
import type { Answer } from '../../kernel/console/protocol.ts';
import { type Console, startConsole } from '../../kernel/console/server.ts';
import { connectWebSocket } from '../../kernel/console/websocket.ts';
import type { LogLine } from '../../kernel/log.ts';
import type { TraceRecord } from '../../kernel/packet/tracer.ts';
import type { ShownZone, View } from '../../sdk/index.ts';
import { type Bed, bed, settle } from './bed.ts';
import { from, pingWorks, send, udpPacket } from './frames.ts';

const admin: Key = { name: 'admin', token: 'a'.repeat(32), access: 'write' };
const viewer: Key = { name: 'viewer', token: 'v'.repeat(32), access: 'read' };

interface Captured { readonly link: string; readonly direction: string; readonly octets: number; readonly says: string; readonly bytes: string }

/** A router in virtual time behind a WebSocket in real time: the test turns the event loop until both have done their part. */
describe('the live console of a router', () => {
  let b: Bed;
  let server: Console;
  let client: ConsoleClient;
  beforeEach(async () => {
    b = await bed();
    server = await startConsole({ services: b.router.services(new Gate([admin, viewer], b.clock)), listen: { host: '127.0.0.1', port: 0 } });
    client = await open(admin);
    await b.advance(3000);
  });
  afterEach(async () => {
    client.close();
    await settle(b.clock, server.close(), 600_000);
    await b.stop();
  });

  const address = () => `${server.url!.replace('http', 'ws')}ws`;
  const open = async (key: Key) => ConsoleClient.open(await connectWebSocket(address()), key.token);
  /** Turns the event loop until it holds; sockets need that, virtual time does not. */
  const until = async (holds: () => boolean) => { for (let i = 0; i < 100_000 && !holds(); i++) await new Promise<void>(r => { setImmediate(r); }); expect(holds()).toBe(true); };
  async function subscribe<T>(stream: string, filter: Record<string, unknown> = {}, over = client) {
    const got = { items: [] as T[], missed: 0, closed: undefined as string | undefined, stop: () => {} };
    got.stop = await over.subscribe(stream, filter, { onItems: (items, missed) => { got.items.push(...items as T[]); got.missed += missed; }, onClosed: why => { got.closed = why; } });
    return got;
  }

  it('greets, and lists its streams', () => {
    expect(client.welcome).toMatchObject({ author: 'ws admin', access: 'write', version: 'test' });
    expect(client.welcome!.streams).toEqual(expect.arrayContaining(['capture', 'events', 'flows', 'log', 'metrics', 'panels']));
  });

  it('runs verbs, with output as it comes', async () => {
    const parts: Part[] = [];
    const running = client.start('ping 203.0.113.10', p => parts.push(p));
    let code: number | undefined;
    void running.done.then(o => { code = o.code; });
    await until(() => { b.clock.advance(10); return code !== undefined; });
    expect(code).toBe(0);
    expect(parts.length).toBeGreaterThan(1);
    const endless = client.start('log follow', () => {});
    await client.help('');
    endless.cancel();
    expect((await endless.done).code).toBe(130);
    expect((await client.complete('ip nat s', 8)).candidates.map(c => c.word)).toEqual(['server', 'service', 'session', 'status']);
    expect((await client.complete('trace packet tcp direction ', 27)).candidates.map(c => c.word)).toEqual(['in', 'out']);
    expect((await client.complete('trace packet link wa', 20)).candidates.map(c => c.word)).toEqual(['wan']);
  });

  it('streams events: all, or of one topic', async () => {
    const all = await subscribe<{ topic: string }>('events');
    const links = await subscribe<{ topic: string; event: { name: string } }>('events', { topic: 'link' });
    b.lab.sockets.get('port2')!.setUp(false);
    expect((await client.start('ip nat session 123', () => {}).done).code).toBe(0);
    await until(() => all.items.some(i => i.topic === 'config/committed') && links.items.length > 0);
    expect(new Set(links.items.map(i => i.topic))).toEqual(new Set(['link/down']));
    expect(links.items[0]!.event.name).toBe('port2');
  });

  it('tells those who ask what happened before they came', async () => {
    const earlier = await subscribe<{ topic: string; at: number }>('events', { topic: 'link', backlog: 50 });
    await until(() => earlier.items.length > 0);
    expect(earlier.items[0]).toMatchObject({ topic: 'link/up', event: { name: expect.any(String) } });
    const all = await subscribe('events', { backlog: 3 });
    await until(() => all.items.length > 0);
    expect(all.items).toHaveLength(3);
  });

  it('streams who is around the router, with the traffic on every line', async () => {
    const around = await subscribe<ShownZone[]>('neighbourhood');
    await pingWorks(b);
    await until(() => around.items.length >= 1);
    const seen = around.items.length;
    b.clock.advance(1000);
    await until(() => around.items.length > seen);
    const [lan, wan] = ['LAN', 'WAN'].map(zone => around.items.at(-1)!.find(z => z.zone === zone));
    expect(lan).toMatchObject({ side: 'inside', page: 'network/lan', detail: '192.168.1.0/24' });
    expect(lan!.nodes).toContainEqual(expect.objectContaining({ kind: 'host', label: 'lan1', detail: '192.168.1.33', state: 'ok', link: 'port1' }));
    expect(lan!.nodes.map(n => n.id).filter(mac => mac.startsWith('ff'))).toEqual([]);
    expect(lan!.nodes.find(n => n.label === 'lan1')!.rates.in).toBeGreaterThan(0);
    expect(wan).toMatchObject({ side: 'outside', nodes: [{ kind: 'uplink', id: 'wan', state: 'ok', link: 'wan' }] });
    expect(wan!.rates.out).toBeGreaterThan(0);
    b.lab.sockets.get('wan')!.setUp(false);
    b.clock.advance(1000);
    await until(() => around.items.at(-1)!.find(z => z.zone === 'WAN')?.nodes[0]?.state === 'bad');
    await b.router.plugins.unload('lan');
    b.clock.advance(1000);
    await until(() => around.items.at(-1)!.every(z => z.zone !== 'LAN'));
  });

  it('streams what each stage decided about a packet, as data', async () => {
    const traces = await subscribe<TraceRecord>('trace', { filter: 'icmp host 203.0.113.10 direction in link port1', most: 1 });
    await pingWorks(b);
    await until(() => traces.items.length > 0);
    const [trace] = traces.items;
    expect(trace).toMatchObject({ link: 'port1', end: 'sent' });
    expect(trace!.steps).toContainEqual(expect.objectContaining({ slot: 'snat', verdict: 'decide' }));
    expect(trace!.steps).toContainEqual(expect.objectContaining({ slot: 'execute', stage: 'kernel.executor', verdict: 'pass' }));
    await pingWorks(b);
    expect([traces.items.length, traces.closed]).toEqual([1, undefined]);
    const wrong = await subscribe('trace', { filter: 'direction up' });
    await until(() => wrong.closed !== undefined);
    expect(wrong.closed).toBe("direction is in or out, not 'up'");
  });

  it('streams the log, by level and by text', async () => {
    const warnings = await subscribe<LogLine>('log', { level: 'warn' });
    const mine = await subscribe<LogLine>('log', { text: 'needle' });
    b.log.logger('test').info({ n: 1 }, 'a needle in the hay');
    b.log.logger('test').warn({ password: 'hush' }, 'careful');
    await until(() => warnings.items.some(l => l.msg === 'careful') && mine.items.length === 1);
    expect(warnings.items.filter(l => l.level === 'info' || l.level === 'debug')).toEqual([]);
    expect(JSON.stringify(warnings.items)).not.toContain('hush');
  });

  it('streams metrics and flows every second', async () => {
    const metrics = await subscribe<{ at: number; flows: number; links: { name: string }[]; counters: Record<string, number> }>('metrics');
    const flows = await subscribe<{ size: number; flows: { original: { proto: number } }[] }>('flows');
    await pingWorks(b);
    // Only the newest is kept for a reader, so time waits for him here.
    for (let s = 1; s <= 3; s++) { await until(() => metrics.items.length >= s && flows.items.length >= s); b.clock.advance(1000); }
    await until(() => flows.items.some(f => f.flows.some(each => each.original.proto === 1)));
    expect(metrics.items.at(-1)!.links.map(l => l.name)).toContain('wan');
    expect(metrics.items.at(-1)!.at).toBeGreaterThan(metrics.items[0]!.at);
    metrics.stop();
    await until(() => metrics.closed !== undefined);
    const then = metrics.items.length;
    b.clock.advance(5000);
    await client.help('');
    expect(metrics.items).toHaveLength(then);
  });

  it('captures packets, before and after translation, by filter', async () => {
    const stages = () => (['ingress', 'egress'] as const).flatMap(h => b.router.engine.pipelines.order(h).map(s => s.name)).filter(n => n.startsWith('capture')).length;
    const pings = await subscribe<Captured>('capture', { filter: 'icmp host 203.0.113.10', snap: 20 });
    const wanUdp = await subscribe<Captured>('capture', { filter: 'udp link wan port 4444' });
    const out = await subscribe<Captured>('capture', { filter: 'icmp direction out' });
    const none = await subscribe<Captured>('capture', { filter: 'tcp' });
    expect(await pingWorks(b)).toBe(true);
    send(b, 'port1', from(b, 'lan1', udpPacket('192.168.1.33', 4444, '203.0.113.10', 9)));
    send(b, 'port1', from(b, 'lan1', udpPacket('192.168.1.33', 4445, '203.0.113.10', 9)));
    b.clock.advance(10);
    await until(() => pings.items.length >= 4 && wanUdp.items.length >= 1);
    // Others follow: the server says that nobody listens on port 9.
    expect(pings.items.slice(0, 4).map(i => `${i.link} ${i.direction}`)).toEqual(['port1 in', 'wan out', 'wan in', 'port1 out']);
    expect(pings.items[0]!.says).toContain('192.168.1.33');
    expect(pings.items[1]!.says).toContain('198.51.100.2');
    expect(Buffer.from(pings.items[0]!.bytes, 'base64')).toHaveLength(20);
    expect(wanUdp.items.map(i => [i.direction, i.octets])).toEqual([['out', 50]]);
    expect(none.items).toEqual([]);
    expect(new Set(out.items.map(i => i.direction))).toEqual(new Set(['out']));
    expect(stages()).toBeGreaterThanOrEqual(8);
    for (const s of [pings, wanUdp, out, none]) s.stop();
    await until(() => none.closed !== undefined);
    expect(stages()).toBe(0);
    const wrong = await subscribe('capture', { filter: 'hosst 1.2.3.4' });
    await until(() => wrong.closed !== undefined);
    expect(wrong.closed).toMatch(/no part of a packet filter; allowed: host/);
    await expect(subscribe('nothing')).rejects.toThrow('there is no stream');
  });

  it('serves the panels of plugins, and ends them with their plugin', async () => {
    const panels = await subscribe<{ path: string; owner: string }[]>('panels');
    await until(() => panels.items.length > 0);
    expect(panels.items[0]!.map(p => p.path)).toEqual(expect.arrayContaining(['network/lan', 'network/wan', 'advanced/nat/overview']));
    const page = await subscribe<View>('panel:advanced/nat/overview');
    await until(() => page.items.length > 0);
    expect(page.items[0]).toMatchObject({ kind: 'stack', title: 'Overview' });
    await b.router.plugins.unload('nat');
    await until(() => page.closed !== undefined);
    expect(page.closed).toContain('advanced/nat/overview');
  });

  it('lets a viewer look and not touch', async () => {
    const eyes = await open(viewer);
    expect((await eyes.start('flow list', () => {}).done).code).toBe(0);
    expect(await eyes.start('ip nat session 5', () => {}).done).toMatchObject({ code: 2 });
    expect((await subscribe('metrics', {}, eyes)).closed).toBeUndefined();
    eyes.close();
  });

  it('tells a slow reader what it missed, and never waits for it', async () => {
    const slow = new WebSocket(address());
    await new Promise<void>((resolve, reject) => { slow.once('open', resolve); slow.once('error', reject); });
    const answers: Answer[] = [];
    let subscribed = false;
    slow.on('message', data => {
      const answer = JSON.parse(data.toString()) as Answer;
      answers.push(answer);
      // From here on it reads nothing.
      if (answer.type === 'subscribed') { subscribed = true; slow.pause(); }
    });
    slow.send(JSON.stringify({ type: 'hello', token: admin.token }));
    slow.send(JSON.stringify({ type: 'subscribe', id: 1, stream: 'capture', filter: { filter: 'udp', snap: 1500 } }));
    await until(() => subscribed);
    // The next hops are known from here on; no frame waits for them.
    expect(await pingWorks(b)).toBe(true);
    const frame = from(b, 'lan1', udpPacket('192.168.1.33', 5000, '203.0.113.10', 9, new Uint8Array(1400)));
    const wan = b.router.links.byName('wan')!;
    const before = wan.stats.txPackets;
    const FRAMES = 6000;
    for (let i = 0; i < FRAMES; i++) {
      send(b, 'port1', frame);
      if (i % 50 === 49) { b.clock.advance(1); await new Promise<void>(r => { setImmediate(r); }); }
    }
    expect(wan.stats.txPackets - before).toBeGreaterThanOrEqual(FRAMES);
    expect(await pingWorks(b)).toBe(true);
    expect((await client.start('sys version', () => {}).done).code).toBe(0);
    slow.resume();
    const told = () => answers.reduce((n, a) => a.type === 'items' ? n + a.missed + a.items.length : n, 0);
    const missed = () => answers.reduce((n, a) => a.type === 'items' ? n + a.missed : n, 0);
    // Each frame was seen coming in and going out; what the answer to it adds (ICMP) is no UDP.
    await until(() => told() >= FRAMES * 2);
    expect(told()).toBe(FRAMES * 2);
    expect(missed()).toBeGreaterThan(0);
    slow.terminate();
  });
});
