import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { IpLayer, Received } from './ip-layer.ts';

/** An error about a packet of ours. `inner` is what came back of it, from its IP header on. */
export interface IcmpError { readonly type: number; readonly code: number; readonly from: number; readonly mtu: number; readonly inner: Uint8Array; readonly innerAt: number }
export interface EchoReply { readonly from: number; readonly seq: number; readonly ttl: number; readonly size: number }

/** ICMP of a host (RFC 1122 §3.2.2): answers echoes, reports errors, hands on those that come. */
export class IcmpLayer {
  readonly #ip: IpLayer;
  /** By identifier: who waits for echo replies. */
  readonly #pings = new Map<number, { reply(r: EchoReply): void; error(e: IcmpError): void }>();
  /** By protocol of the packet that the error is about. */
  readonly errors = new Map<number, (e: IcmpError) => void>();

  constructor(ip: IpLayer) {
    this.#ip = ip;
    ip.handlers.set(ipv4.PROTO_ICMP, r => this.#take(r));
    ip.onUnknown = r => this.unreachable(r, icmp.CODE_PROTOCOL);
    ip.onFailure = (packet, why) => this.#dispatch({
      type: icmp.TYPE_UNREACHABLE, code: { net: icmp.CODE_NET, host: icmp.CODE_HOST, size: icmp.CODE_FRAGMENTATION_NEEDED }[why],
      from: ip.own?.address ?? 0, mtu: ip.mtu, inner: packet, innerAt: ipv4.headerLen(packet, 0),
    });
    this.errors.set(ipv4.PROTO_ICMP, e => {
      if (icmp.fits(e.inner, e.innerAt, e.inner.length)) this.#pings.get(icmp.id(e.inner, e.innerAt))?.error(e);
    });
  }

  /** Waits for replies and errors of this identifier until disposed. */
  listen(id: number, listener: { reply(r: EchoReply): void; error(e: IcmpError): void }): { dispose(): void } {
    this.#pings.set(id, listener);
    return { dispose: () => { if (this.#pings.get(id) === listener) this.#pings.delete(id); } };
  }

  /** `size`: octets of data. */
  echo(dst: number, id: number, seq: number, size: number, opts: { readonly ttl?: number | undefined; readonly df?: boolean } = {}): boolean {
    const payload = new Uint8Array(icmp.HEADER + size);
    icmp.setType(payload, 0, icmp.TYPE_ECHO);
    icmp.setId(payload, 0, id);
    icmp.setSeq(payload, 0, seq);
    for (let i = 0; i < size; i++) payload[icmp.HEADER + i] = i;
    icmp.writeChecksum(payload, 0, payload.length);
    return this.#ip.send({ dst, proto: ipv4.PROTO_ICMP, payload, ttl: opts.ttl, df: opts.df });
  }

  /** Answers a packet with destination unreachable. */
  unreachable(r: Received, code: number): void {
    const quoted = r.packet.subarray(0, Math.min(r.end, r.at + 8));
    const payload = new Uint8Array(icmp.HEADER + quoted.length);
    icmp.setType(payload, 0, icmp.TYPE_UNREACHABLE);
    icmp.setCode(payload, 0, code);
    payload.set(quoted, icmp.HEADER);
    icmp.writeChecksum(payload, 0, payload.length);
    this.#ip.send({ dst: r.src, src: r.dst, proto: ipv4.PROTO_ICMP, payload });
  }

  #take(r: Received): void {
    const { packet, at, end } = r;
    if (!icmp.fits(packet, at, end) || !icmp.checksumOk(packet, at, end)) return;
    const type = icmp.type(packet, at);
    if (type === icmp.TYPE_ECHO) this.#answer(r);
    else if (type === icmp.TYPE_ECHO_REPLY) this.#pings.get(icmp.id(packet, at))?.reply({ from: r.src, seq: icmp.seq(packet, at), ttl: r.ttl, size: end - at });
    else if (icmp.isError(type)) {
      const inner = packet.slice(at + icmp.HEADER, end);
      if (!ipv4.headerFits(inner, 0, inner.length)) return;
      this.#dispatch({ type, code: icmp.code(packet, at), from: r.src, mtu: icmp.mtu(packet, at), inner, innerAt: ipv4.headerLen(inner, 0) });
    }
  }

  #answer(r: Received): void {
    if (!this.#ip.isOwn(r.dst)) return;
    const payload = r.packet.slice(r.at, r.end);
    icmp.setType(payload, 0, icmp.TYPE_ECHO_REPLY);
    icmp.writeChecksum(payload, 0, payload.length);
    this.#ip.send({ dst: r.src, src: r.dst, proto: ipv4.PROTO_ICMP, payload });
  }

  #dispatch(e: IcmpError): void {
    this.errors.get(ipv4.protocol(e.inner, 0))?.(e);
  }
}
