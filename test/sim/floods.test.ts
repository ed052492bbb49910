import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seeded } from '../../sdk/testing/random.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import nat from '../../plugins/nat/plugin.ts';
import { type Bed, bed, settle } from './bed.ts';
import { BROADCAST, errors, ether, from, hostMac, ip, ipOf, listen, pingWorks, send, tcpPacket, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const SERVER = '203.0.113.10';
const WAN = '198.51.100.2';

/** More of one thing than the router has room for: it stays within its bounds, serves the others, and recovers. */
describe('a flood', () => {
  let b: Bed;
  beforeEach(async () => { b = await bed(); await b.advance(5000); });
  afterEach(async () => {
    await b.advance(100_000);
    expect(b.router.engine.pool.available).toBe(b.router.engine.pool.size);
    expect(errors(b)).toEqual([]);
    await b.stop();
  });
  const count = (name: string) => b.router.engine.counters.list().find(c => c.name === name)?.n ?? 0;
  const pour = (n: number, wire: 'port1' | 'wan', frame: (i: number) => Uint8Array) => {
    for (let i = 0; i < n; i++) { send(b, wire, frame(i)); if (i % 200 === 199) b.clock.advance(1); }
    b.clock.advance(10);
  };

  it('of new connections from one host does not lock out another', async () => {
    pour(12_000, 'port1', i => from(b, 'lan1', tcpPacket(LAN1, 1024 + i % 60_000, SERVER, 1 + i % 60_000, tcp.SYN)));
    expect(count('nat: too many sessions of one host')).toBeGreaterThan(1500);
    expect(b.router.engine.flows.size).toBeLessThanOrEqual(10_100);
    expect(await pingWorks(b, 'lan2')).toBe(true);
    await b.advance(300_000);
    expect(b.router.engine.flows.size).toBeLessThan(10);
    expect(await pingWorks(b)).toBe(true);
  });

  it('of new connections that fills the table is counted, and is over when they have aged', async () => {
    const { flows } = b.router.engine;
    await b.verb('ip nat session 65535');
    pour(flows.max + 5000, 'port1', i => from(b, 'lan1', udpPacket(LAN1, 1024 + i % 60_000, SERVER, 1 + i % 60_000)));
    expect(flows.size).toBe(flows.max);
    expect(count('flow: half-open or closed flow gave way to a new one')).toBeGreaterThanOrEqual(5000);
    // What it let go of is not booked any more.
    expect((await b.verb('ip nat status')).text).toMatch(/mappings/);
    await b.advance(400_000);
    expect(flows.size).toBeLessThan(10);
    expect((await b.verb('ip nat status')).text).toMatch(/mappings +[0-5]\n/);
    expect(await pingWorks(b)).toBe(true);
  });

  it('of SYNs to the router and of packets for closed ports is answered within limits', async () => {
    const heard = listen(b, 'inet1');
    pour(5000, 'wan', i => from(b, 'inet1', i % 2 ? tcpPacket('198.51.100.1', 1024 + i, WAN, 22, tcp.SYN) : udpPacket('198.51.100.1', 1024 + i, WAN, 9999)));
    await b.advance(1000);
    expect(heard.length).toBeLessThan(3500);
    expect(await pingWorks(b)).toBe(true);
  });

  it('of DHCP clients that do not exist takes leases and nothing else; junk takes nothing', async () => {
    const random = seeded(5);
    const discover = (i: number): Uint8Array => {
      const card = Uint8Array.of(2, 7, 0, 0, i >> 8, i & 255);
      const message = dhcp.emit({ op: 1, htype: 1, hops: 0, xid: i, secs: 0, broadcast: true, ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: 0, chaddr: card, sname: '', file: '', type: dhcp.DISCOVER, options: {} });
      return ether(BROADCAST, card, 0x0800, udpPacket('0.0.0.0', 68, '255.255.255.255', 67, message));
    };
    pour(1000, 'port1', discover);
    pour(2000, 'port1', i => {
      const d = discover(i).slice();
      for (let n = 0; n < 8; n++) d[42 + Math.floor(random() * (d.length - 42))] = random() * 256;
      return ether(BROADCAST, hostMac('lan1'), 0x0800, udpPacket('0.0.0.0', 68, '255.255.255.255', 67, d.subarray(42, 42 + Math.floor(random() * (d.length - 42)))));
    });
    pour(1000, 'wan', i => from(b, 'inet1', udpPacket('198.51.100.1', 67, WAN, i % 2 ? 68 : 67, Uint8Array.from({ length: i % 400 }, () => random() * 256))));
    await b.advance(10_000);
    expect(Number((await b.verb('ip dhcp lan status')).text.match(/leases +(\d+)/)![1])).toBeLessThanOrEqual(130);
    expect((await b.exec('lan1', 'dhcp')).output).toContain(LAN1);
    expect(await pingWorks(b)).toBe(true);
  });

  it('of DNS questions and forged answers does not fill or poison the cache', async () => {
    const random = seeded(6);
    const junk = () => Uint8Array.from({ length: Math.floor(random() * 300) }, () => random() * 256);
    pour(3000, 'port1', i => from(b, 'lan1', udpPacket(LAN1, 2000 + i, '192.168.1.1', 53, junk())));
    pour(3000, 'wan', i => from(b, 'inet1', udpPacket(SERVER, 53, WAN, 49_152 + i * 5, junk())));
    await b.advance(20_000);
    expect((await b.exec('lan1', 'nslookup inet1')).output).toContain(SERVER);
    expect((await b.verb('ip dns query status')).text).toMatch(/questions under way +0/);
    // Nobody outside is served.
    const heard = listen(b, 'inet1');
    send(b, 'wan', from(b, 'inet1', udpPacket('198.51.100.1', 5353, WAN, 53, new Uint8Array([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1]))));
    await b.advance(1000);
    expect(ipOf(heard).filter(p => p[9] === 17)).toEqual([]);
  });

  it('of packets to addresses where nobody is does not hold up the others', async () => {
    pour(5000, 'wan', i => from(b, 'inet1', udpPacket('198.51.100.1', 1, WAN, i + 1)));
    pour(3000, 'port1', i => from(b, 'lan1', udpPacket(LAN1, 3000, `192.168.2.${40 + i % 200}`, 9)));
    // The places for packets that wait for an address are taken, so the very first may be lost; the address is asked for all the same.
    expect((await b.exec('lan2', `ping -c 3 ${SERVER}`)).output).toMatch(/[23] received/);
    expect((await b.exec('lan2', 'ping -c 3 192.168.2.33')).output).toMatch(/[23] received/);
  });
});

describe('without its guard', () => {
  it('the router forwards nothing new, and no inside address gets out', async () => {
    const b = await bed();
    await b.advance(5000);
    expect(await pingWorks(b)).toBe(true);
    const outside = listen(b, 'inet1');
    const inside = listen(b, 'lan1');
    await settle(b.clock, b.router.plugins.unload('nat'));
    // Wanted, and not able to run.
    await settle(b.clock, b.router.plugins.load({ def: { ...nat, setup: () => { throw new Error('boom'); } } }));
    expect(b.router.plugins.info('nat')!.state).toBe('failed');
    expect(await pingWorks(b)).toBe(false);
    outside.length = inside.length = 0;
    for (let i = 0; i < 50; i++) {
      send(b, 'port1', from(b, 'lan1', udpPacket(LAN1, 4000 + i, SERVER, 9)));
      send(b, 'wan', from(b, 'inet1', udpPacket(SERVER, 9, LAN1, 4000 + i)));
    }
    await b.advance(1000);
    expect(ipOf(outside).filter(p => ipv4.src(p, 0) >>> 16 === ip('192.168.0.0') >>> 16)).toEqual([]);
    expect(ipOf(inside).filter(p => ipv4.src(p, 0) === ip(SERVER))).toEqual([]);
    expect(b.router.engine.counters.list().find(c => c.name === 'flow: closed, a guarding plugin is down')!.n).toBeGreaterThanOrEqual(100);
    await settle(b.clock, b.router.plugins.unload('nat'));
    await settle(b.clock, b.router.plugins.load({ def: nat }));
    expect(await pingWorks(b)).toBe(true);
    await b.stop();
  });
});
