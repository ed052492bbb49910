import type { LinkInfo } from '../../sdk/link.ts';
import { type Batch, type Counter, HEADROOM, type Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Datagram, Udp, UdpSocket } from '../../sdk/udp.ts';
import { format4 } from '../../sdk/wire/address.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as udp from '../../sdk/wire/udp.ts';

const EPHEMERAL = 49_152;

interface Bound { readonly port: number; readonly link: number | undefined; readonly receive: (d: Datagram) => void; readonly owner: string }

export interface SocketHost {
  counter(name: string): Counter;
  take(): Packet | undefined;
  free(p: Packet): void;
  output(p: Packet): void;
  transmit(p: Packet, link: number): void;
  link(id: number): LinkInfo | undefined;
  /** Own address towards `dst`, for a datagram that names none; 0: no route. */
  sourceFor(dst: number): number;
  fault(what: string, owner: string, error: unknown): void;
  random(): number;
}

/** UDP for the router's own protocols, bound in the pipeline: it works on every link and needs no host sockets. */
export class UdpSockets {
  readonly #host: SocketHost;
  readonly #byPort = new Map<number, Bound[]>();
  readonly #noBuffer: Counter;
  readonly #badSum: Counter;
  readonly #noRoute: Counter;
  #identification = 0;

  constructor(host: SocketHost) {
    this.#host = host;
    this.#noBuffer = host.counter('udp: no packet buffer free');
    this.#badSum = host.counter('udp: checksum');
    this.#noRoute = host.counter('udp: no route for an own datagram');
  }

  /** Ports in use by the router itself, for whoever hands out ports (NAT). */
  ports(): ReadonlySet<number> { return new Set(this.#byPort.keys()); }

  /** The service as one owner sees it. */
  for(owner: string, own: (d: Disposable, label: string) => Disposable): Udp {
    return { bind: (opts, receive) => {
      const socket = this.#bind(opts, receive, owner);
      const handle = own({ dispose: () => socket.dispose() }, `udp port ${socket.port}`);
      return { port: socket.port, send: socket.send, dispose: () => handle.dispose() };
    } };
  }

  #bind(opts: { readonly port: number; readonly link?: number }, receive: (d: Datagram) => void, owner: string): UdpSocket {
    const port = opts.port === 0 ? this.#freePort() : opts.port;
    const there = this.#byPort.get(port) ?? [];
    const clash = there.find(b => b.link === undefined || opts.link === undefined || b.link === opts.link);
    if (clash) throw new Error(`UDP port ${port} is in use by ${clash.owner}`);
    const bound: Bound = { port, link: opts.link, receive, owner };
    this.#byPort.set(port, [...there, bound]);
    return {
      port,
      send: (data, to) => this.#send(port, data, to),
      dispose: () => {
        const rest = (this.#byPort.get(port) ?? []).filter(b => b !== bound);
        if (rest.length > 0) this.#byPort.set(port, rest); else this.#byPort.delete(port);
      },
    };
  }

  #freePort(): number {
    for (let tries = 0; tries < 1000; tries++) {
      const port = EPHEMERAL + Math.floor(this.#host.random() * (65_536 - EPHEMERAL));
      if (!this.#byPort.has(port)) return port;
    }
    throw new Error('no free UDP port');
  }

  /** input.deliver: hands a datagram to its socket. False: nobody listens. */
  deliver(p: Packet): boolean {
    const { buf, l3, l4 } = p;
    const bound = this.#byPort.get(udp.dstPort(buf, l4))?.find(b => b.link === undefined || b.link === p.inLink);
    if (!bound) return false;
    const src = ipv4.src(buf, l3);
    const dst = ipv4.dst(buf, l3);
    if (!p.needsCsum && !udp.checksumOk(buf, l4, src, dst)) { this.#badSum.n++; return true; }
    const d: Datagram = {
      src, dst, sport: udp.srcPort(buf, l4), dport: bound.port, link: p.inLink,
      data: buf.slice(l4 + udp.HEADER, l4 + udp.length(buf, l4)),
      mac: p.off < l3 ? buf.slice(p.off + 6, p.off + 12) : undefined,
    };
    try {
      bound.receive(d);
    } catch (error) {
      this.#host.fault(`udp port ${bound.port}`, bound.owner, error);
    }
    return true;
  }

  #send(sport: number, data: Uint8Array, to: Parameters<UdpSocket['send']>[1]): void {
    const src = to.src ?? (to.link === undefined ? this.#host.sourceFor(to.dst) : 0);
    if (src === 0 && to.link === undefined) { this.#noRoute.n++; return; }
    const p = this.#host.take();
    if (!p) { this.#noBuffer.n++; return; }
    const l3 = p.off;
    const l4 = l3 + ipv4.HEADER;
    const total = ipv4.HEADER + udp.HEADER + data.length;
    if (total > p.room - HEADROOM || total > 65_535) { this.#host.free(p); throw new RangeError(`a datagram of ${data.length} octets does not fit`); }
    this.#identification = (this.#identification + 1) & 0xffff;
    ipv4.write(p.buf, l3, { src, dst: to.dst, proto: ipv4.PROTO_UDP, totalLen: total, ttl: to.ttl ?? 64, id: this.#identification });
    udp.write(p.buf, l4, sport, to.dport, udp.HEADER + data.length);
    p.buf.set(data, l4 + udp.HEADER);
    udp.writeChecksum(p.buf, l4, src, to.dst);
    p.l3 = l3; p.l4 = l4; p.len = total; p.proto = ipv4.PROTO_UDP; p.etherType = ethernet.TYPE_IPV4;
    if (to.link === undefined) return this.#host.output(p);
    const link = this.#host.link(to.link);
    if (!link) { this.#host.free(p); this.#noRoute.n++; return; }
    if (link.framing === 'ether') {
      p.off -= ethernet.HEADER;
      p.len += ethernet.HEADER;
      ethernet.write(p.buf, p.off, to.mac ?? ethernet.BROADCAST, link.mac, ethernet.TYPE_IPV4);
    }
    this.#host.transmit(p, to.link);
  }
}

/** input.deliver as a stage; what nobody wants is answered by `refuse`. */
export function deliverStage(sockets: UdpSockets, counter: (name: string) => Counter, refuse: (p: Packet) => void) {
  const nobody = counter('input: nobody listens');
  const done = counter('input: delivered');
  return {
    slot: 'input.deliver' as const, name: 'kernel.deliver',
    process(batch: Batch): void {
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        if (p.proto === ipv4.PROTO_UDP && sockets.deliver(p)) { done.n++; batch.steal(p); continue; }
        refuse(p);
        batch.drop(p, nobody);
      }
    },
    trace: (p: Packet) => p.proto === ipv4.PROTO_UDP ? `to UDP port ${udp.dstPort(p.buf, p.l4)} of ${format4(ipv4.dst(p.buf, p.l3))}` : 'no protocol of the router takes it',
  };
}
