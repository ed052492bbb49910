import * as ppp from '../wire/ppp.ts';
import { type DecoderCounters, FrameDecoder, FrameEncoder, worstCase } from '../wire/ppp-frame.ts';
import type { PppIn, PppOut } from './contract.ts';

/** Header, FCS and some room: what an MRU does not count. */
const OVERHEAD = 8;
/** Everybody must take packets of this size, whatever was agreed (RFC 1661 §6.1), and some send them. */
const LEAST_ROOM = 1600;
/** Frames that go out with one write (octets); a longer one goes alone. */
const BURST = 16_384;

export interface LineEnds {
  /** Octets for the wire, valid during the call. False: no room, they were dropped. */
  write(buf: Uint8Array, from: number, to: number): boolean;
  /** An IP packet from the peer in buf[start, end), valid during the call. Only while the network is up. */
  packet(buf: Uint8Array, start: number, end: number, version: 4 | 6): void;
  /** For the session. */
  control(input: PppIn): void;
}

export interface LineStats { rxPackets: number; rxBytes: number; txPackets: number; txBytes: number; /** No room on the wire. */ txDropped: number; /** IP before the network was up. */ early: number }

/** A serial line between a session, an IP interface and a tty: frames both ways (RFC 1662). Nothing is allocated for a packet. */
export class AsyncLine {
  readonly stats: LineStats = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, txDropped: 0, early: 0 };
  readonly #ends: LineEnds;
  readonly #encoder = new FrameEncoder();
  readonly #decoder = new FrameDecoder();
  #tx = new Uint8Array(BURST);
  #rx = new Uint8Array(0);
  #filled = 0;
  #waiting = 0;
  #up = false;

  constructor(ends: LineEnds) {
    this.#ends = ends;
    this.#room(0);
  }

  /** Frames and drops of the receiving side. */
  get frames(): Readonly<DecoderCounters> { return this.#decoder.counters; }

  /** To be given every output of the session, in order. */
  apply(out: PppOut): void {
    switch (out.kind) {
      case 'send':
        this.#encode(out.protocol, out.data, 0, out.data.length);
        this.flush();
        break;
      case 'framing':
        this.#encoder.framing = out.framing;
        this.#decoder.accm = out.framing.receiveAccm;
        this.#room(out.mru);
        break;
      case 'network-up': this.#up = true; break;
      case 'network-down': this.#up = false; break;
      case 'closed':
        this.#up = false;
        this.#decoder.reset();
        break;
      default:
    }
  }

  /** Octets from the wire. */
  receive(src: Uint8Array, from: number, to: number): void {
    const d = this.#decoder;
    for (let at = from; at < to;) {
      at = d.feed(src, at, to);
      if (d.complete) this.#take(d);
    }
  }

  /** Queues an IP packet; `flush` after the last of a batch. False: the network is not up. */
  send(buf: Uint8Array, from: number, to: number): boolean {
    if (!this.#up) { this.stats.early++; return false; }
    this.#encode((buf[from]! >>> 4) === 6 ? ppp.PROTO_IPV6 : ppp.PROTO_IPV4, buf, from, to);
    this.#waiting++;
    this.stats.txPackets++;
    this.stats.txBytes += to - from;
    return true;
  }

  flush(): void {
    if (this.#filled === 0) return;
    if (!this.#ends.write(this.#tx, 0, this.#filled)) this.stats.txDropped += this.#waiting;
    this.#filled = 0;
    this.#waiting = 0;
  }

  #encode(protocol: number, buf: Uint8Array, from: number, to: number): void {
    const need = worstCase(to - from);
    if (need > this.#tx.length - this.#filled) {
      this.flush();
      if (need > this.#tx.length) this.#tx = new Uint8Array(need);
    }
    // A frame right behind another shares its flag (RFC 1662 §4.3).
    this.#filled = this.#encoder.encode(this.#tx, this.#filled, protocol, buf, from, to, this.#filled === 0);
  }

  #take(d: FrameDecoder): void {
    const { protocol, start, end } = d;
    if (protocol === ppp.PROTO_IPV4 || protocol === ppp.PROTO_IPV6) {
      if (!this.#up) { this.stats.early++; return; }
      this.stats.rxPackets++;
      this.stats.rxBytes += end - start;
      this.#ends.packet(this.#rx, start, end, protocol === ppp.PROTO_IPV4 ? 4 : 6);
    } else {
      this.#ends.control({ kind: 'packet', protocol, data: this.#rx.slice(start, end) });
    }
  }

  /** Grows only; a frame that is half in when it does is lost. */
  #room(mru: number): void {
    const need = Math.max(mru + OVERHEAD, LEAST_ROOM);
    if (this.#rx.length >= need) return;
    this.#rx = new Uint8Array(need);
    this.#decoder.into(this.#rx, 0, need);
  }
}
