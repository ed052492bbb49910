import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import * as udp from '../../sdk/wire/udp.ts';
import type { HostName } from '../../lab/topology.ts';
import { type Bed, bed } from './bed.ts';
import { echo, from, ip, ipOf, listen, packet, send, tcpPacket, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const LAN2 = '192.168.1.34';
const WAN = '198.51.100.2';
const GATEWAY = '198.51.100.1';
const SERVER = '203.0.113.10';

/**
 *     lan1 192.168.1.33 ──┐
 *                         ├── router, 198.51.100.2 outside ── inet1 198.51.100.1, 203.0.113.10
 *     lan2 192.168.1.34 ──┘
 *
 * Many-to-one, port-restricted: packets are put on the wires by hand and read where they come out.
 */
describe('NAT', () => {
  let b: Bed;
  const heard = {} as Record<HostName, Uint8Array[]>;
  beforeAll(async () => {
    b = await bed();
    await b.advance(5000);
    for (const h of ['lan1', 'lan2', 'inet1'] as const) heard[h] = listen(b, h);
    // So that both sides know the router's card and it knows theirs.
    await b.exec('lan1', `ping -c 1 ${SERVER}`);
    await b.exec('lan2', `ping -c 1 ${SERVER}`);
  });
  afterAll(() => b.stop());
  beforeEach(async () => {
    await b.advance(400_000);
    for (const h of Object.values(heard)) h.length = 0;
  });

  const wires = { lan1: 'port1', lan2: 'port2', inet1: 'wan' } as const;
  const say = (host: keyof typeof wires, p: Uint8Array) => { send(b, wires[host], from(b, host, p)); b.clock.advance(5); };
  const sum4 = (p: Uint8Array) => ipv4.checksumOk(p, 0);
  /** UDP packets a host got, as 'from:port > to:port'. */
  const udps = (host: HostName) => ipOf(heard[host]).filter(p => p[9] === 17 && udp.dstPort(p, 20) !== 68).map(p => `${dotted(ipv4.src(p, 0))}:${udp.srcPort(p, 20)} > ${dotted(ipv4.dst(p, 0))}:${udp.dstPort(p, 20)}`);
  const dotted = (n: number) => [24, 16, 8, 0].map(s => n >>> s & 255).join('.');
  const count = (name: string) => b.router.engine.counters.list().find(c => c.name === name)?.n ?? 0;

  it('keeps the port and lets in the answer of that very port only', () => {
    say('lan1', udpPacket(LAN1, 5000, SERVER, 7000));
    expect(udps('inet1')).toEqual([`${WAN}:5000 > ${SERVER}:7000`]);
    const [out] = ipOf(heard.inet1);
    expect([sum4(out!), udp.checksumOk(out!, 20, ip(WAN), ip(SERVER)), ipv4.ttl(out!, 0)]).toEqual([true, true, 63]);
    say('inet1', udpPacket(SERVER, 7001, WAN, 5000)); // another port of the same host
    say('inet1', udpPacket(GATEWAY, 7000, WAN, 5000)); // the same port of another host
    say('inet1', tcpPacket(SERVER, 7000, WAN, 5000, tcp.SYN)); // another protocol
    expect(udps('lan1')).toEqual([]);
    say('inet1', udpPacket(SERVER, 7000, WAN, 5000));
    expect(udps('lan1')).toEqual([`${SERVER}:7000 > ${LAN1}:5000`]);
    const [back] = ipOf(heard.lan1).filter(p => p[9] === 17);
    expect([sum4(back!), udp.checksumOk(back!, 20, ip(SERVER), ip(LAN1)), ipv4.ttl(back!, 0)]).toEqual([true, true, 63]);
  });

  it('gives one endpoint one outside port, whoever it talks to (RFC 4787 REQ-1)', () => {
    say('lan1', udpPacket(LAN1, 5002, SERVER, 7000));
    say('lan1', udpPacket(LAN1, 5002, SERVER, 7001));
    say('lan1', udpPacket(LAN1, 5002, GATEWAY, 7000));
    expect(udps('inet1')).toEqual([`${WAN}:5002 > ${SERVER}:7000`, `${WAN}:5002 > ${SERVER}:7001`, `${WAN}:5002 > ${GATEWAY}:7000`]);
  });

  it.each([5004, 5005])('gives the second host with port %i another one of the same parity', port => {
    say('lan1', udpPacket(LAN1, port, SERVER, 7000));
    say('lan2', udpPacket(LAN2, port, SERVER, 7000));
    const outside = ipOf(heard.inet1).map(p => udp.srcPort(p, 20));
    expect(outside).toHaveLength(2);
    expect(outside[0]).toBe(port);
    expect(outside[1]).not.toBe(port);
    expect(outside[1]! % 2).toBe(port % 2);
    expect(outside[1]).toBeGreaterThanOrEqual(1024);
    say('inet1', udpPacket(SERVER, 7000, WAN, outside[1]!));
    say('inet1', udpPacket(SERVER, 7000, WAN, port));
    expect([udps('lan1'), udps('lan2')]).toEqual([[`${SERVER}:7000 > ${LAN1}:${port}`], [`${SERVER}:7000 > ${LAN2}:${port}`]]);
  });

  it('never uses a port of its own services outside', () => {
    for (const port of [53, 67, 500, 1701, 4500, 8080]) say('lan1', udpPacket(LAN1, port, SERVER, 7000));
    const outside = ipOf(heard.inet1).map(p => udp.srcPort(p, 20));
    expect(outside).toHaveLength(6);
    expect(outside.filter(p => p < 1024 || [1701, 4500, 8080, 8443].includes(p))).toEqual([]);
  });

  it('frees a port when its flows are over', async () => {
    say('lan1', udpPacket(LAN1, 5010, SERVER, 7000));
    await b.advance(400_000);
    say('lan2', udpPacket(LAN2, 5010, SERVER, 7000));
    expect(udps('inet1')).toEqual([`${WAN}:5010 > ${SERVER}:7000`, `${WAN}:5010 > ${SERVER}:7000`]);
  });

  it('lets two hosts ping with the same identifier', () => {
    say('lan1', echo(LAN1, SERVER, 99));
    say('lan2', echo(LAN2, SERVER, 99));
    const ids = ipOf(heard.inet1).filter(p => p[9] === 1).map(p => icmp.id(p, 20));
    expect(new Set(ids).size).toBe(2);
    for (const h of ['lan1', 'lan2'] as const) {
      expect(ipOf(heard[h]).filter(p => p[9] === 1 && icmp.checksumOk(p, 20, p.length)).map(p => [icmp.type(p, 20), icmp.id(p, 20)])).toEqual([[0, 99]]);
    }
  });

  it('lets no stranger in: to the outside address, or straight to an inside one', () => {
    const before = count('nat: no mapping');
    say('inet1', udpPacket(SERVER, 7000, LAN1, 5000));
    say('inet1', tcpPacket(SERVER, 7000, LAN1, 80, tcp.SYN));
    say('inet1', echo(SERVER, LAN1));
    expect(ipOf(heard.lan1)).toEqual([]);
    expect(count('nat: no mapping') - before).toBe(3);
    say('inet1', tcpPacket(SERVER, 7000, WAN, 80, tcp.SYN)); // the firewall does not even answer
    expect(ipOf(heard.inet1).filter(p => p[9] === 6)).toEqual([]);
    say('lan1', tcpPacket(LAN1, 4000, SERVER, 80, tcp.ACK));
    expect(count('flow: tcp segment without a connection')).toBeGreaterThan(0);
  });

  it('shows the right hops', async () => {
    const text = (await b.exec('lan1', `traceroute -q 1 ${SERVER}`)).output.split('\n');
    expect(text[1]).toMatch(/^ *1 +192\.168\.1\.1 /);
    expect(text[2]).toMatch(/^ *2 +203\.0\.113\.10 /);
    expect((await b.exec('lan1', `ping -c 1 -t 1 ${SERVER}`)).output).toContain('From 192.168.1.1 icmp_seq=1 Time to live exceeded');
  });

  it('translates an ICMP error about a translated packet, inside and out', () => {
    say('lan1', udpPacket(LAN1, 5020, SERVER, 9, new Uint8Array(20))); // nobody listens there: inet1 says so
    const [error] = ipOf(heard.lan1).filter(p => p[9] === 1);
    expect([icmp.type(error!, 20), icmp.code(error!, 20), icmp.checksumOk(error!, 20, error!.length), sum4(error!)]).toEqual([3, 3, true, true]);
    const quoted = error!.subarray(28);
    expect([dotted(ipv4.src(quoted, 0)), dotted(ipv4.dst(quoted, 0)), udp.srcPort(quoted, 20), udp.dstPort(quoted, 20)]).toEqual([LAN1, SERVER, 5020, 9]);
    expect(ipv4.checksumOk(quoted, 0)).toBe(true);
  });

  it('lets in no ICMP error about a flow that is not there', () => {
    const quoted = udpPacket(WAN, 5999, SERVER, 9);
    const body = new Uint8Array(8 + 28);
    icmp.setType(body, 0, icmp.TYPE_UNREACHABLE);
    icmp.setCode(body, 0, 3);
    body.set(quoted.subarray(0, 28), 8);
    icmp.writeChecksum(body, 0, body.length);
    say('inet1', packet({ src: ip(SERVER), dst: ip(WAN), proto: 1 }, body));
    expect(ipOf(heard.lan1)).toEqual([]);
    expect(count('icmp error: about no flow of ours')).toBeGreaterThan(0);
  });

  it('keeps one host from using up all sessions', async () => {
    await b.verb('ip nat session 20');
    const before = count('nat: too many sessions of one host');
    for (let i = 0; i < 30; i++) say('lan1', udpPacket(LAN1, 6000 + i, SERVER, 7000));
    say('lan2', udpPacket(LAN2, 6100, SERVER, 7000));
    expect(udps('inet1')).toHaveLength(21);
    expect(count('nat: too many sessions of one host') - before).toBe(10);
    expect((await b.verb('ip nat session')).text.trim()).toBe('20');
    await b.advance(400_000);
    heard.inet1.length = 0;
    say('lan1', udpPacket(LAN1, 6040, SERVER, 7000));
    expect(udps('inet1')).toHaveLength(1);
    await b.verb('ip nat session 10000');
    expect((await b.verb('ip nat session 0')).code).not.toBe(0);
  });

  it('can be switched off: then packets keep their addresses, and strangers may come in', async () => {
    await b.verb('firewall default WAN LAN permit');
    await b.verb('ip nat active no');
    say('lan1', udpPacket(LAN1, 5030, SERVER, 7000));
    say('inet1', udpPacket(SERVER, 7000, LAN1, 5555));
    expect([udps('inet1'), udps('lan1')]).toEqual([[`${LAN1}:5030 > ${SERVER}:7000`], [`${SERVER}:7000 > ${LAN1}:5555`]]);
    await b.verb('ip nat active yes');
    await b.verb('firewall default WAN LAN profile');
    await b.advance(400_000);
    heard.inet1.length = 0;
    say('lan1', udpPacket(LAN1, 5030, SERVER, 7000));
    expect(udps('inet1')).toEqual([`${WAN}:5030 > ${SERVER}:7000`]);
  });

  it('follows a connection from SYN to its end', async () => {
    expect((await b.exec('lan1', 'curl -s http://inet1/')).output).toContain(WAN);
    const flow = () => b.router.engine.flows.list(f => f.original.proto === 6 && f.original.dport === 80).map(f => f.state);
    expect(flow().every(s => ['time-wait', 'close', 'last-ack', 'fin-wait', 'close-wait'].includes(s))).toBe(true);
    await b.advance(400_000);
    expect(flow()).toEqual([]);
    expect((await b.verb('ip nat status')).text).toMatch(/mappings +0/);
  });
});

describe('a LAN host that sends in the names of others', () => {
  it('gets none of the ports of NAT (fixed: random senders took them all)', async () => {
    const b = await bed();
    await b.advance(5000);
    for (let i = 1; i <= 50; i++) send(b, 'port1', from(b, 'lan1', udpPacket(`10.9.8.${i}`, 4000, SERVER, 53)));
    await b.advance(200);
    expect(b.router.engine.flows.list(f => f.original.src >>> 24 === 10)).toEqual([]);
    expect(b.router.engine.counters.list().find(c => c.name === 'lan: source does not belong on this interface')?.n).toBe(50);
    await b.stop();
  });
});
