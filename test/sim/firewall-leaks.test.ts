import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { type Bed, bed } from './bed.ts';
import { Listener } from './firewall-listener.ts';
import type { Side } from './firewall-model.ts';
import { echo, errors, ip, packet, tcpPacket, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const DMZ1 = '192.168.2.33';
const SERVER = '203.0.113.10';
const ROUTER = '192.168.1.1';
const WAN = '198.51.100.2';

/** Ways through that random packets have found (firewall-model.test.ts), one by one. NAT is off, so that addresses stay; hosts answer nothing but ARP. */
describe('what must not slip through', () => {
  let b: Bed;
  let ear: Listener;
  beforeEach(async () => {
    b = await bed();
    await b.advance(5000);
    ear = new Listener(b);
    await b.verb('ip nat active no');
  });
  afterEach(async () => {
    expect(errors(b)).toEqual([]);
    await b.stop();
  });

  /** Puts packets on the wire of a side, together; what is heard then, from everywhere, but for the router's own. */
  const say = (side: Side, ...packets: readonly Uint8Array[]): string[] => {
    for (const p of packets) ear.put({ side, packet: p });
    b.clock.advance(2);
    return ear.take().filter((h) => ![ip(ROUTER), ip(WAN), ip('192.168.2.1')].includes(ipv4.src(h.packet, 0))).map((h) => `${h.side} ${ipv4.protocol(h.packet, 0)} ${h.packet[20]}`);
  };
  const count = (name: string): number => b.router.engine.counters.list().find((c) => c.name === name)?.n ?? 0;
  const message = (src: string, dst: string, type: number, id = 77): Uint8Array => {
    const p = echo(src, dst, id);
    icmp.setType(p, 20, type);
    icmp.writeChecksum(p, 20, p.length);
    return p;
  };
  const error = (src: string, dst: string, type: number, quoted: Uint8Array): Uint8Array => {
    const body = new Uint8Array(8 + 28);
    icmp.setType(body, 0, type);
    body.set(quoted.subarray(0, 28), 8);
    icmp.writeChecksum(body, 0, body.length);
    return packet({ src: ip(src), dst: ip(dst), proto: 1 }, body);
  };

  it('a packet whose flow ends, and whose number becomes another one\'s, in the same breath', () => {
    // A connection to the router itself, which ends; it is remembered for a while.
    say('LAN', tcpPacket(LAN1, 5000, WAN, 65_535, tcp.SYN));
    say('LAN', tcpPacket(LAN1, 5000, WAN, 65_535, tcp.RST, 2));
    // At once: what claims to be its answer, a SYN that opens it anew in vain, and a flow that takes its number.
    const heard = say('DMZ', tcpPacket(WAN, 65_535, LAN1, 5000, tcp.RST, 0), tcpPacket(WAN, 65_535, LAN1, 5000, tcp.SYN, 1), udpPacket(DMZ1, 5000, SERVER, 6000));
    expect(heard).toEqual(['WAN 17 19']);
    expect(count('forward: flow ended while the packet waited')).toBe(1);
  });

  it('questions other than the one that a rule allows, by the same identifier', async () => {
    await b.verb('firewall default lan wan drop');
    await b.verb('firewall rule insert lan wan permit service icmp/8');
    expect(say('LAN', message(LAN1, SERVER, 8))).toEqual(['WAN 1 8']);
    for (const type of [13, 15, 17, 0, 14]) expect(say('LAN', message(LAN1, SERVER, type)), `type ${type}`).toEqual([]);
    for (const type of [8, 13, 14, 18]) expect(say('WAN', message(SERVER, LAN1, type)), `type ${type} back`).toEqual([]);
    expect(say('WAN', message(SERVER, LAN1, 0))).toEqual(['LAN 1 0']);
    expect(count('flow: icmp message of another kind than its flow')).toBeGreaterThan(0);
  });

  it('a question that would be the answer to an answer nobody asked for', () => {
    expect(say('LAN', message(LAN1, SERVER, 0))).toEqual([]);
    expect(say('WAN', message(SERVER, LAN1, 8))).toEqual([]);
    expect(count('flow: icmp answer to nothing')).toBe(1);
  });

  it('redirects, errors about other messages, and about what came to the router itself', () => {
    const asked = udpPacket(LAN1, 5000, SERVER, 53);
    expect(say('LAN', asked, echo(LAN1, SERVER), echo(LAN1, ROUTER))).toEqual(['WAN 17 19', 'WAN 1 8']);
    expect(say('WAN', error(SERVER, LAN1, icmp.TYPE_REDIRECT, asked))).toEqual([]);
    expect(say('WAN', error(SERVER, LAN1, 3, message(LAN1, SERVER, 13)))).toEqual([]);
    expect(say('DMZ', error(DMZ1, LAN1, 3, echo(LAN1, ROUTER)))).toEqual([]);
    expect(say('WAN', error(SERVER, LAN1, 3, asked), error(SERVER, LAN1, 3, echo(LAN1, SERVER)))).toEqual(['LAN 1 3', 'LAN 1 3']);
  });

  it('errors about a flow that is no longer allowed', async () => {
    const asked = udpPacket(LAN1, 5000, SERVER, 53);
    const kept = udpPacket(LAN1, 5000, SERVER, 54);
    say('LAN', asked, kept);
    await b.verb('firewall rule insert lan wan drop service udp/53');
    expect(say('WAN', error(SERVER, LAN1, 3, asked), error(SERVER, LAN1, 3, kept))).toEqual([]);
    expect(say('LAN', asked, kept)).toEqual(['WAN 17 19']);
    expect(say('WAN', error(SERVER, LAN1, 3, asked), error(SERVER, LAN1, 3, kept))).toEqual(['LAN 1 3']);
  });

  it('a reset to somebody whose address was forged', async () => {
    await b.verb('firewall default lan lan reject');
    ear.put({ side: 'LAN', packet: tcpPacket(SERVER, 5000, ROUTER, 22, tcp.SYN) });
    b.clock.advance(2);
    expect(ear.take()).toEqual([]);
    ear.put({ side: 'LAN', packet: tcpPacket(LAN1, 5000, ROUTER, 22, tcp.SYN) });
    b.clock.advance(2);
    expect(ear.take().map((h) => `${h.side} ${h.packet[33]}`)).toEqual([`LAN ${tcp.RST | tcp.ACK}`]);
  });

  it('alarm about somebody whose address was forged', async () => {
    for (let port = 1; port <= 40; port++) ear.put({ side: 'WAN', packet: tcpPacket(LAN1, 5000, WAN, port, tcp.SYN) });
    b.clock.advance(2);
    const seen = (await b.verb('firewall attacks list')).text;
    expect(seen).toContain('ip spoofing');
    expect(seen).not.toContain('port scan');
  });
});
