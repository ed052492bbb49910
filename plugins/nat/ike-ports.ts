import type { Batch, Counter, Packet, StageSpec } from '../../sdk/index.ts';
import * as checksum from '../../sdk/wire/checksum.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as isakmp from '../../sdk/wire/isakmp.ts';
import * as udp from '../../sdk/wire/udp.ts';
import type { IkeHosts } from './ike-hosts.ts';
import { Message } from './ike-message.ts';

/** Where the ports stand in a UDP header. */
const SOURCE = 0;
const DESTINATION = 2;

interface Parts {
  readonly hosts: IkeHosts;
  now(): number;
  /** Whether a packet with this key belongs to a flow as it is: the router's own, or one that was led in by a rule. */
  taken(src: number, sport: number, dst: number, dport: number, proto: number): boolean;
  /** Whether a rule leads this port of an outside address to a host. */
  forwarded(address: number, port: number): boolean;
  readonly unclear: Counter;
}

/**
 * Two stages around the flow table, there only while ports 500 or 4500 shall stay what they are: inside each host's flow has a port of its
 * own; on the way out it becomes the real one, on the way in the cookie or SPI says which one that was.
 */
export class IkePorts {
  readonly #parts: Parts;
  readonly #message = new Message();

  constructor(parts: Parts) { this.#parts = parts; }

  stages(): readonly StageSpec[] {
    return [
      { slot: 'prerouting.ipsec-in', name: 'nat.ike-in', process: batch => this.arrive(batch) },
      { slot: 'postrouting.fragment', name: 'nat.ike-out', process: batch => this.leave(batch) },
    ];
  }

  /** Before the flow is looked up. */
  arrive(batch: Batch): void {
    if (this.#parts.hosts.size === 0) return;
    const now = this.#parts.now();
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (p.l4 === 0) continue;
      if (p.proto === ipv4.PROTO_UDP) {
        const port = udp.dstPort(p.buf, p.l4);
        if ((port === isakmp.PORT || port === isakmp.PORT_NAT_T) && !this.#answer(p, port, now)) batch.drop(p, this.#parts.unclear);
      } else if (p.proto === ipv4.PROTO_ICMP && icmp.isError(p.buf[p.l4]!)) this.#error(p);
    }
  }

  /** As the packets go onto the wire. */
  leave(batch: Batch): void {
    const { hosts } = this.#parts;
    if (hosts.size === 0) return;
    const now = this.#parts.now();
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      const { buf, l3, l4 } = p;
      if (l4 === 0) continue;
      if (p.proto === ipv4.PROTO_UDP) {
        const flow = hosts.leaving(ipv4.src(buf, l3), udp.srcPort(buf, l4), ipv4.dst(buf, l3), udp.dstPort(buf, l4));
        if (!flow) continue;
        write(buf, l4, SOURCE, flow.port, p.needsCsum);
        hosts.said(flow, this.#read(p, flow.port), now);
      } else if (p.proto === ipv4.PROTO_ICMP && icmp.isError(buf[l4]!)) {
        // An error of a host about what the peer sent, or our own.
        const inner = quotes(p);
        if (inner === 0) continue;
        const at = inner + ipv4.headerLen(buf, inner);
        const flow = hosts.leaving(ipv4.dst(buf, inner), udp.dstPort(buf, at), ipv4.src(buf, inner), udp.srcPort(buf, at));
        if (flow) rewriteQuoted(p, at, DESTINATION, flow.port);
      }
    }
  }

  /** False: it is for one of several hosts, and nothing says for which. */
  #answer(p: Packet, port: number, now: number): boolean {
    const { hosts, taken, forwarded } = this.#parts;
    const { buf, l3, l4 } = p;
    const src = ipv4.src(buf, l3);
    const dst = ipv4.dst(buf, l3);
    const sport = udp.srcPort(buf, l4);
    const peer = hosts.peer(dst, src, sport, port);
    if (peer === undefined) return true;
    const m = this.#read(p, port);
    let flow = hosts.known(peer, m, now);
    if (flow === undefined) {
      if (taken(src, sport, dst, port, ipv4.PROTO_UDP) || forwarded(dst, port)) return true;
      flow = hosts.likely(peer, m, now);
    }
    if (flow === undefined) return false;
    write(buf, l4, DESTINATION, flow.alias, p.needsCsum);
    return true;
  }

  #read({ buf, l4, off, len }: Packet, port: number): Message {
    return this.#message.read(buf, l4 + udp.HEADER, Math.min(l4 + udp.length(buf, l4), off + len), port);
  }

  /** An error about what a host sent: what it quotes is made what the flow table knows. */
  #error(p: Packet): void {
    const { buf } = p;
    const inner = quotes(p);
    if (inner === 0) return;
    const at = inner + ipv4.headerLen(buf, inner);
    const port = udp.srcPort(buf, at);
    const peer = this.#parts.hosts.peer(ipv4.src(buf, inner), ipv4.dst(buf, inner), udp.dstPort(buf, at), port);
    if (peer === undefined) return;
    const flow = this.#parts.hosts.quoted(peer, this.#message.read(buf, at + udp.HEADER, p.off + p.len, port));
    if (flow) rewriteQuoted(p, at, SOURCE, flow.alias);
  }
}

/** Where the UDP packet begins that an error quotes with its ports; 0: it quotes something else. */
function quotes(p: Packet): number {
  const end = p.off + p.len;
  const inner = icmp.inner(p.buf, p.l4, end) ?? 0;
  return inner !== 0 && ipv4.protocol(p.buf, inner) === ipv4.PROTO_UDP && ipv4.fragmentOffset(p.buf, inner) === 0 ? inner : 0;
}

/** A port of a UDP header. A partial checksum knows nothing of ports; 0 is none (RFC 768). */
function write(buf: Uint8Array, l4: number, field: number, port: number, partial: boolean): void {
  const before = field === SOURCE ? udp.srcPort(buf, l4) : udp.dstPort(buf, l4);
  if (field === SOURCE) udp.setSrcPort(buf, l4, port);
  else udp.setDstPort(buf, l4, port);
  const sum = udp.checksum(buf, l4);
  if (!partial && sum !== 0) udp.setChecksum(buf, l4, udp.sentChecksum(checksum.update16(sum, before, port)));
}

/** The same in a quoted header, for whose octets the error's own checksum stands. */
function rewriteQuoted(p: Packet, at: number, field: number, port: number): void {
  const { buf, l4 } = p;
  const [before, sum] = [udp.srcPort(buf, at + field), udp.checksum(buf, at)];
  write(buf, at, field, port, false);
  const own = checksum.update16(icmp.checksum(buf, l4), before, port);
  icmp.setChecksum(buf, l4, checksum.update16(own, sum, udp.checksum(buf, at)));
}
