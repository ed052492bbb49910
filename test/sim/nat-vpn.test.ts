import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settle } from './bed.ts';
import { format4, formatMac } from '../../sdk/wire/address.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as pptp from '../../sdk/wire/pptp.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { hostMac, ip, packet } from './frames.ts';
import { GATEWAY, LAN1, LAN2, type NatBed, natBed, SERVER, WAN } from '../unit/plugins/nat/rig.ts';

const GRE = 47;
const ESP = 50;

const world = (settings: object, firewall = false): (() => NatBed) => {
  let n: NatBed;
  beforeAll(async () => { n = await natBed(settings, { firewall }); });
  afterAll(() => n.b.stop());
  beforeEach(async () => { await n.b.advance(8_000_000); n.clear(); });
  return () => n;
};

/** A TCP segment with data. */
function segment(src: string, sport: number, dst: string, dport: number, seq: number, ack: number, flags: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const body = new Uint8Array(20 + data.length);
  tcp.write(body, 0, { sport, dport, seq, ack, flags, window: 1000 });
  body.set(data, 20);
  tcp.writeChecksum(body, 0, body.length, ip(src), ip(dst));
  return packet({ src: ip(src), dst: ip(dst), proto: 6 }, body);
}
/** GRE version 1 (RFC 2637 §4.1): protocol 0x880b, payload length, the receiver's call id. */
function gre(src: string, dst: string, callId: number): Uint8Array {
  const body = Uint8Array.of(0x30, 0x81, 0x88, 0x0b, 0, 4, callId >> 8, callId & 0xff, 0, 0, 0, 1, 1, 2, 3, 4);
  return packet({ src: ip(src), dst: ip(dst), proto: GRE }, body);
}
const callIdOf = (p: Uint8Array): number => p[26]! << 8 | p[27]!;
function esp(src: string, dst: string, spi: number): Uint8Array {
  const body = new Uint8Array(24);
  new DataView(body.buffer).setUint32(0, spi);
  return packet({ src: ip(src), dst: ip(dst), proto: ESP }, body);
}
const spiOf = (p: Uint8Array): number => new DataView(p.buffer, p.byteOffset).getUint32(20);

/** What the last TCP segment a host got carries, its checksum proven. */
function payload(n: NatBed, host: 'lan1' | 'lan2' | 'inet1'): Uint8Array {
  const p = n.packets(host, 6).at(-1)!;
  expect(tcp.checksumOk(p, 20, p.length, ipv4.src(p, 0), ipv4.dst(p, 0))).toBe(true);
  return p.subarray(20 + tcp.dataOffset(p, 20));
}

for (const firewall of [false, true]) {
  describe(`PPTP${firewall ? ' with the firewall' : ''}`, () => {
    const w = world({}, firewall);
    // Addresses whose hosts say nothing of their own: no resets for connections that are made by hand.
    const hosts = { lan1: '192.168.1.201', lan2: '192.168.1.202' } as const;
    const PEER = '203.0.113.77';
    beforeAll(async () => {
      for (const h of ['lan1', 'lan2'] as const) await w().b.verb(`ip arp add ${hosts[h]} ether ${formatMac(hostMac(h))}`);
    });

    /** A host calls the server: SYN, request with its id, reply of the server. Gives the id the server was told and the outside port. */
    function dial(n: NatBed, host: 'lan1' | 'lan2', id: number, serverId: number): { told: number; port: number } {
      const own = hosts[host];
      n.say(host, segment(own, 3000, PEER, pptp.PORT, 99, 0, tcp.SYN));
      const port = tcp.srcPort(n.packets('inet1', 6).at(-1)!, 20);
      n.say('inet1', segment(PEER, pptp.PORT, WAN, port, 499, 100, tcp.SYN | tcp.ACK));
      n.say(host, segment(own, 3000, PEER, pptp.PORT, 100, 500, tcp.ACK, pptp.emit(pptp.OUTGOING_CALL_REQUEST, 168, { callId: id })));
      const told = pptp.id(payload(n, 'inet1'), 12);
      n.say('inet1', segment(PEER, pptp.PORT, WAN, port, 500, 268, tcp.ACK, pptp.emit(pptp.OUTGOING_CALL_REPLY, 32, { callId: serverId, peerCallId: told })));
      const reply = payload(n, host);
      expect([pptp.id(reply, 12), pptp.id(reply, 14)]).toEqual([serverId, id]);
      return { told, port };
    }

    it('carries the calls of two hosts that chose the same id to one server, both ways', () => {
      const n = w();
      const first = dial(n, 'lan1', 0x0500, 0x7001);
      const second = dial(n, 'lan2', 0x0500, 0x7002);
      expect(first.told).toBe(0x0500);
      expect(second.told).not.toBe(0x0500);
      n.clear();
      n.say('lan1', gre(hosts.lan1, PEER, 0x7001));
      n.say('lan2', gre(hosts.lan2, PEER, 0x7002));
      expect(n.packets('inet1', GRE).map(p => [format4(ipv4.src(p, 0)), callIdOf(p)])).toEqual([[WAN, 0x7001], [WAN, 0x7002]]);
      n.say('inet1', gre(PEER, WAN, first.told));
      n.say('inet1', gre(PEER, WAN, second.told));
      expect([n.packets('lan1', GRE).map(callIdOf), n.packets('lan2', GRE).map(callIdOf)]).toEqual([[0x0500], [0x0500]]);
      // The server speaks of a call: its host hears its own id.
      n.say('inet1', segment(PEER, pptp.PORT, WAN, second.port, 532, 268, tcp.ACK, pptp.emit(pptp.SET_LINK_INFO, 24, { peerCallId: second.told })));
      expect(pptp.id(payload(n, 'lan2'), 12)).toBe(0x0500);
    });

    it('keeps calls over a reload of the plugin, and forgets them with their connection', async () => {
      const n = w();
      const { told, port } = dial(n, 'lan1', 0x0700, 0x7004);
      await settle(n.b.clock, n.b.router.plugins.reload('nat'));
      n.say('inet1', gre(PEER, WAN, told));
      expect(n.packets('lan1', GRE).map(callIdOf)).toEqual([0x0700]);
      expect((await n.b.verb('ip nat status')).text).toMatch(/PPTP calls +1/);
      n.say('inet1', segment(PEER, pptp.PORT, WAN, port, 532, 268, tcp.RST | tcp.ACK));
      await n.b.advance(20_000);
      expect((await n.b.verb('ip nat status')).text).toMatch(/PPTP calls +0/);
    });

    it('lets in no call that nobody made', () => {
      const n = w();
      const { told } = dial(n, 'lan1', 0x0600, 0x7003);
      n.clear();
      n.say('inet1', gre(PEER, WAN, told + 1));
      n.say('inet1', gre(SERVER, WAN, told));
      expect(n.packets('lan1', GRE)).toEqual([]);
    });
  });

  describe(`ESP${firewall ? ' with the firewall' : ''}`, () => {
    const w = world({}, firewall);
    it('belongs to the host that spoke last and had no answer, and stays with it', () => {
      const n = w();
      n.say('lan1', esp(LAN1, GATEWAY, 0x1111_2222));
      n.say('inet1', esp(GATEWAY, WAN, 0xaaaa_0001));
      n.say('lan2', esp(LAN2, GATEWAY, 0x3333_4444));
      n.say('inet1', esp(GATEWAY, WAN, 0xbbbb_0002));
      n.say('inet1', esp(GATEWAY, WAN, 0xaaaa_0001));
      expect([n.packets('lan1', ESP).map(spiOf), n.packets('lan2', ESP).map(spiOf)]).toEqual([[0xaaaa_0001, 0xaaaa_0001], [0xbbbb_0002]]);
      expect(n.packets('inet1', ESP).map(p => [format4(ipv4.src(p, 0)), spiOf(p)])).toEqual([[WAN, 0x1111_2222], [WAN, 0x3333_4444]]);
      // New keys of lan1.
      n.say('lan1', esp(LAN1, GATEWAY, 0x1111_3333));
      n.say('inet1', esp(GATEWAY, WAN, 0xaaaa_0003));
      expect(n.packets('lan1', ESP).map(spiOf)).toContain(0xaaaa_0003);
    });

    it('that cannot be anybody\'s goes nowhere', () => {
      const n = w();
      n.say('inet1', esp(GATEWAY, WAN, 0xcccc_0001));
      n.say('lan1', esp(LAN1, GATEWAY, 1 << 16));
      n.say('inet1', esp(SERVER, WAN, 0xcccc_0002));
      expect(n.packets('lan1', ESP)).toEqual([]);
    });

    it('survives a reload of the plugin', async () => {
      const n = w();
      n.say('lan1', esp(LAN1, GATEWAY, 0x5555_0001));
      n.say('inet1', esp(GATEWAY, WAN, 0xdddd_0001));
      await settle(n.b.clock, n.b.router.plugins.reload('nat'));
      n.say('inet1', esp(GATEWAY, WAN, 0xdddd_0001));
      expect(n.packets('lan1', ESP).map(spiOf)).toEqual([0xdddd_0001, 0xdddd_0001]);
    });
  });
}
