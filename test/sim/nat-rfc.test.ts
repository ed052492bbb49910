import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { format4 } from '../../sdk/wire/address.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import * as udp from '../../sdk/wire/udp.ts';
import { echo, ip, packet, tcpPacket, udpPacket } from './frames.ts';
import { GATEWAY, LAN1, LAN2, type NatBed, natBed, SERVER, WAN } from '../unit/plugins/nat/rig.ts';

/** Nobody answers from there. */
const QUIET = '203.0.113.77';
const HOUR = 3_600_000;

const world = (settings: object): (() => NatBed) => {
  let n: NatBed;
  beforeAll(async () => { n = await natBed(settings); });
  afterAll(() => n.b.stop());
  beforeEach(async () => {
    await n.b.advance(400_000);
    n.b.router.engine.flows.cutWhere(() => true, 'the next test');
    for (const h of ['lan1', 'lan2'] as const) await n.b.exec(h, 'ping -c 1 192.168.1.1');
    n.clear();
  });
  return () => n;
};

/** An ICMP error that quotes a packet: its header and 8 octets. */
function icmpError(src: string, dst: string, code: number, quoted: Uint8Array): Uint8Array {
  const body = new Uint8Array(8 + 28);
  icmp.setType(body, 0, icmp.TYPE_UNREACHABLE);
  icmp.setCode(body, 0, code);
  body.set(quoted.subarray(0, 28), 8);
  icmp.writeChecksum(body, 0, body.length);
  return packet({ src: ip(src), dst: ip(dst), proto: 1 }, body);
}
const errorsAt = (n: NatBed, host: 'lan1' | 'lan2' | 'inet1') => n.packets(host, 1).filter(p => icmp.type(p, 20) === icmp.TYPE_UNREACHABLE).map(p => {
  expect([icmp.checksumOk(p, 20, p.length), ipv4.checksumOk(p, 0), ipv4.checksumOk(p, 28)]).toEqual([true, true, true]);
  return { from: format4(ipv4.src(p, 0)), to: format4(ipv4.dst(p, 0)), code: icmp.code(p, 20), quoted: `${format4(ipv4.src(p, 28))}:${udp.srcPort(p, 48)} > ${format4(ipv4.dst(p, 28))}:${udp.dstPort(p, 48)}` };
});
/** A UDP datagram in two fragments, in the order they are to be sent in. */
function fragments(src: string, sport: number, dst: string, dport: number, order: readonly [number, number]): Uint8Array[] {
  const whole = udpPacket(src, sport, dst, dport, new Uint8Array(56)).subarray(20);
  const head = { src: ip(src), dst: ip(dst), proto: 17, id: 77 };
  const parts = [packet({ ...head, more: true }, whole.slice(0, 32)), packet({ ...head, offset: 32 }, whole.slice(32))];
  return order.map(i => parts[i]!);
}

describe('RFC 4787', () => {
  const w = world({ portForwarding: [{ protocol: 'udp', start: 6000, server: LAN2 }] });

  it('REQ-3: no two hosts share an outside port, not even towards different servers', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5000, QUIET, 7000));
    n.say('lan2', udpPacket(LAN2, 5000, SERVER, 7001));
    expect(new Set(n.ports('inet1').map(t => t.split(' ')[0])).size).toBe(2);
  });

  it('REQ-5: a UDP mapping lives 2 minutes at least, and longer when it is answered', async () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5001, QUIET, 7000));
    await n.b.advance(118_000);
    n.say('inet1', udpPacket(QUIET, 7000, WAN, 5001));
    expect(n.ports('lan1')).toHaveLength(1);
    await n.b.advance(178_000);
    n.say('inet1', udpPacket(QUIET, 7000, WAN, 5001));
    expect(n.ports('lan1')).toHaveLength(2);
  });

  it('REQ-5: the timeout can be set, and too short a one is warned of', async () => {
    const n = w();
    expect((await n.b.verb('ip nat timeout udp 30')).text).toMatch(/less than the 120 s of RFC 4787 REQ-5/);
    expect((await n.b.verb('ip nat timeout udp')).text.trim()).toBe('30');
    n.say('lan1', udpPacket(LAN1, 5002, QUIET, 7000));
    await n.b.advance(32_000);
    n.say('inet1', udpPacket(QUIET, 7000, WAN, 5002));
    expect(n.ports('lan1')).toEqual([]);
    expect((await n.b.verb('ip nat timeout udp 180')).text).toBe('');
    expect((await n.b.verb('ip nat timeout')).text).toMatch(/tcp +7440[\s\S]*udp +180/);
  });

  it('REQ-6: what goes out keeps the mapping, and so does what comes in', async () => {
    const n = w();
    for (const [host, p] of [['lan1', udpPacket(LAN1, 5003, QUIET, 7000)], ['inet1', udpPacket(QUIET, 7000, WAN, 5003)]] as const) {
      n.say('lan1', udpPacket(LAN1, 5003, QUIET, 7000));
      for (let t = 0; t < 5; t++) { await n.b.advance(100_000); n.say(host, p); }
    }
    n.clear();
    n.say('inet1', udpPacket(QUIET, 7000, WAN, 5003));
    expect(n.ports('lan1')).toHaveLength(1);
  });

  it('REQ-9: a host reaches another one by its outside address and port, and comes from outside itself', () => {
    const n = w();
    n.say('lan2', udpPacket(LAN2, 5004, QUIET, 7000));
    n.say('lan1', udpPacket(LAN1, 5005, WAN, 5004));
    expect(n.ports('lan2')).toEqual([`${WAN}:5005 > ${LAN2}:5004`]);
    n.say('lan2', udpPacket(LAN2, 5004, WAN, 5005));
    expect(n.ports('lan1')).toEqual([`${WAN}:5004 > ${LAN1}:5005`]);
  });

  it('REQ-11: a host whose port was taken is translated like any other: one port for all it talks to', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5006, QUIET, 7000));
    for (const [dst, port] of [[QUIET, 7000], [QUIET, 7001], [SERVER, 7000]] as const) n.say('lan2', udpPacket(LAN2, 5006, dst, port));
    const outside = n.ports('inet1').map(t => t.split(' ')[0]);
    expect(new Set(outside.slice(1)).size).toBe(1);
    expect(outside[1]).not.toBe(outside[0]);
  });

  it('REQ-12: an ICMP error does not end a mapping', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5007, QUIET, 7000));
    n.say('inet1', icmpError(QUIET, WAN, 3, udpPacket(WAN, 5007, QUIET, 7000)));
    expect(errorsAt(n, 'lan1')).toHaveLength(1);
    n.say('inet1', udpPacket(QUIET, 7000, WAN, 5007));
    expect(n.ports('lan1')).toHaveLength(1);
  });

  it.each([[0, 1], [1, 0]] as const)('REQ-14: fragments in the order %i, %i are translated as a whole, both ways', (...order) => {
    const n = w();
    for (const f of fragments(LAN1, 5008, QUIET, 7000, order)) n.say('lan1', f);
    const [out] = n.packets('inet1', 17);
    expect([ipv4.totalLen(out!, 0), udp.srcPort(out!, 20), udp.checksumOk(out!, 20, ip(WAN), ip(QUIET))]).toEqual([84, 5008, true]);
    for (const f of fragments(QUIET, 7000, WAN, 5008, order)) n.say('inet1', f);
    const [back] = n.packets('lan1', 17);
    expect([udp.dstPort(back!, 20), udp.checksumOk(back!, 20, ip(QUIET), ip(LAN1))]).toEqual([5008, true]);
  });
});

describe('RFC 5382', () => {
  const w = world({});
  const HOST = '192.168.1.201';
  beforeAll(async () => { await w().b.verb(`ip arp add ${HOST} ether 02:1a:b0:00:01:01`); });
  /** A connection with somebody who says nothing of his own. */
  const connect = (n: NatBed, sport: number): void => {
    n.say('lan1', tcpPacket(HOST, sport, QUIET, 80, tcp.SYN, 100));
    n.say('inet1', tcpPacket(QUIET, 80, WAN, sport, tcp.SYN | tcp.ACK, 500));
    n.say('lan1', tcpPacket(HOST, sport, QUIET, 80, tcp.ACK, 101));
    n.clear();
  };

  it('REQ-1, REQ-7: one outside port for all connections of a port, and for nobody else', () => {
    const n = w();
    n.say('lan1', tcpPacket(HOST, 4000, QUIET, 80, tcp.SYN));
    n.say('lan1', tcpPacket(HOST, 4000, QUIET, 81, tcp.SYN));
    n.say('lan2', tcpPacket(LAN2, 4000, QUIET, 82, tcp.SYN));
    const [a, b, c] = n.ports('inet1').map(t => t.split(' ')[0]);
    expect([a, b]).toEqual([`${WAN}:4000`, `${WAN}:4000`]);
    expect(c).not.toBe(a);
  });

  it('REQ-2: both sides may open at once', () => {
    const n = w();
    n.say('lan1', tcpPacket(HOST, 4001, QUIET, 80, tcp.SYN, 100));
    n.say('inet1', tcpPacket(QUIET, 80, WAN, 4001, tcp.SYN, 500));
    n.say('lan1', tcpPacket(HOST, 4001, QUIET, 80, tcp.SYN | tcp.ACK, 100));
    n.say('inet1', tcpPacket(QUIET, 80, WAN, 4001, tcp.SYN | tcp.ACK, 500));
    expect(n.ports('lan1').map(t => t.split(' ')[3])).toEqual(['S', 'SA']);
    expect(n.ports('inet1').map(t => t.split(' ')[3])).toEqual(['S', 'SA']);
  });

  it('REQ-4: a SYN to a port in use is not answered for 6 seconds, then by ICMP', async () => {
    const n = w();
    n.say('lan1', tcpPacket(HOST, 4002, QUIET, 80, tcp.SYN));
    n.clear();
    n.say('inet1', tcpPacket(GATEWAY, 99, WAN, 4002, tcp.SYN));
    await n.b.advance(5800);
    expect([n.packets('inet1'), n.ports('lan1')]).toEqual([[], []]);
    await n.b.advance(400);
    expect(errorsAt(n, 'inet1')).toEqual([{ from: WAN, to: GATEWAY, code: 3, quoted: `${GATEWAY}:99 > ${WAN}:4002` }]);
  });

  it('REQ-4: nor at all when the same connection is opened from inside meanwhile', async () => {
    const n = w();
    n.say('lan1', tcpPacket(HOST, 4003, QUIET, 80, tcp.SYN));
    n.say('inet1', tcpPacket('203.0.113.78', 99, WAN, 4003, tcp.SYN));
    await n.b.advance(2000);
    n.say('lan1', tcpPacket(HOST, 4003, '203.0.113.78', 99, tcp.SYN));
    await n.b.advance(6000);
    expect(errorsAt(n, 'inet1')).toEqual([]);
    n.say('inet1', tcpPacket('203.0.113.78', 99, WAN, 4003, tcp.SYN, 7));
    expect(n.ports('lan1')).toEqual([`203.0.113.78:99 > ${HOST}:4003 S`]);
  });

  it('REQ-5: a connection may be idle for 2 hours 4 minutes, a half-open one for 4 minutes', async () => {
    const n = w();
    connect(n, 4004);
    n.say('lan1', tcpPacket(HOST, 4005, QUIET, 80, tcp.SYN));
    const own = () => n.flows().filter(f => f.original.proto === 6).map(f => f.original.sport);
    await n.b.advance(238_000);
    expect(own()).toEqual([4004, 4005]);
    await n.b.advance(5000);
    expect(own()).toEqual([4004]);
    await n.b.advance(2 * HOUR + 240_000 - 250_000);
    n.clear();
    n.say('inet1', tcpPacket(QUIET, 80, WAN, 4004, tcp.ACK, 501));
    expect(n.ports('lan1')).toHaveLength(1);
  });

  it('REQ-8: hosts inside connect by the outside address', () => {
    const n = w();
    n.say('lan1', tcpPacket(HOST, 4006, QUIET, 80, tcp.SYN));
    n.say('lan2', tcpPacket(LAN2, 4007, WAN, 4006, tcp.SYN));
    expect(n.ports('lan1')).toEqual([`${WAN}:4007 > ${HOST}:4006 S`]);
  });

  it('REQ-9, REQ-10: an ICMP error is translated, and ends nothing', () => {
    const n = w();
    connect(n, 4008);
    n.say('inet1', icmpError(GATEWAY, WAN, 1, tcpPacket(WAN, 4008, QUIET, 80, tcp.ACK, 101)));
    expect(errorsAt(n, 'lan1')).toEqual([{ from: GATEWAY, to: HOST, code: 1, quoted: `${HOST}:4008 > ${QUIET}:80` }]);
    n.say('inet1', tcpPacket(QUIET, 80, WAN, 4008, tcp.ACK, 501));
    expect(n.ports('lan1')).toHaveLength(1);
  });

  it('REQ-3: where the filtering is off, connections come in to a port in use', async () => {
    const open = await natBed({ uplinks: [{ name: 'wan', filtering: 'none' }] }, { firewall: true });
    open.say('lan1', tcpPacket(LAN1, 4009, QUIET, 80, tcp.SYN));
    open.clear();
    open.say('inet1', tcpPacket('203.0.113.78', 5, WAN, 4009, tcp.SYN));
    expect(open.ports('lan1')[0]).toBe(`203.0.113.78:5 > ${LAN1}:4009 S`);
    await open.b.stop();
  });
});

describe('RFC 5508', () => {
  const w = world({ portForwarding: [{ protocol: 'udp', start: 6000, server: LAN2 }] });
  const ids = (n: NatBed, host: 'lan1' | 'inet1') => n.packets(host, 1).map(p => [icmp.type(p, 20), icmp.id(p, 20)]);
  const reply = (id: number, to = WAN): Uint8Array => {
    const p = echo(QUIET, to, id);
    icmp.setType(p, 20, 0);
    icmp.writeChecksum(p, 20, p.length);
    return p;
  };

  it('REQ-1: queries pass, with one outside identifier for all they go to', () => {
    const n = w();
    n.say('lan1', echo(LAN1, QUIET, 2000));
    n.say('lan1', echo(LAN1, '203.0.113.78', 2000));
    expect(ids(n, 'inet1')).toEqual([[8, 2000], [8, 2000]]);
    n.say('inet1', reply(2000));
    expect(ids(n, 'lan1')).toEqual([[0, 2000]]);
  });

  it('REQ-2: an answer may take 60 seconds', async () => {
    const n = w();
    n.say('lan1', echo(LAN1, QUIET, 2001));
    await n.b.advance(60_000);
    n.say('inet1', reply(2001));
    expect(ids(n, 'lan1')).toEqual([[0, 2001]]);
    expect((await n.b.verb('ip nat timeout generic 59')).text).toContain('RFC 5508 REQ-2');
    await n.b.verb('ip nat timeout generic 120');
  });

  it('REQ-3: an error with a wrong checksum goes no further', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5000, QUIET, 7000));
    const error = icmpError(GATEWAY, WAN, 1, udpPacket(WAN, 5000, QUIET, 7000));
    error[23]! ^= 1;
    n.say('inet1', error);
    expect(errorsAt(n, 'lan1')).toEqual([]);
  });

  it('REQ-4: an error from outside is translated with what it quotes; one about nothing is dropped', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5001, QUIET, 7000));
    n.say('inet1', icmpError(GATEWAY, WAN, 1, udpPacket(WAN, 5001, QUIET, 7000)));
    n.say('inet1', icmpError(GATEWAY, WAN, 1, udpPacket(WAN, 5999, QUIET, 7000)));
    expect(errorsAt(n, 'lan1')).toEqual([{ from: GATEWAY, to: LAN1, code: 1, quoted: `${LAN1}:5001 > ${QUIET}:7000` }]);
  });

  it('REQ-5: an error from inside goes out from the outside address, and one about nothing does not', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5002, QUIET, 7000));
    n.say('inet1', udpPacket(QUIET, 7000, WAN, 5002));
    n.clear();
    n.say('lan1', icmpError(LAN1, QUIET, 3, udpPacket(QUIET, 7000, LAN1, 5002)));
    n.say('lan1', icmpError(LAN1, QUIET, 3, udpPacket(QUIET, 7000, LAN1, 5999)));
    expect(errorsAt(n, 'inet1')).toEqual([{ from: WAN, to: QUIET, code: 3, quoted: `${QUIET}:7000 > ${WAN}:5002` }]);
  });

  it('REQ-6: an error neither ends a query session nor keeps it', async () => {
    const n = w();
    n.say('lan1', echo(LAN1, QUIET, 2002));
    await n.b.advance(100_000);
    n.say('inet1', icmpError(QUIET, WAN, 1, echo(WAN, QUIET, 2002)));
    expect(n.flows().filter(f => f.original.sport === 2002)).toHaveLength(1);
    await n.b.advance(22_000);
    expect(n.flows().filter(f => f.original.sport === 2002)).toEqual([]);
  });

  it('REQ-7: an error about a packet that was turned around inside goes back the same way', () => {
    const n = w();
    n.say('lan1', udpPacket(LAN1, 5003, WAN, 6000));
    n.clear();
    n.say('lan2', icmpError(LAN2, WAN, 3, udpPacket(WAN, 5003, LAN2, 6000)));
    expect(errorsAt(n, 'lan1')).toEqual([{ from: WAN, to: LAN1, code: 3, quoted: `${LAN1}:5003 > ${WAN}:6000` }]);
  });

  it('REQ-8: who may have no more sessions is told so, code 13', async () => {
    const n = w();
    await n.b.verb('ip nat session 1');
    n.say('lan1', udpPacket(LAN1, 5004, QUIET, 7000));
    n.say('lan1', udpPacket(LAN1, 5005, QUIET, 7000));
    expect(errorsAt(n, 'lan1').map(e => [e.code, e.quoted])).toEqual([[13, `${LAN1}:5005 > ${QUIET}:7000`]]);
    await n.b.verb('ip nat session 10000');
  });

  it('REQ-11: other ICMP messages are not forwarded', () => {
    const n = w();
    const p = echo(LAN1, QUIET, 2003);
    icmp.setType(p, 20, 10);
    icmp.writeChecksum(p, 20, p.length);
    n.say('lan1', p);
    expect(n.packets('inet1')).toEqual([]);
  });
});
