import { afterEach, describe, expect, it } from 'vitest';
import { CardSourcesToken } from '../../plugins/cellular-cards/contract.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import failover from '../../plugins/failover/plugin.ts';
import { settings } from '../../plugins/failover/settings.ts';
import { CardsToken, definePlugin } from '../../sdk/index.ts';
import { type Harness, harness, read, udpFrame } from '../../sdk/testing/index.ts';
import { sane, seeded, SmallModem, smallSpec, TestSource } from '../unit/cellular-cards/modem/small-modem.ts';

const LAN_BITS = 0xc0a8_0100;
const CELL = '10.64.64.1';
const STRANGER = '198.51.100.200';
const forward = { uplink: 'cellular', protocol: 'udp', start: 8000, end: 8000, server: '192.168.1.33' };
const datagram = (src: string, sport: number, dst: string, dport: number): Uint8Array => udpFrame({ src, sport, dst, dport, data: 'x' }).slice(14);

/**
 *     hosts of the LAN ── port1 ── router ──┬── wan 203.0.113.2
 *                                           └── a small modem, 10.64.64.1, nailed up
 */
describe('load balancing', () => {
  let h: Harness;
  let modem: SmallModem;
  const source = new TestSource();
  const cards = definePlugin({ id: 'test.cards', setup(ctx) { ctx.contribute(CardsToken, smallSpec); ctx.contribute(CardSourcesToken, source); } });

  const start = async (balance: Record<string, unknown>, more: Record<string, unknown> = {}, cellular: Record<string, unknown> = {}, nat: Record<string, unknown> = {}) => {
    h = await harness([core, failover], { with: [cards], settings: {
      nat, 'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: true, ...cellular }, failover: { mode: 'active/active', balance: { stickiness: 'off', ...balance }, ...more },
    } });
    modem = new SmallModem(h.clock, sane());
    source.insert(modem);
    await h.advance(20_000);
    clear();
  };
  const clear = () => { h.wires.wan.sent.length = 0; modem.packets.length = 0; };
  /** A packet of a session from a host of the LAN. */
  const send = (sport: number, o: { host?: number; dst?: string; size?: number } = {}) =>
    h.wires.port1.send(udpFrame({ src: `192.168.1.${o.host ?? 33}`, sport, dst: o.dst ?? '198.51.100.7', dport: 7000, data: 'x'.repeat(o.size ?? 1) }));
  const byWan = () => h.wires.wan.sent.map(f => read(f)).filter(f => f.dport === 7000).length;
  const byCell = () => modem.packets.length;
  const algorithm = (name: string) => h.configure({ balance: settings.parse({ balance: { stickiness: 'off', algorithm: name } }).balance }, 'failover');
  /** The uplink of every session, by its host and port. */
  const ways = () => new Map(h.router.engine.flows.list(f => f.original.dport === 7000).map(f => [`${f.original.src - LAN_BITS}:${f.original.sport}`, h.router.links.byId(f.outLink)!.name]));

  afterEach(async () => {
    source.pullAll();
    await h.advance(2000);
    await h.close();
  });

  it.each([[3, 1], [1, 1], [1, 4]])('weighted round robin keeps to %i : %i over 1000 sessions of a seeded run', async (wan, cellular) => {
    await start({ wan: { ratio: wan }, cellular: { ratio: cellular } });
    const random = seeded(11);
    for (let i = 0; i < 1000; i++) send(10_000 + i, { host: 20 + Math.floor(random() * 100), dst: `198.51.100.${1 + Math.floor(random() * 200)}` });
    await h.advance(100);
    expect(byWan() + byCell()).toBe(1000);
    expect(Math.abs(byWan() - 1000 * wan / (wan + cellular))).toBeLessThanOrEqual(2);
    const rows = (await h.table('wan balance status')).rows;
    expect(rows.map(r => [r[0], r[1], r[2]])).toEqual([['wan', 'yes', wan], ['cellular', 'yes', cellular]]);
    expect((await h.table('wan balance sessions')).rows).toEqual([['wan', byWan()], ['cellular', byCell()]]);
  });

  it('shares out whole hosts within statistical bounds when they stick', async () => {
    await start({ stickiness: 'host' });
    const random = seeded(5);
    for (let i = 0; i < 2000; i++) send(10_000 + i, { host: 20 + Math.floor(random() * 200), dst: `198.51.100.${1 + Math.floor(random() * 200)}` });
    await h.advance(100);
    const share = byWan() / (byWan() + byCell());
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
    const hosts = new Map<string, Set<string>>();
    for (const [session, way] of ways()) hosts.set(session.split(':')[0]!, (hosts.get(session.split(':')[0]!) ?? new Set()).add(way));
    expect([...hosts.values()].every(set => set.size === 1)).toBe(true);
  });

  it('keeps a session on its uplink for life, whatever changes meanwhile', async () => {
    await start({});
    for (let i = 0; i < 40; i++) send(5000 + i);
    const before = ways();
    expect([...before.values()].filter(w => w === 'cellular').length).toBe(20);
    const random = seeded(3);
    for (let round = 0; round < 30; round++) {
      h.router.engine.flows.bumpEpoch('a test');
      if (round === 10) await algorithm('least load first');
      if (round === 20) await algorithm('spillover');
      for (let i = 0; i < 40; i++) if (random() < 0.7) send(5000 + i);
      await h.advance(1000);
      for (const [session, way] of ways()) expect([session, way]).toEqual([session, before.get(session)]);
    }
    expect(ways().size).toBe(40);
  });

  it('has all sessions of a host with one server come from one address: a bank would end the login', async () => {
    await start({ stickiness: 'server', timeout: 60 });
    for (let i = 0; i < 10; i++) for (const dst of ['198.51.100.7', '198.51.100.8']) send(5000 + i, { dst });
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([10, 10]);
    expect(new Set(h.wires.wan.sent.map(f => read(f)).filter(f => f.dport === 7000).map(f => f.dst)).size).toBe(1);
    await h.advance(61_000);
    clear();
    // Nobody is bound for ever: the next one in turn is the other.
    send(6000, { dst: '198.51.100.9' });
    send(6001, { dst: '198.51.100.7' });
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([1, 1]);
  });

  it('has some hosts and ports always go by one uplink, as long as that does', async () => {
    await start({ fixed: [{ hosts: '192.168.1.40', uplink: 'cellular' }, { port: 7000, hosts: '192.168.1.48/28', uplink: 'wan' }, { hosts: '192.168.1.48/28', port: 9, uplink: 'cellular' }] });
    for (let i = 0; i < 10; i++) send(5000 + i, { host: 40 });
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([0, 10]);
    for (let i = 0; i < 10; i++) send(5000 + i, { host: 50 + i });
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([10, 10]);
    for (let i = 0; i < 10; i++) send(5000 + i, { host: 70 + i });
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([15, 15]);
    modem.world.dial = 'BUSY';
    modem.drop();
    await h.advance(3000);
    clear();
    for (let i = 0; i < 10; i++) send(6000 + i, { host: 40 });
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([10, 0]);
    await expect(h.configure({ balance: { ...settings.parse({}).balance, fixed: [{ hosts: '192.168.1.0/33', port: 0, uplink: 'wan' }] } }, 'failover')).rejects.toThrow('must be empty, an address');
  });

  it('spills over when the primary is full, and comes back', async () => {
    await start({ algorithm: 'spillover', frame: 10, wan: { limit: 100 } });
    for (let i = 0; i < 10; i++) send(5000 + i);
    expect(byWan()).toBe(10);
    // 200 kbit/s over an old session.
    for (let s = 0; s < 15; s++) {
      for (let i = 0; i < 25; i++) send(5000, { size: 1000 });
      await h.advance(1000);
    }
    clear();
    for (let i = 0; i < 10; i++) send(5100 + i);
    send(5000);
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([1, 10]);
    await h.advance(15_000);
    clear();
    for (let i = 0; i < 10; i++) send(5200 + i);
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([10, 0]);
  });

  it('gives new sessions to the uplink with the least load', async () => {
    await start({ algorithm: 'least load first', direction: 'outbound', frame: 10, wan: { outbound: 1000 }, cellular: { outbound: 1000 } });
    send(5000);
    send(5001);
    expect(new Set(ways().values())).toEqual(new Set(['wan', 'cellular']));
    const busy = [...ways()].find(([, way]) => way === 'wan')![0].split(':')[1]!;
    for (let s = 0; s < 12; s++) {
      for (let i = 0; i < 25; i++) send(Number(busy), { size: 1000 });
      await h.advance(1000);
    }
    clear();
    for (let i = 0; i < 10; i++) send(5100 + i);
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([0, 10]);
    expect((await h.table('wan balance status')).rows[0]!.join(' ')).toMatch(/^wan yes 1 none 0 2\d\d 2\d% /);
  });

  it('leaves out an uplink that went down, takes its sessions along, and leaves them where they are when it is back', async () => {
    await start({});
    for (let i = 0; i < 20; i++) send(5000 + i);
    await h.advance(100);
    const before = ways();
    h.wires.wan.setUp(false);
    await h.advance(1000);
    clear();
    for (let i = 0; i < 40; i++) send(5000 + i);
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([0, 40]);
    expect((await h.table('wan failover status')).rows.map(r => [r[0], r[4]])).toEqual([['wan', ''], ['cellular', 'yes']]);
    h.wires.wan.setUp(true);
    await h.advance(5000);
    for (let i = 0; i < 40; i++) send(5000 + i);
    await h.advance(100);
    expect(new Set(ways().values())).toEqual(new Set(['cellular']));
    expect([...before.values()].filter(w => w === 'wan').length).toBe(10);
    clear();
    for (let i = 0; i < 10; i++) send(6000 + i);
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([5, 5]);
  });

  it('cuts the sessions of an uplink that went down at once when they are to be cut, and no others', async () => {
    await start({}, { sessions: 'hard' });
    for (let i = 0; i < 20; i++) send(5000 + i);
    await h.advance(100);
    h.wires.wan.setUp(false);
    await h.advance(1000);
    expect([...ways().values()]).toEqual(new Array(10).fill('cellular'));
    h.wires.wan.setUp(true);
    await h.advance(5000);
    // All uplinks are equal: nothing falls back.
    expect([...ways().values()]).toEqual(new Array(10).fill('cellular'));
  });

  it('leaves out an uplink that does not answer, and ends what ran over it', async () => {
    await start({}, { wan: { active: true } });
    for (let i = 0; i < 20; i++) send(5000 + i);
    await h.advance(40_000);
    expect((await h.table('wan balance status')).rows.map(r => [r[0], r[1]])).toEqual([['wan', 'no'], ['cellular', 'yes']]);
    expect(new Set(ways().values())).toEqual(new Set(['cellular']));
    clear();
    for (let i = 0; i < 10; i++) send(6000 + i);
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([0, 10]);
  });

  it('calls up an uplink that dials on demand; with spillover only when the primary is full', async () => {
    const phase = async () => String((await h.table('wan failover status')).rows[1]![2]);
    await start({ algorithm: 'spillover', frame: 10, wan: { limit: 100 } }, {}, { nailedUp: false, idleTimeout: 30 });
    expect(await phase()).toBe('down');
    for (let s = 0; s < 30; s++) {
      for (let i = 0; i < 25; i++) send(5000, { size: 1000 });
      await h.advance(1000);
    }
    expect(await phase()).toBe('up');
    await h.advance(90_000);
    expect(await phase()).toBe('down');
    await algorithm('weighted round robin');
    await h.advance(20_000);
    expect(await phase()).toBe('up');
  });

  it('leaves alone what does not go out by the default route, and the router itself', async () => {
    await start({ wan: { ratio: 0 } });
    send(5000);
    send(5001, { dst: '203.0.113.77' });
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([1, 1]);
    clear();
    // With the router's own address as sender nobody gets anywhere.
    h.wires.port1.send(udpFrame({ src: '192.168.1.1', sport: 1, dst: '198.51.100.7', dport: 7000, data: 'x' }));
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 1, dst: '224.0.0.99', dport: 7000, data: 'x' }));
    await h.advance(100);
    expect([byWan(), byCell()]).toEqual([0, 0]);
  });

  it.each(['active/active', 'active/passive'])('%s: answers leave by the uplink that brought the question: they went by the default route', async mode => {
    await start({}, { mode }, {}, { portForwarding: [forward] });
    modem.send(echo(STRANGER, CELL));
    modem.send(datagram(STRANGER, 4000, CELL, 8000));
    await h.advance(100);
    expect(h.wires.port1.sent.map(f => read(f)).filter(f => f.dport === 8000).map(f => f.dst)).toEqual(['192.168.1.33']);
    h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 8000, dst: STRANGER, dport: 4000, data: 'here' }));
    await h.advance(100);
    expect(modem.packets.map(p => [p[9], p[12], p[16]])).toEqual([[1, 10, 198], [17, 10, 198]]);
    expect(h.wires.wan.sent.map(f => read(f)).filter(f => f.dst === STRANGER).length).toBe(0);
  });
});

/** An ICMP echo request as the network sends it. */
function echo(src: string, dst: string): Uint8Array {
  const p = datagram(src, 0, dst, 0).slice(0, 28);
  p[3] = 28;
  p[9] = 1;
  p[10] = p[11] = 0;
  const sum = (from: number, to: number): number => { let s = 0; for (let i = from; i < to; i += 2) s += p[i]! << 8 | p[i + 1]!; s = (s & 0xffff) + (s >>> 16); return ~(s + (s >>> 16)) & 0xffff; };
  const ip = sum(0, 20);
  p[10] = ip >> 8; p[11] = ip & 255;
  p.set([8, 0, 0, 0, 0x12, 0x34, 0, 1], 20);
  const icmp = sum(20, 28);
  p[22] = icmp >> 8; p[23] = icmp & 255;
  return p;
}
