/**
 * Two hosts that speak IKE with one server, from port 500 (and 4500) inside and outside: the responses are told apart by cookie and SPI.
 *
 *     lan1 192.168.1.201 ┐
 *                        ├ router 198.51.100.2 ── inet1 ── server 203.0.113.77
 *     lan2 192.168.1.202 ┘
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { formatMac } from '../../sdk/wire/address.ts';
import * as udp from '../../sdk/wire/udp.ts';
import { type NatBed, natBed, WAN } from '../unit/plugins/nat/rig.ts';
import { settle } from './bed.ts';
import { hostMac, ip, packet, udpPacket } from './frames.ts';

/** Hosts that say nothing of their own. */
const ONE = '192.168.1.201';
const TWO = '192.168.1.202';
const PEER = '203.0.113.77';
const OTHER = '203.0.113.78';
const IKE = 500;
const NATT = 4500;
const SA_INIT = 34;
const INFORMATIONAL = 37;
const CREATE_CHILD_SA = 36;

/** An ISAKMP header, version 2 (RFC 7296 §3.1), and 8 octets of something. */
function ike(cookie: number, o: { responder?: number; exchange?: number; response?: boolean; version?: number; size?: number; payload?: number } = {}): Uint8Array {
  const m = new Uint8Array(o.size ?? 36);
  const view = new DataView(m.buffer);
  view.setUint32(0, cookie);
  view.setUint32(4, 0x0102_0304);
  view.setUint32(8, o.responder ?? 0x5555_0000 + (cookie & 0xff));
  m[16] = o.payload ?? 46;
  m[17] = (o.version ?? 2) << 4;
  m[18] = o.exchange ?? INFORMATIONAL;
  m[19] = o.response ? 0x20 : 0;
  view.setUint32(24, m.length);
  return m;
}
const init = (cookie: number): Uint8Array => ike(cookie, { responder: 0, exchange: SA_INIT });
/** Behind the non-ESP marker (RFC 3948 §2.2). */
const marked = (m: Uint8Array): Uint8Array => Uint8Array.from([0, 0, 0, 0, ...m]);
/** ESP in UDP. */
function esp(spi: number): Uint8Array {
  const m = new Uint8Array(32);
  new DataView(m.buffer).setUint32(0, spi);
  return m;
}
const cookieOf = (p: Uint8Array, at = 28): number => new DataView(p.buffer, p.byteOffset).getUint32(at);

const world = (settings: object, firewall = false): (() => NatBed) => {
  let n: NatBed;
  beforeAll(async () => {
    n = await natBed(settings, { firewall });
    await n.b.verb(`ip arp add ${ONE} ether ${formatMac(hostMac('lan1'))}`);
    await n.b.verb(`ip arp add ${TWO} ether ${formatMac(hostMac('lan2'))}`);
  });
  afterAll(() => n.b.stop());
  beforeEach(async () => { await n.b.advance(400_000); n.clear(); });
  return () => n;
};
const from = { lan1: ONE, lan2: TWO } as const;
type Host = keyof typeof from;
const says = (n: NatBed, host: Host, data: Uint8Array, port = IKE, to = PEER): void => n.say(host, udpPacket(from[host], port, to, port, data));
const answers = (n: NatBed, data: Uint8Array, port = IKE, peer = PEER): void => n.say('inet1', udpPacket(peer, port, WAN, port, data));
/** What a host or the server got: cookie or SPI, every checksum proven. */
const got = (n: NatBed, host: Host | 'inet1', at = 28): string[] => n.packets(host, 17).map(p => {
  expect([udp.checksumOk(p, 20, ipv4.src(p, 0), ipv4.dst(p, 0)), ipv4.checksumOk(p, 0)]).toEqual([true, true]);
  return cookieOf(p, at).toString(16);
});
const shared = async (n: NatBed): Promise<string> => (/IKE flows that share a port +(\d+)/.exec((await n.b.verb('ip nat status')).text))?.[1] ?? '';

for (const firewall of [false, true]) {
  describe(`IKE with incikeport off${firewall ? ' and the firewall' : ''}`, () => {
    const w = world({ vpn: { incikeport: false } }, firewall);

    it('of several hosts stays on port 500 outside; answers are told apart by the initiator\'s cookie', async () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      expect(n.ports('inet1')).toEqual([`${WAN}:500 > ${PEER}:500`, `${WAN}:500 > ${PEER}:500`]);
      expect(got(n, 'inet1')).toEqual(['a1', 'b2']);
      answers(n, ike(0xb2, { exchange: SA_INIT, response: true }));
      answers(n, ike(0xa1, { exchange: SA_INIT, response: true }));
      expect([n.ports('lan1'), n.ports('lan2')]).toEqual([[`${PEER}:500 > ${ONE}:500`], [`${PEER}:500 > ${TWO}:500`]]);
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['a1'], ['b2']]);
      expect(await shared(n)).toBe('2');
    });

    it('an exchange that the server begins reaches the host whose association it is in', () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      answers(n, ike(0xa1));
      answers(n, ike(0xb2, { exchange: CREATE_CHILD_SA }));
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['a1'], ['b2']]);
    });

    it('a new cookie of the same host is another one of it, and the old one stays', () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      says(n, 'lan1', init(0xa3));
      for (const c of [0xa3, 0xa1, 0xb2]) answers(n, ike(c));
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['a3', 'a1'], ['b2']]);
    });

    it('a host has 8 cookies with a server: one that was pushed out is known again when it is used again', () => {
      const n = w();
      says(n, 'lan2', init(0xb2));
      for (let i = 0; i < 9; i++) says(n, 'lan1', init(0xa00 + i));
      answers(n, ike(0xa00));
      expect(got(n, 'lan1')).toEqual([]);
      says(n, 'lan1', ike(0xa00));
      answers(n, ike(0xa00));
      answers(n, ike(0xa08));
      expect(got(n, 'lan1')).toEqual(['a00', 'a08']);
    });

    it('two hosts with the same cookie: the first one keeps it, and the log tells of the second', () => {
      const n = w();
      says(n, 'lan1', init(0xcc));
      says(n, 'lan2', init(0xcc));
      says(n, 'lan2', init(0xcc));
      answers(n, ike(0xcc));
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['cc'], []]);
      const told = n.b.log.ring.lines({ level: 'warn' }).filter(l => l.msg.includes('IKE cookie'));
      expect(told.map(l => l.msg)).toEqual([`${TWO} uses the IKE cookie that ${ONE} has with ${PEER}: answers go to ${ONE}`]);
      // With another server it is nobody else's.
      says(n, 'lan2', init(0xcc), IKE, OTHER);
      answers(n, ike(0xcc), IKE, OTHER);
      expect(got(n, 'lan2')).toEqual(['cc']);
    });

    it('an association that the server begins reaches a host that is alone with it; of several it is nobody\'s', () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      answers(n, init(0xdd));
      expect(got(n, 'lan1')).toEqual(['dd']);
      says(n, 'lan1', ike(0xdd, { response: true }));
      says(n, 'lan2', init(0xb2));
      n.clear();
      const before = n.count('nat: ike for one of several hosts, nobody knows which');
      answers(n, ike(0xdd));
      answers(n, init(0xee));
      answers(n, Uint8Array.of(0xff));
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['dd'], []]);
      expect(n.count('nat: ike for one of several hosts, nobody knows which') - before).toBe(2);
      expect(n.packets('inet1')).toEqual([]);
    });

    it('after the server has made new keys with one host, the cookie of its own that follows is that host\'s', () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      answers(n, ike(0xb2, { exchange: CREATE_CHILD_SA }));
      says(n, 'lan2', ike(0xb2, { exchange: CREATE_CHILD_SA, response: true }));
      answers(n, ike(0x77, { responder: 0x88 }));
      says(n, 'lan2', ike(0x77, { responder: 0x88, response: true }));
      answers(n, ike(0x77, { responder: 0x88 }));
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([[], ['b2', '77', '77']]);
    });

    it('new keys of several hosts: an unknown cookie goes to one after the other, latest first, as the server repeats it (fixed: strongSwan lost the association of a host that had made new keys)', () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      says(n, 'lan1', ike(0xa1, { exchange: CREATE_CHILD_SA }));
      says(n, 'lan2', ike(0xb2, { exchange: CREATE_CHILD_SA }));
      const asks = () => answers(n, ike(0x77, { responder: 0x88 }));
      asks();
      // It is not lan2's, which says so (INVALID_IKE_SPI): that proves nothing.
      says(n, 'lan2', ike(0x77, { responder: 0x88, response: true, payload: 41 }));
      asks();
      says(n, 'lan1', ike(0x77, { responder: 0x88, response: true }));
      asks();
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['77', '77'], ['77']]);
    });

    it('is forgotten with its flow', async () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      await n.b.advance(100_000);
      says(n, 'lan2', ike(0xb2));
      await n.b.advance(100_000);
      expect(await shared(n)).toBe('1');
      await n.b.advance(300_000);
      expect(await shared(n)).toBe('0');
      n.clear();
      answers(n, ike(0xa1));
      answers(n, ike(0xb2));
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([[], []]);
    });

    it('survives a reload of the plugin', async () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      await settle(n.b.clock, n.b.router.plugins.reload('nat'));
      answers(n, ike(0xb2));
      answers(n, ike(0xa1));
      says(n, 'lan2', ike(0xb2, { response: true }));
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['a1'], ['b2']]);
      expect(new Set(n.ports('inet1'))).toEqual(new Set([`${WAN}:500 > ${PEER}:500`]));
    });

    it('in fragments comes together, both ways', () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      const whole = ike(0xb2, { size: 1200 });
      const cut = (p: Uint8Array): Uint8Array[] => {
        const head = { src: ipv4.src(p, 0), dst: ipv4.dst(p, 0), proto: 17, id: 99 };
        return [packet({ ...head, offset: 800 }, p.slice(820)), packet({ ...head, more: true }, p.slice(20, 820))];
      };
      for (const f of cut(udpPacket(TWO, IKE, PEER, IKE, whole))) n.say('lan2', f);
      for (const f of cut(udpPacket(PEER, IKE, WAN, IKE, whole))) n.say('inet1', f);
      expect([got(n, 'inet1'), got(n, 'lan1'), got(n, 'lan2')]).toEqual([['a1', 'b2'], [], ['b2']]);
      expect(n.packets('lan2', 17).map(p => p.length)).toEqual([1228]);
    });

    it('ICMP errors find the host by the cookie they quote, and speak of port 500 outside', () => {
      const n = w();
      says(n, 'lan1', init(0xa1));
      says(n, 'lan2', init(0xb2));
      const error = (src: string, dst: string, quoted: Uint8Array): Uint8Array => {
        const body = new Uint8Array(8 + quoted.length);
        icmp.setType(body, 0, icmp.TYPE_UNREACHABLE);
        icmp.setCode(body, 0, icmp.CODE_PORT);
        body.set(quoted, 8);
        icmp.writeChecksum(body, 0, body.length);
        return packet({ src: ip(src), dst: ip(dst), proto: 1 }, body);
      };
      const quotes = (host: Host | 'inet1'): string[] => n.packets(host, 1).map(p => {
        expect([icmp.checksumOk(p, 20, p.length), udp.checksumOk(p, 48, ipv4.src(p, 28), ipv4.dst(p, 28))]).toEqual([true, true]);
        return `${udp.srcPort(p, 48)} > ${udp.dstPort(p, 48)} ${cookieOf(p, 56).toString(16)}`;
      });
      n.say('inet1', error(PEER, WAN, udpPacket(WAN, IKE, PEER, IKE, init(0xb2))));
      expect([quotes('lan1'), quotes('lan2')]).toEqual([[], ['500 > 500 b2']]);
      n.clear();
      n.say('lan1', error(ONE, PEER, udpPacket(PEER, IKE, ONE, IKE, ike(0xa1))));
      expect(quotes('inet1')).toEqual(['500 > 500 a1']);
      // Our own, about a packet that has no hop left.
      n.clear();
      n.say('inet1', udpPacket(PEER, IKE, WAN, IKE, ike(0xa1), { ttl: 1 }));
      expect(quotes('inet1')).toEqual(['500 > 500 a1']);
    });

    it('on port 4500 has other ports, as before', () => {
      const n = w();
      says(n, 'lan1', marked(ike(0xa1)), NATT);
      says(n, 'lan2', marked(ike(0xb2)), NATT);
      const ports = n.ports('inet1').map(t => t.split(' ')[0]);
      expect(new Set(ports).size).toBe(2);
      expect(ports).not.toContain(`${WAN}:4500`);
    });
  });

  describe(`NAT traversal with incnattport off${firewall ? ' and the firewall' : ''}`, () => {
    const w = world({ vpn: { incikeport: false, incnattport: false } }, firewall);

    it('IKE on port 4500 is told apart by cookie, ESP in UDP by its SPI', () => {
      const n = w();
      for (const [host, cookie] of [['lan1', 0xa1], ['lan2', 0xb2]] as const) {
        says(n, host, init(cookie));
        answers(n, ike(cookie, { response: true }));
        says(n, host, marked(ike(cookie)), NATT);
        answers(n, marked(ike(cookie, { response: true })), NATT);
      }
      expect(new Set(n.ports('inet1'))).toEqual(new Set([`${WAN}:500 > ${PEER}:500`, `${WAN}:4500 > ${PEER}:4500`]));
      expect([n.ports('lan1').length, n.ports('lan2').length]).toEqual([2, 2]);
      n.clear();
      // Each tunnel begins with the host's own packet.
      says(n, 'lan1', esp(0x1111_0001), NATT);
      answers(n, esp(0xaaaa_0001), NATT);
      says(n, 'lan2', esp(0x2222_0001), NATT);
      answers(n, esp(0xbbbb_0001), NATT);
      for (const spi of [0xaaaa_0001, 0xbbbb_0001, 0xaaaa_0001]) answers(n, esp(spi), NATT);
      expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['aaaa0001', 'aaaa0001', 'aaaa0001'], ['bbbb0001', 'bbbb0001']]);
      // New keys of lan1: it sends with a new SPI, and so does the server.
      says(n, 'lan1', esp(0x1111_0002), NATT);
      answers(n, esp(0xaaaa_0002), NATT);
      expect(got(n, 'lan1').at(-1)).toBe('aaaa0002');
      // An SPI that nobody waits for is nobody's.
      answers(n, esp(0xdead_0001), NATT);
      expect([got(n, 'lan1').length, got(n, 'lan2').length]).toEqual([4, 2]);
    });

    it('keepalives go out, and made-up SPIs do not push out those in use', () => {
      const n = w();
      says(n, 'lan1', esp(0x1111_0001), NATT);
      answers(n, esp(0xaaaa_0001), NATT);
      for (let i = 0; i < 40; i++) answers(n, esp(0xeeee_0000 + i), NATT);
      says(n, 'lan2', esp(0x2222_0001), NATT);
      says(n, 'lan2', Uint8Array.of(0xff), NATT);
      answers(n, esp(0xaaaa_0001), NATT);
      expect(got(n, 'lan1').at(-1)).toBe('aaaa0001');
      expect(got(n, 'lan2')).toEqual([]);
      expect(n.packets('inet1', 17).at(-1)!.length).toBe(29);
    });
  });
}

describe('IKE when incikeport is switched', () => {
  const w = world({});

  it('is on: hosts have ports of their own', () => {
    const n = w();
    says(n, 'lan1', init(0xa1));
    says(n, 'lan2', init(0xb2));
    const outside = n.ports('inet1').map(t => t.split(' ')[0]);
    expect(new Set(outside).size).toBe(2);
    expect(outside).not.toContain(`${WAN}:500`);
  });

  it('off and on: new flows have port 500, and other ones again; nothing stays behind', async () => {
    const n = w();
    await n.b.verb('ip nat incikeport off');
    says(n, 'lan1', init(0xa1));
    says(n, 'lan2', init(0xb2));
    expect(n.ports('inet1').map(t => t.split(' ')[0])).toEqual([`${WAN}:500`, `${WAN}:500`]);
    await n.b.verb('ip nat incikeport on');
    expect(await shared(n)).toBe('0');
    n.clear();
    says(n, 'lan1', ike(0xa1));
    expect(n.ports('inet1').map(t => t.split(' ')[0])).not.toContain(`${WAN}:500`);
    expect(n.b.router.engine.pipelines.order('postrouting').map(s => s.name)).not.toContain('nat.ike-out');
  });

  it('leaves a forwarded port 500 to whom it is forwarded', async () => {
    const n = w();
    await n.b.verb('ip nat incikeport off');
    await n.b.verb(`config set nat.portForwarding add {"protocol":"udp","start":500,"server":"${TWO}"}`);
    await n.b.verb('config commit');
    says(n, 'lan2', init(0x01), 4000); // so that the bridge knows its wire
    says(n, 'lan1', init(0xa1));
    answers(n, init(0xdd));
    answers(n, ike(0xa1));
    expect([got(n, 'lan1'), got(n, 'lan2')]).toEqual([['a1'], ['dd']]);
  });
});
