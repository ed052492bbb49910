import { type Clock, type Counter, Packet, type Packets } from '../../sdk/index.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import type { AddressTable } from './addresses.ts';
import { Bucket, Buckets } from './bucket.ts';
import type { Errors, Silence } from './contract.ts';

/** RFC 1812 §4.3.2.3: as much of the packet as fits without the error exceeding 576 octets. */
const LARGEST_ERROR = 576;
/** RFC 1812 §4.3.2.5: errors travel with precedence 6, internetwork control. */
const ERROR_TOS = 0xc0;
const PEERS = 1024;

/** ICMP messages that ask and are no errors; anything else, unknown types too, is never answered with an error (RFC 1122 §3.2.2). */
const queries = new Set([icmp.TYPE_ECHO_REPLY, icmp.TYPE_ECHO, icmp.TYPE_TIMESTAMP, icmp.TYPE_TIMESTAMP_REPLY]);

export interface IcmpOptions {
  readonly perSecond: number;
  readonly perPeer: number;
  /** Requests for closed ports of the router itself get no answer. */
  readonly silent: boolean;
}
export interface IcmpCounters { readonly sent: Counter; readonly limited: Counter; readonly silent: Counter; readonly noBuffer: Counter; readonly resets: Counter; readonly echoes: Counter }

export interface IcmpDeps {
  readonly packets: Pick<Packets, 'take' | 'free' | 'output'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly addresses: AddressTable;
  /** Own address to speak from towards `dst`; 0: there is no way. */
  sourceTowards(dst: number): number;
  readonly counters: IcmpCounters;
  /** Who else wants closed ports of the router not to show. */
  readonly silences?: readonly Silence[];
}

/** Makes echo replies, ICMP errors and TCP resets. */
export class Icmp implements Errors {
  readonly #deps: IcmpDeps;
  readonly #all: Bucket;
  readonly #peers: Buckets;
  #id: number;
  #silent = false;

  constructor(deps: IcmpDeps, options: IcmpOptions, random: () => number) {
    this.#deps = deps;
    this.#all = new Bucket(options.perSecond, options.perSecond);
    this.#peers = new Buckets(options.perPeer, options.perPeer, PEERS);
    this.#id = Math.floor(random() * 0x10000);
    this.#silent = options.silent;
  }

  setOptions(options: IcmpOptions): void {
    this.#all.perSecond = this.#all.burst = options.perSecond;
    this.#peers.perSecond = this.#peers.burst = options.perPeer;
    this.#silent = options.silent;
  }

  /** The next IP identification for packets that may be fragmented. */
  nextId(): number {
    return this.#id = (this.#id + 1) & 0xffff;
  }

  ttlExceeded(p: Packet): void { this.#error(p, icmp.TYPE_TIME_EXCEEDED, icmp.CODE_TTL, 0); }
  fragNeeded(p: Packet, mtu: number): void { this.#error(p, icmp.TYPE_UNREACHABLE, icmp.CODE_FRAGMENTATION_NEEDED, Math.min(0xffff, mtu)); }
  unreachable(p: Packet, code: number): void {
    if ((code === icmp.CODE_PORT || code === icmp.CODE_PROTOCOL) && this.#hidden(p)) return;
    this.#error(p, icmp.TYPE_UNREACHABLE, code, 0);
  }
  /** `bytes`: header and data of the first fragment of a datagram that never became whole. */
  reassemblyExceeded(bytes: Uint8Array): void {
    const p = new Packet(bytes, 0, bytes.length);
    p.off = 0;
    p.len = bytes.length;
    this.#error(p, icmp.TYPE_TIME_EXCEEDED, icmp.CODE_REASSEMBLY, 0);
  }

  #error(p: Packet, type: number, code: number, rest: number): void {
    const { buf } = p;
    const l3 = ipAt(p);
    const end = p.off + p.len;
    const { counters } = this.#deps;
    if (!this.#answerable(p, l3, end)) { counters.silent.n++; return; }
    const dst = ipv4.src(buf, l3);
    if (!this.#allowed(dst)) return;
    const out = this.#begin();
    if (!out) return;
    const quote = Math.min(ipv4.totalLen(buf, l3), end - l3, LARGEST_ERROR - ipv4.HEADER - icmp.HEADER);
    const total = ipv4.HEADER + icmp.HEADER + quote;
    const at = out.off + ipv4.HEADER;
    out.buf.set(buf.subarray(l3, l3 + quote), at + icmp.HEADER);
    icmp.writeError(out.buf, at, type, code, rest);
    this.#finish(out, total, this.#source(ipv4.dst(buf, l3), dst), dst, ERROR_TOS);
    counters.sent.n++;
  }

  tcpReset(p: Packet): void {
    if (this.#hidden(p)) return;
    const { buf } = p;
    const l3 = ipAt(p);
    const { counters } = this.#deps;
    if (!this.#answerable(p, l3, p.off + p.len) || ipv4.protocol(buf, l3) !== ipv4.PROTO_TCP) { counters.silent.n++; return; }
    const l4 = l3 + ipv4.headerLen(buf, l3);
    const end = l3 + ipv4.totalLen(buf, l3);
    if (!tcp.fits(buf, l4, end) || tcp.flags(buf, l4) & tcp.RST) { counters.silent.n++; return; }
    const dst = ipv4.src(buf, l3);
    if (!this.#allowed(dst)) return;
    const out = this.#begin();
    if (!out) return;
    const flags = tcp.flags(buf, l4);
    const length = end - l4 - tcp.dataOffset(buf, l4) + (flags & tcp.SYN ? 1 : 0) + (flags & tcp.FIN ? 1 : 0);
    const at = out.off + ipv4.HEADER;
    const ports = { sport: tcp.dstPort(buf, l4), dport: tcp.srcPort(buf, l4) };
    // RFC 9293 §3.10.7.1: what had an ACK is answered at that number, anything else is acknowledged.
    if (flags & tcp.ACK) tcp.write(out.buf, at, { ...ports, seq: tcp.ack(buf, l4), flags: tcp.RST });
    else tcp.write(out.buf, at, { ...ports, seq: 0, ack: (tcp.seq(buf, l4) + length) >>> 0, flags: tcp.RST | tcp.ACK });
    const src = ipv4.dst(buf, l3);
    tcp.writeChecksum(out.buf, at, at + tcp.HEADER, src, dst);
    this.#send(out, ipv4.HEADER + tcp.HEADER, src, dst, ipv4.PROTO_TCP, 0, true);
    counters.resets.n++;
  }

  /** Answers an echo request to an own address; the packet stays the caller's. False: no buffer. */
  echoReply(p: Packet): boolean {
    const { buf, l3 } = p;
    const l4 = l3 + ipv4.headerLen(buf, l3);
    const end = l3 + ipv4.totalLen(buf, l3);
    const out = this.#begin();
    if (!out) return false;
    const at = out.off + ipv4.HEADER;
    out.buf.set(buf.subarray(l4, end), at);
    icmp.setType(out.buf, at, icmp.TYPE_ECHO_REPLY);
    this.#finish(out, ipv4.HEADER + end - l4, ipv4.dst(buf, l3), ipv4.src(buf, l3), ipv4.tos(buf, l3));
    this.#deps.counters.echoes.n++;
    return true;
  }

  /** The router does not show which of its own ports are closed. */
  #hidden(p: Packet): boolean {
    const l3 = ipAt(p);
    const hidden = (this.#silent || this.#deps.silences?.some((s) => s.hides(p)) === true)
      && ipv4.headerFits(p.buf, l3, p.off + p.len) && this.#deps.addresses.ownedBy(ipv4.dst(p.buf, l3)) !== undefined;
    if (hidden) this.#deps.counters.silent.n++;
    return hidden;
  }

  /** RFC 1122 §3.2.2, RFC 1812 §4.3.2.7: who must never get an error. */
  #answerable(p: Packet, l3: number, end: number): boolean {
    const { buf } = p;
    if (p.local || !ipv4.fits(buf, l3, end) || ipv4.fragmentOffset(buf, l3) > 0) return false;
    if (l3 - p.off >= ethernet.HEADER && ethernet.toGroup(buf, p.off)) return false;
    const { addresses } = this.#deps;
    if (addresses.kind(ipv4.src(buf, l3)) !== 'unicast') return false;
    const to = addresses.kind(ipv4.dst(buf, l3));
    if (to !== 'unicast' && to !== 'own') return false;
    if (ipv4.protocol(buf, l3) !== ipv4.PROTO_ICMP) return true;
    const l4 = l3 + ipv4.headerLen(buf, l3);
    return l4 < end && queries.has(icmp.type(buf, l4));
  }

  #allowed(peer: number): boolean {
    const now = this.#deps.clock.now();
    // The peer's bucket first: one noisy peer must not use up what is for all.
    const allowed = this.#peers.take(peer, now) && this.#all.take(now);
    if (!allowed) this.#deps.counters.limited.n++;
    return allowed;
  }

  /** RFC 1812 §4.3.2.4: of the link on which the error leaves; a packet to an own address is answered from that one. */
  #source(original: number, towards: number): number {
    return this.#deps.addresses.ownedBy(original) ? original : this.#deps.sourceTowards(towards);
  }

  #begin(): Packet | undefined {
    const out = this.#deps.packets.take();
    if (!out) this.#deps.counters.noBuffer.n++;
    return out;
  }

  #finish(out: Packet, total: number, src: number, dst: number, tos: number): void {
    icmp.writeChecksum(out.buf, out.off + ipv4.HEADER, out.off + total);
    this.#send(out, total, src, dst, ipv4.PROTO_ICMP, tos, false);
  }

  #send(out: Packet, total: number, src: number, dst: number, proto: number, tos: number, df: boolean): void {
    if (src === 0) {
      this.#deps.packets.free(out);
      this.#deps.counters.silent.n++;
      return;
    }
    ipv4.write(out.buf, out.off, { src, dst, proto, totalLen: total, tos, id: this.nextId(), df });
    out.len = total;
    out.l3 = out.off;
    out.l4 = out.off + ipv4.HEADER;
    out.etherType = ethernet.TYPE_IPV4;
    out.proto = proto;
    out.local = true;
    this.#deps.packets.output(out);
  }
}

/** Offset of the IP header, also where nobody has looked for it yet. */
const ipAt = (p: Packet): number => p.l3 || p.off;
