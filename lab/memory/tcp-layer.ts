import { type Clock, drive, type Tick } from '../../sdk/index.ts';
import { createScope } from '../../kernel/scope.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as wire from '../../sdk/wire/tcp.ts';
import type { IcmpError, IcmpLayer } from './icmp-layer.ts';
import type { IpLayer, Received } from './ip-layer.ts';
import { Tcp } from './tcp.ts';
import type { Segment, TcpIn, TcpOut } from './tcp-messages.ts';

/** What a connection's user is told. */
export interface ConnectionUser {
  connected?(): void;
  data?(data: Uint8Array): void;
  /** The peer sends no more. */
  eof?(): void;
  /** More can be written. */
  room?(): void;
  /** Once, at last; `why` is undefined after an orderly end. */
  closed?(why: string | undefined): void;
}

export interface Connection {
  readonly peer: { readonly address: number; readonly port: number };
  /** Says how many octets were taken; the rest after the next `room`. */
  write(data: Uint8Array): number;
  end(): void;
  abort(): void;
}

interface Open { readonly machine: Tcp; readonly feed: (input: TcpIn | Tick) => void }

/** TCP of a host: finds the connection for a segment, and runs each connection's machine. */
export class TcpLayer {
  readonly #clock: Clock;
  readonly #ip: IpLayer;
  readonly #random: () => number;
  readonly #open = new Map<string, Open>();
  readonly #listeners = new Map<number, (c: Connection) => ConnectionUser>();

  constructor(clock: Clock, ip: IpLayer, icmpLayer: IcmpLayer, random: () => number) {
    this.#clock = clock;
    this.#ip = ip;
    this.#random = random;
    ip.handlers.set(ipv4.PROTO_TCP, r => this.#take(r));
    icmpLayer.errors.set(ipv4.PROTO_TCP, e => this.#error(e));
  }

  /** Connections now open, those in time-wait included. */
  get size(): number { return this.#open.size; }

  listen(port: number, accept: (c: Connection) => ConnectionUser): void {
    this.#listeners.set(port, accept);
  }

  connect(dst: number, dport: number, user: ConnectionUser): Connection {
    const src = this.#ip.isOwn(dst) ? dst : this.#ip.own?.address ?? 0;
    let sport = 0;
    do sport = 32_768 + Math.floor(this.#random() * 28_232); while (this.#open.has(key(src, sport, dst, dport)));
    const { connection, open } = this.#make(src, sport, dst, dport, () => user);
    // Not at once: the caller must have the connection before anything happens on it.
    this.#clock.after(0, () => open.feed({ kind: 'connect' }));
    return connection;
  }

  #make(src: number, sport: number, dst: number, dport: number, userOf: (c: Connection) => ConnectionUser): { connection: Connection; open: Open } {
    const id = key(src, sport, dst, dport);
    const scope = createScope(id);
    const machine = new Tcp({ iss: Math.floor(this.#random() * 2 ** 32), mss: this.#ip.mtu - 40 });
    const feed = drive<TcpIn, TcpOut>(this.#clock, scope, machine, out => {
      switch (out.kind) {
        case 'segment': this.#send(src, sport, dst, dport, out.segment); break;
        case 'data': user.data?.(out.data); break;
        case 'connected': user.connected?.(); break;
        case 'eof': user.eof?.(); break;
        case 'room': user.room?.(); break;
        case 'closed':
          this.#open.delete(id);
          user.closed?.(out.why);
          void scope.dispose();
      }
    });
    const open: Open = { machine, feed };
    this.#open.set(id, open);
    const connection: Connection = {
      peer: { address: dst, port: dport },
      write: data => {
        // Inside one of the machine's outputs an input waits: what was given is not yet all taken.
        const n = Math.min(data.length, machine.room - (given - machine.taken));
        if (n <= 0) return 0;
        given += n;
        feed({ kind: 'send', data: data.subarray(0, n) });
        return n;
      },
      end: () => feed({ kind: 'close' }),
      abort: () => feed({ kind: 'abort' }),
    };
    let given = 0;
    const user = userOf(connection);
    return { connection, open };
  }

  #take(r: Received): void {
    const { packet, at, end } = r;
    if (!wire.fits(packet, at, end) || !wire.checksumOk(packet, at, end, r.src, r.dst)) return;
    const sport = wire.srcPort(packet, at);
    const dport = wire.dstPort(packet, at);
    const segment: Segment = {
      seq: wire.seq(packet, at), ack: wire.ack(packet, at), flags: wire.flags(packet, at), window: wire.window(packet, at),
      mss: wire.mss(packet, at), data: packet.slice(at + wire.dataOffset(packet, at), end),
    };
    const open = this.#open.get(key(r.dst, dport, r.src, sport)) ?? this.#accept(r, segment, sport, dport);
    if (open) open.feed({ kind: 'segment', segment });
    else if (!(segment.flags & wire.RST)) this.#refuse(r, segment, sport, dport);
  }

  #accept(r: Received, s: Segment, sport: number, dport: number): Open | undefined {
    const accept = this.#listeners.get(dport);
    if (!accept || (s.flags & (wire.SYN | wire.ACK | wire.RST)) !== wire.SYN) return undefined;
    return this.#make(r.dst, dport, r.src, sport, accept).open;
  }

  /** RST for what belongs to no connection (RFC 9293 §3.10.7.1). */
  #refuse(r: Received, s: Segment, sport: number, dport: number): void {
    const size = s.data.length + (s.flags & wire.SYN ? 1 : 0) + (s.flags & wire.FIN ? 1 : 0);
    const answers = (s.flags & wire.ACK) !== 0;
    this.#send(r.dst, dport, r.src, sport, {
      seq: answers ? s.ack : 0, ack: answers ? 0 : (s.seq + size) >>> 0, flags: answers ? wire.RST : wire.RST | wire.ACK, window: 0, data: new Uint8Array(0),
    });
  }

  #send(src: number, sport: number, dst: number, dport: number, s: Segment): void {
    const header = wire.HEADER + (s.mss === undefined ? 0 : 4);
    const payload = new Uint8Array(header + s.data.length);
    wire.write(payload, 0, { sport, dport, seq: s.seq, ack: s.ack, flags: s.flags, window: s.window, dataOffset: header });
    if (s.mss !== undefined) wire.writeMss(payload, wire.HEADER, s.mss);
    payload.set(s.data, header);
    wire.writeChecksum(payload, 0, payload.length, src, dst);
    this.#ip.send({ src, dst, proto: ipv4.PROTO_TCP, payload, df: true });
  }

  #error(e: IcmpError): void {
    if (e.inner.length < e.innerAt + 8) return;
    const src = ipv4.src(e.inner, 0);
    const dst = ipv4.dst(e.inner, 0);
    const open = this.#open.get(key(src, wire.srcPort(e.inner, e.innerAt), dst, wire.dstPort(e.inner, e.innerAt)));
    if (!open || e.type !== icmp.TYPE_UNREACHABLE) return;
    if (e.code === icmp.CODE_FRAGMENTATION_NEEDED) open.feed({ kind: 'mss', mss: Math.max(536, e.mtu) - 40 });
    // RFC 5461: while connecting, an error is taken for an answer; later it may pass.
    else if (open.machine.place === 'syn-sent') open.feed({ kind: 'abort' });
  }
}

const key = (a: number, ap: number, b: number, bp: number): string => `${a}:${ap} ${b}:${bp}`;
