import * as address from '../../sdk/wire/address.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as udp from '../../sdk/wire/udp.ts';
import type { IcmpError, IcmpLayer } from './icmp-layer.ts';
import type { IpLayer, Received } from './ip-layer.ts';

export interface UdpReceived { readonly src: number; readonly sport: number; readonly dst: number; readonly data: Uint8Array }
export interface UdpSending { readonly dst: number; readonly dport: number; readonly data: Uint8Array; readonly src?: number | undefined; readonly ttl?: number | undefined }

export interface UdpPort {
  readonly port: number;
  send(s: UdpSending): boolean;
  close(): void;
}

interface Listener { receive(d: UdpReceived): void; error?(e: IcmpError): void }

/** UDP of a host. */
export class UdpLayer {
  readonly #ip: IpLayer;
  readonly #icmp: IcmpLayer;
  readonly #random: () => number;
  readonly #ports = new Map<number, Listener>();

  constructor(ip: IpLayer, icmpLayer: IcmpLayer, random: () => number) {
    this.#ip = ip;
    this.#icmp = icmpLayer;
    this.#random = random;
    ip.handlers.set(ipv4.PROTO_UDP, r => this.#take(r));
    icmpLayer.errors.set(ipv4.PROTO_UDP, e => {
      if (e.inner.length >= e.innerAt + 8) this.#ports.get(udp.srcPort(e.inner, e.innerAt))?.error?.(e);
    });
  }

  /** port 0: a free one. Throws when it is taken. */
  bind(wanted: number, listener: Listener): UdpPort {
    let port = wanted;
    while (port === 0 || (wanted === 0 && this.#ports.has(port))) port = 49_152 + Math.floor(this.#random() * 16_384);
    if (this.#ports.has(port)) throw new Error(`UDP port ${port} is taken`);
    this.#ports.set(port, listener);
    return {
      port,
      send: s => this.#send(port, s),
      close: () => { if (this.#ports.get(port) === listener) this.#ports.delete(port); },
    };
  }

  #send(port: number, s: UdpSending): boolean {
    const src = s.src ?? this.#ip.own?.address ?? address.ANY;
    const payload = new Uint8Array(udp.HEADER + s.data.length);
    udp.write(payload, 0, port, s.dport, payload.length);
    payload.set(s.data, udp.HEADER);
    udp.writeChecksum(payload, 0, src, s.dst);
    return this.#ip.send({ dst: s.dst, src, proto: ipv4.PROTO_UDP, payload, ttl: s.ttl });
  }

  #take(r: Received): void {
    const { packet, at, end } = r;
    if (!udp.fits(packet, at, end) || !udp.checksumOk(packet, at, r.src, r.dst)) return;
    const listener = this.#ports.get(udp.dstPort(packet, at));
    if (listener) listener.receive({ src: r.src, sport: udp.srcPort(packet, at), dst: r.dst, data: packet.slice(at + udp.HEADER, at + udp.length(packet, at)) });
    else if (this.#ip.isOwn(r.dst)) this.#icmp.unreachable(r, icmp.CODE_PORT);
  }
}
