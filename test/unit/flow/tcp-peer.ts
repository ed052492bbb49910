import * as tcp from '../../../sdk/wire/tcp.ts';

/** A segment as the wire carries it; the buffer is header and options only, the data is `len` octets that nobody looks at. */
export interface Segment { readonly header: Uint8Array; readonly len: number }

export const seqOf = (s: Segment): number => tcp.seq(s.header, 0);
export const flagsOf = (s: Segment): number => s.header[13]!;
/** Modulo 2^32: negative when a is before b. */
export const distance = (a: number, b: number): number => (a - b) | 0;

export interface SegmentFields {
  readonly seq: number; readonly ack?: number | undefined; readonly flags: number; readonly window: number; readonly len?: number;
  /** The options, padded to words. */
  readonly options?: readonly number[];
}
export function segment(f: SegmentFields): Segment {
  const options = f.options ?? [];
  const header = new Uint8Array(20 + options.length);
  tcp.write(header, 0, { sport: 1, dport: 2, seq: f.seq >>> 0, ack: (f.ack ?? 0) >>> 0, flags: f.flags, window: f.window, dataOffset: header.length });
  header.set(options, 20);
  return { header, len: f.len ?? 0 };
}

export interface PeerOptions {
  readonly iss: number;
  /** Octets to send before FIN. */
  readonly toSend: number;
  /** Octets of its receive buffer; it never takes an advertised octet back. */
  readonly buffer: number;
  /** Shift count it offers, or undefined. */
  readonly scale: number | undefined;
  readonly sack: boolean;
  readonly mss: number;
  /** Sends as much at once as the window lets it, up to 60000 octets (a super-frame). */
  readonly large: boolean;
  readonly random: () => number;
}

const words32 = (v: number): number[] => [v >>> 24, v >>> 16 & 255, v >>> 8 & 255, v & 255];

/**
 * A plain TCP that keeps the rules of RFC 9293: it sends nothing beyond the window, acknowledges only what has come, goes back to what is
 * not acknowledged when it has waited, probes zero windows and, when it is idle, keeps alive. It has no congestion control.
 */
export class Peer {
  state: 'closed' | 'listen' | 'syn-sent' | 'syn-received' | 'established' = 'closed';
  readonly o: PeerOptions;
  sndUna: number;
  sndNxt: number;
  sndMax: number;
  sndEdge = 0;
  rcvNxt = 0;
  /** Right edge that was advertised. */
  rcvEdge = 0;
  unread = 0;
  finSent = false;
  finReceived = false;
  reset = false;
  #scaleOut = 0;
  #scaleIn = 0;
  #sack = false;
  /** [from, to) that came out of order. */
  #blocks: [number, number][] = [];
  #ackDue = false;
  readonly out: Segment[] = [];

  constructor(o: PeerOptions) {
    this.o = o;
    this.sndUna = this.sndNxt = this.sndMax = o.iss;
  }

  get established(): boolean { return this.state === 'established'; }
  get finAt(): number { return this.o.iss + 1 + this.o.toSend | 0; }
  /** All it had was sent and acknowledged, and the other's FIN has come. */
  get done(): boolean { return this.finReceived && this.finSent && this.sndUna === (this.finAt + 1 | 0); }

  open(): void { this.state = 'syn-sent'; this.#syn(); }
  listen(): void { this.state = 'listen'; }

  /** The application takes what has come. */
  read(): void {
    if (this.unread === 0) return;
    this.unread = 0;
    this.#ackDue = true;
  }

  abort(): void {
    this.reset = true;
    this.#send({ seq: this.sndMax, ack: this.rcvNxt, flags: tcp.RST | tcp.ACK, window: 0 });
  }

  keepAlive(len: number): void {
    if (this.established && !this.finSent && this.sndUna === this.sndMax && this.sndMax !== (this.o.iss + 1 | 0)) this.#send({ seq: this.sndMax - 1, ack: this.rcvNxt, flags: tcp.ACK, window: this.#window(), len });
  }

  /** Nothing came for long: again from what is not acknowledged. */
  timeout(): void {
    if (this.state === 'syn-sent' || this.state === 'syn-received') { this.#syn(); return; }
    if (!this.established) return;
    this.sndNxt = this.sndUna;
    this.finSent = false;
    if (distance(this.sndEdge, this.sndUna) <= 0 && distance(this.finAt, this.sndUna) > 0) { // RFC 9293 §3.8.6.1: zero-window probe
      this.#data(1, 1);
    }
    this.push();
  }

  /** Sends what the window allows. */
  push(): void {
    if (!this.established) return;
    for (let n = 0; n < 8 && distance(this.sndEdge, this.sndNxt) > 0 && distance(this.finAt, this.sndNxt) > 0; n++) {
      this.#data(Math.min(distance(this.sndEdge, this.sndNxt), distance(this.finAt, this.sndNxt)), this.o.large ? 60_000 : this.o.mss);
    }
    if (this.sndNxt === this.finAt && !this.finSent && distance(this.sndEdge, this.sndNxt) > 0) {
      this.#send({ seq: this.sndNxt, ack: this.rcvNxt, flags: tcp.FIN | tcp.ACK, window: this.#window() });
      this.#sent(1);
      this.finSent = true;
    }
    if (this.#ackDue) this.#ack();
  }

  receive(s: Segment): void {
    const flags = flagsOf(s);
    const seq = seqOf(s) | 0;
    const ack = tcp.ack(s.header, 0) | 0;
    if (flags & tcp.RST) { this.reset = true; return; }
    if (flags & tcp.SYN) { this.#synCame(s, seq, ack, flags); return; }
    if (!(flags & tcp.ACK) || this.state === 'listen' || this.state === 'closed' || this.state === 'syn-sent') return;
    if (distance(ack, this.sndMax) > 0) { this.#ackDue = true; return; }
    if (this.state === 'syn-received' && distance(ack, this.o.iss) > 0) this.state = 'established';
    const edge = ack + (tcp.window(s.header, 0) << this.#scaleIn) | 0;
    if (distance(ack, this.sndUna) > 0) {
      this.sndUna = ack;
      if (distance(this.sndNxt, ack) < 0) this.sndNxt = ack;
      if (ack === (this.finAt + 1 | 0)) this.finSent = true;
    }
    if (distance(edge, this.sndEdge) > 0) this.sndEdge = edge;
    const len = s.len + (flags & tcp.FIN ? 1 : 0);
    if (len > 0 || distance(seq, this.rcvNxt) < 0) this.#ackDue = true;
    if (len === 0) return;
    const to = Math.min(distance(seq + len, this.rcvNxt), distance(this.rcvEdge, this.rcvNxt) + (flags & tcp.FIN ? 1 : 0));
    const from = Math.max(distance(seq, this.rcvNxt), 0);
    if (to <= from) return;
    if (flags & tcp.FIN && to >= distance(seq + len, this.rcvNxt)) this.#finAt = seq + len - 1 | 0;
    this.#take(this.rcvNxt + from | 0, this.rcvNxt + to | 0);
  }

  #finAt: number | undefined;

  #take(from: number, to: number): void {
    this.#blocks.push([from, to]);
    this.#blocks.sort((a, b) => distance(a[0], b[0]));
    while (this.#blocks[0] && distance(this.#blocks[0][0], this.rcvNxt) <= 0) {
      const [, end] = this.#blocks.shift()!;
      if (distance(end, this.rcvNxt) <= 0) continue;
      this.unread += distance(end, this.rcvNxt);
      this.rcvNxt = end;
      if (this.#finAt !== undefined && end === (this.#finAt + 1 | 0)) { this.finReceived = true; this.unread--; }
    }
  }

  #synCame(s: Segment, seq: number, ack: number, flags: number): void {
    if (this.established || this.state === 'closed') { this.#ackDue = true; return; }
    if (flags & tcp.ACK && ack !== (this.o.iss + 1 | 0)) return;
    if (this.state === 'syn-received' && seq !== (this.rcvNxt - 1 | 0)) return;
    this.rcvNxt = seq + 1 | 0;
    this.rcvEdge = this.rcvNxt + Math.min(this.o.buffer, 65_535) | 0;
    const scale = tcp.windowScale(s.header, 0);
    if (scale >= 0 && this.o.scale !== undefined) { this.#scaleIn = scale; this.#scaleOut = this.o.scale; }
    this.#sack = this.o.sack && tcp.options(s.header, 0).sackPermitted;
    if (flags & tcp.ACK) {
      this.sndUna = this.sndNxt = ack;
      this.sndEdge = ack + tcp.window(s.header, 0) | 0;
      this.state = 'established';
      this.#ackDue = true;
      return;
    }
    this.sndEdge = this.o.iss + 1 + tcp.window(s.header, 0) | 0;
    this.state = 'syn-received';
    this.#syn();
  }

  #syn(): void {
    const answer = this.state === 'syn-received';
    const options = [2, 4, this.o.mss >> 8, this.o.mss & 255, ...this.o.scale === undefined ? [1, 1, 1, 1] : [1, 3, 3, this.o.scale], ...this.o.sack ? [1, 1, 4, 2] : []];
    this.#send({ seq: this.o.iss, ack: answer ? this.rcvNxt : undefined, flags: answer ? tcp.SYN | tcp.ACK : tcp.SYN, window: Math.min(this.o.buffer, 65_535), options });
    if (distance(this.sndMax, this.o.iss) === 0) this.sndNxt = this.sndMax = this.o.iss + 1 | 0;
  }

  #data(most: number, mss: number): void {
    const len = Math.min(most, mss, Math.max(1, Math.floor(mss * (0.3 + this.o.random()))));
    this.#send({ seq: this.sndNxt, ack: this.rcvNxt, flags: tcp.ACK | tcp.PSH, window: this.#window(), len });
    this.#sent(len);
  }

  #sent(len: number): void {
    this.sndNxt = this.sndNxt + len | 0;
    if (distance(this.sndNxt, this.sndMax) > 0) this.sndMax = this.sndNxt;
  }

  #ack(): void {
    const blocks = this.#blocks.filter(b => distance(b[0], this.rcvNxt) > 0).slice(0, 3);
    const options = this.#sack && blocks.length > 0 ? [1, 1, tcp.OPTION_SACK, 2 + blocks.length * 8, ...blocks.flatMap(b => [...words32(b[0]), ...words32(b[1])])] : [];
    this.#send({ seq: this.sndMax, ack: this.rcvNxt, flags: tcp.ACK, window: this.#window(), options });
    this.#ackDue = false;
  }

  #window(): number {
    const edge = this.rcvNxt + (Math.max(0, this.o.buffer - this.unread) >> this.#scaleOut << this.#scaleOut) | 0;
    if (distance(edge, this.rcvEdge) > 0) this.rcvEdge = edge;
    return Math.min(65_535, Math.max(0, distance(this.rcvEdge, this.rcvNxt)) >> this.#scaleOut);
  }

  #send(f: SegmentFields): void { this.out.push(segment(f)); }
}
