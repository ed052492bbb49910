import type { Machine } from '../../sdk/index.ts';
import * as wire from '../../sdk/wire/tcp.ts';
import { Congestion } from './congestion.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { RoundTrip } from './round-trip.ts';
import { SendBuffer } from './send-buffer.ts';
import type { Segment, TcpIn, TcpOptions, TcpOut } from './tcp-messages.ts';
import { add, distance } from './sequence.ts';

type Place = 'listen' | 'syn-sent' | 'syn-received' | 'established' | 'time-wait' | 'closed';

/** No window scaling: the lab's hosts keep to what fits the field. */
const WINDOW = 65_535;
const BUFFER = 256 * 1024;
/** Short, for the lab has no packets that wander about for minutes. */
const TIME_WAIT_MS = 1000;
const MOST_RETRIES = 9;
const NOTHING = new Uint8Array(0);

/**
 * One end of a connection: TCP as in RFC 9293 with slow start, congestion avoidance, fast retransmit and NewReno recovery
 * (RFC 5681, RFC 6582); without SACK, timestamps and delayed acknowledgements.
 */
export class Tcp implements Machine<TcpIn, TcpOut> {
  #at: Place = 'listen';
  #outs: TcpOut[] = [];
  #now = 0;
  #mss: number;
  #due: number | undefined;
  #retries = 0;

  readonly #announced: number;
  readonly #buffer = new SendBuffer(BUFFER);
  readonly #trip = new RoundTrip();
  /** Oldest unacknowledged, next to send, highest ever sent. */
  #una: number;
  #nxt: number;
  #max: number;
  #peerWindow = 0;
  readonly #congestion: Congestion;
  #closing = false;
  #finAcked = false;
  #in: ReceiveQueue | undefined;
  /** Sequence number of the peer's FIN. */
  #finAt: number | undefined;
  #ended = false;
  /** The peer closed first: nobody waits for our last acknowledgement, so there is no time-wait. */
  #passive = false;

  /** Octets that `send` took so far. */
  taken = 0;

  constructor(opts: TcpOptions) {
    this.#announced = this.#mss = opts.mss;
    this.#una = this.#nxt = this.#max = opts.iss;
    this.#congestion = new Congestion(opts.mss);
  }

  /** How many octets `send` takes now. */
  get room(): number { return this.#closing ? 0 : this.#buffer.room; }
  get place(): Place { return this.#at; }

  deadline(): number | undefined { return this.#due; }

  step(input: TcpIn, now: number): readonly TcpOut[] {
    this.#outs = [];
    this.#now = now;
    if (this.#at === 'closed') return this.#outs;
    switch (input.kind) {
      case 'connect': this.#connect(); break;
      case 'segment': this.#segment(input.segment); break;
      case 'send': if (!this.#closing) this.taken += this.#buffer.write(input.data); break;
      case 'close': this.#closing = true; break;
      case 'abort': this.#abort(); break;
      case 'mss': this.#shrink(input.mss); break;
      case 'tick': this.#tick(); break;
    }
    if (this.#at === 'established') this.#push();
    return this.#outs;
  }

  #connect(): void {
    if (this.#at !== 'listen') return;
    this.#at = 'syn-sent';
    this.#sendSyn();
  }

  #sendSyn(): void {
    this.#emit(this.#una, this.#at === 'syn-sent' ? wire.SYN : wire.SYN | wire.ACK, NOTHING);
    this.#nxt = this.#max = add(this.#una, 1);
    this.#trip.start(this.#nxt, this.#now);
    this.#arm();
  }

  #segment(s: Segment): void {
    if (this.#at === 'listen') { this.#listen(s); return; }
    if (this.#at === 'syn-sent') { this.#synSent(s); return; }
    const queue = this.#in!;
    const size = s.data.length + (s.flags & (wire.SYN | wire.FIN) ? 1 : 0);
    const at = distance(queue.next, s.seq);
    const inWindow = at + size > -1 && at < WINDOW;
    if (s.flags & wire.RST) {
      if (inWindow) this.#end(this.#at === 'syn-received' ? 'connection refused' : 'connection reset by peer');
      return;
    }
    // A SYN here is the peer's first one again: our answer was lost. Anything else outside the window gets the present state.
    if (s.flags & wire.SYN || !inWindow) { this.#acknowledge(); return; }
    if (!(s.flags & wire.ACK)) return;
    if (this.#at === 'syn-received') {
      if (s.ack !== this.#nxt) return;
      this.#established();
    }
    this.#acked(s);
    this.#take(s, queue);
    if (this.#at === 'established' && this.#finAcked && this.#ended) this.#leave();
  }

  #listen(s: Segment): void {
    if ((s.flags & (wire.SYN | wire.ACK | wire.RST)) !== wire.SYN) return;
    this.#greet(s);
    this.#at = 'syn-received';
    this.#sendSyn();
  }

  #synSent(s: Segment): void {
    const acceptable = (s.flags & wire.ACK) !== 0 && s.ack === this.#nxt;
    if (s.flags & wire.RST) {
      if (acceptable) this.#end('connection refused');
      return;
    }
    if (!(s.flags & wire.SYN) || !acceptable) return;
    this.#greet(s);
    this.#established();
    this.#acked(s);
    this.#acknowledge();
  }

  /** What a SYN tells. */
  #greet(s: Segment): void {
    this.#in = new ReceiveQueue(add(s.seq, 1), WINDOW);
    // RFC 9293 §3.7.1: 536 where the peer announces nothing.
    this.#mss = Math.min(this.#mss, s.mss ?? 536);
    this.#congestion.setMss(this.#mss);
    this.#peerWindow = s.window;
  }

  #established(): void {
    this.#at = 'established';
    this.#una = this.#nxt;
    this.#due = undefined;
    this.#retries = 0;
    this.#outs.push({ kind: 'connected' });
  }

  #acked(s: Segment): void {
    const n = distance(this.#una, s.ack);
    if (n < 0 || distance(this.#max, s.ack) > 0) return;
    const opened = s.window !== this.#peerWindow;
    this.#peerWindow = s.window;
    this.#trip.acked(seq => distance(seq, s.ack) >= 0, this.#now);
    if (n === 0) {
      if (s.data.length === 0 && !opened && !(s.flags & wire.FIN) && this.#max !== this.#una
        && this.#congestion.duplicate(distance(this.#una, this.#max), this.#max)) this.#resendFirst();
      return;
    }
    const data = Math.min(n, this.#buffer.length);
    this.#buffer.drop(data);
    if (n > data) this.#finAcked = true;
    this.#una = s.ack;
    if (distance(this.#nxt, this.#una) > 0) this.#nxt = this.#una;
    this.#retries = 0;
    const { recover } = this.#congestion;
    if (this.#congestion.acked(n, recover === undefined || distance(this.#una, recover) <= 0)) this.#resendFirst();
    this.#due = undefined;
    if (this.#una !== this.#max) this.#arm();
    if (data > 0) this.#outs.push({ kind: 'room' });
  }

  #resendFirst(): void {
    this.#trip.forget();
    const n = Math.min(this.#mss, this.#buffer.length, distance(this.#una, this.#max));
    if (n > 0) this.#emit(this.#una, wire.ACK, this.#buffer.read(0, n));
    else if (this.#closing) this.#emit(this.#una, wire.FIN | wire.ACK, NOTHING);
    this.#arm();
  }

  #take(s: Segment, queue: ReceiveQueue): void {
    const before = queue.next;
    for (const data of queue.take(s.seq, s.data)) this.#outs.push({ kind: 'data', data });
    if (s.flags & wire.FIN) this.#finAt = add(s.seq, s.data.length);
    if (this.#finAt === queue.next && !this.#ended) {
      this.#ended = true;
      this.#passive = !this.#closing;
      queue.next = add(queue.next, 1);
      this.#outs.push({ kind: 'eof' });
    }
    if (s.data.length > 0 || s.flags & wire.FIN || queue.next !== before) this.#acknowledge();
  }

  /** Sends what the windows allow, and FIN behind the last octet. */
  #push(): void {
    const window = Math.min(this.#congestion.window, this.#peerWindow);
    for (;;) {
      const flight = distance(this.#una, this.#nxt);
      const unsent = this.#buffer.length - flight;
      if (unsent <= 0) break;
      const n = Math.min(this.#mss, unsent, window - flight);
      // A small piece in the middle of a stream would be followed by many (RFC 9293 §3.8.6.2.1).
      if (n <= 0 || (n < this.#mss && n < unsent && flight > 0)) break;
      this.#emit(this.#nxt, n === unsent ? wire.ACK | wire.PSH : wire.ACK, this.#buffer.read(flight, n));
      this.#sent(n);
    }
    const all = distance(this.#una, this.#nxt) === this.#buffer.length;
    if (this.#closing && all && !this.#finAcked) {
      this.#emit(this.#nxt, wire.FIN | wire.ACK, NOTHING);
      this.#sent(1);
    }
    if (this.#due === undefined && this.#buffer.length > 0) this.#arm();
  }

  #sent(n: number): void {
    const fresh = this.#nxt === this.#max;
    this.#nxt = add(this.#nxt, n);
    if (fresh) {
      this.#max = this.#nxt;
      this.#trip.start(this.#nxt, this.#now);
    } else if (distance(this.#max, this.#nxt) > 0) this.#max = this.#nxt;
    if (this.#due === undefined) this.#arm();
  }

  #tick(): void {
    if (this.#due === undefined || this.#now < this.#due) return;
    this.#due = undefined;
    if (this.#at === 'time-wait') { this.#end(undefined); return; }
    if (++this.#retries > MOST_RETRIES) { this.#end('connection timed out'); return; }
    this.#trip.forget();
    this.#trip.backOff();
    if (this.#at === 'syn-sent' || this.#at === 'syn-received') { this.#sendSyn(); return; }
    if (this.#peerWindow === 0 && this.#buffer.length > 0) {
      // A closed window is asked with one octet; its opening may have been lost (RFC 9293 §3.8.6.1).
      this.#emit(this.#una, wire.ACK, this.#buffer.read(0, 1));
      if (this.#nxt === this.#una) this.#sent(1);
      this.#retries = Math.min(this.#retries, MOST_RETRIES - 1);
      this.#arm();
      return;
    }
    this.#congestion.timedOut(distance(this.#una, this.#max));
    this.#nxt = this.#una;
    this.#arm();
  }

  #shrink(mss: number): void {
    if (mss >= this.#mss || mss < 8) return;
    this.#mss = mss;
    this.#congestion.setMss(mss);
    this.#nxt = this.#una;
    this.#trip.forget();
  }

  #leave(): void {
    if (this.#passive) { this.#end(undefined); return; }
    this.#at = 'time-wait';
    this.#due = this.#now + TIME_WAIT_MS;
  }

  #abort(): void {
    if (this.#at !== 'listen' && this.#at !== 'syn-sent') this.#emit(this.#nxt, wire.RST | wire.ACK, NOTHING);
    this.#end('aborted');
  }

  #end(why: string | undefined): void {
    this.#at = 'closed';
    this.#due = undefined;
    this.#outs.push({ kind: 'closed', why });
  }

  #acknowledge(): void {
    this.#emit(this.#max, wire.ACK, NOTHING);
  }

  #arm(): void {
    this.#due = this.#now + this.#trip.timeout;
  }

  #emit(seq: number, flags: number, data: Uint8Array): void {
    const ack = this.#in?.next ?? 0;
    const mss = flags & wire.SYN ? this.#announced : undefined;
    this.#outs.push({ kind: 'segment', segment: { seq, ack, flags, window: WINDOW, mss, data } });
  }
}
