import * as arp from '../../sdk/wire/arp.ts';
import { parse4, parseMac } from '../../sdk/wire/address.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import * as udp from '../../sdk/wire/udp.ts';
import { hosts, wires, type HostName, type WireName } from '../../lab/topology.ts';
import type { Bed } from './bed.ts';

export const ip = (text: string): number => parse4(text)!;
export const mac = (text: string): Uint8Array => parseMac(text)!;
export const BROADCAST = ethernet.BROADCAST;

/** The card of the router that a host sees: the address of the wire, or of the bridge that the wire is a port of. */
export function routerMac(b: Bed, host: HostName): Uint8Array {
  const wire = hosts.find(h => h.name === host)!.wire;
  const role = wire === 'wan' ? 'wan' : wire === 'port3' ? 'dmz' : 'lan';
  return b.router.links.byName(role)?.mac ?? mac(wires.find(w => w.name === wire)!.mac);
}
export const hostMac = (host: HostName): Uint8Array => mac(hosts.find(h => h.name === host)!.mac);

export function ether(dst: Uint8Array, src: Uint8Array, type: number, payload: Uint8Array): Uint8Array {
  const f = new Uint8Array(14 + payload.length);
  ethernet.write(f, 0, dst, src, type);
  f.set(payload, 14);
  return f;
}

export interface Header { readonly src: number; readonly dst: number; readonly proto: number; readonly ttl?: number; readonly id?: number; readonly df?: boolean; readonly more?: boolean; /** Octets. */ readonly offset?: number }

export function packet(h: Header, body: Uint8Array): Uint8Array {
  const p = new Uint8Array(20 + body.length);
  ipv4.write(p, 0, { src: h.src, dst: h.dst, proto: h.proto, totalLen: p.length, ttl: h.ttl ?? 64, id: h.id ?? 1, df: h.df ?? false });
  if (h.more || h.offset) {
    ipv4.setFlagsFragment(p, 0, (h.more ? 0x2000 : 0) | (h.offset ?? 0) >> 3);
    ipv4.writeChecksum(p, 0);
  }
  p.set(body, 20);
  return p;
}
export function udpPacket(src: string, sport: number, dst: string, dport: number, data: Uint8Array = new Uint8Array(8), opts: Partial<Header> = {}): Uint8Array {
  const body = new Uint8Array(8 + data.length);
  udp.write(body, 0, sport, dport, body.length);
  body.set(data, 8);
  udp.writeChecksum(body, 0, ip(src), ip(dst));
  return packet({ src: ip(src), dst: ip(dst), proto: ipv4.PROTO_UDP, ...opts }, body);
}
export function tcpPacket(src: string, sport: number, dst: string, dport: number, flags: number, seq = 1, opts: Partial<Header> = {}): Uint8Array {
  const body = new Uint8Array(20);
  tcp.write(body, 0, { sport, dport, seq, ack: 0, flags, window: 1000 });
  tcp.writeChecksum(body, 0, 20, ip(src), ip(dst));
  return packet({ src: ip(src), dst: ip(dst), proto: ipv4.PROTO_TCP, ...opts }, body);
}
export function echo(src: string, dst: string, id = 77, size = 8, opts: Partial<Header> = {}): Uint8Array {
  const body = new Uint8Array(8 + size);
  icmp.setType(body, 0, icmp.TYPE_ECHO);
  icmp.setId(body, 0, id);
  icmp.setSeq(body, 0, 1);
  icmp.writeChecksum(body, 0, body.length);
  return packet({ src: ip(src), dst: ip(dst), proto: ipv4.PROTO_ICMP, ...opts }, body);
}
export function arpFrame(a: { readonly to?: Uint8Array; readonly op: number; readonly sha: Uint8Array; readonly spa: string; readonly tha?: Uint8Array; readonly tpa: string }): Uint8Array {
  const body = new Uint8Array(46);
  arp.write(body, 0, { op: a.op, sha: a.sha, spa: ip(a.spa), tha: a.tha ?? new Uint8Array(6), tpa: ip(a.tpa) });
  return ether(a.to ?? BROADCAST, a.sha, ethernet.TYPE_ARP, body);
}

/** An IP packet from a host of the lab to the router's card. */
export const from = (b: Bed, host: HostName, ipPacket: Uint8Array): Uint8Array => ether(routerMac(b, host), hostMac(host), ethernet.TYPE_IPV4, ipPacket);

/** Puts a frame on a wire, towards the router. It is looked at when time goes on. */
export const send = (b: Bed, wire: WireName, frame: Uint8Array): void => b.lab.wires.get(wire)!.toA.send(frame);

/** Every frame that arrives at a host from now on. */
export function listen(b: Bed, name: HostName): Uint8Array[] {
  const host = b.lab.stacks.get(name)!;
  const frames: Uint8Array[] = [];
  const take = host.take.bind(host);
  host.take = frame => { frames.push(frame); take(frame); };
  return frames;
}
/** IP packets among frames, for those who look at headers. */
export const ipOf = (frames: readonly Uint8Array[]): Uint8Array[] => frames.filter(f => ethernet.etherType(f, 0) === ethernet.TYPE_IPV4).map(f => f.subarray(14, 14 + ipv4.totalLen(f, 14)));

export const errors = (b: Bed): string[] => b.log.ring.lines({ level: 'error' }).map(l => `${l.name}: ${l.msg} ${JSON.stringify(l.fields)}`);

/** One ping from lan1 to the internet server. */
export async function pingWorks(b: Bed, host: HostName = 'lan1'): Promise<boolean> {
  return (await b.exec(host, 'ping -c 1 203.0.113.10')).output.includes('1 received');
}
