import { type Clock, drive } from '../../sdk/index.ts';
import { AsyncLine, type Door, type PppIn, type PppOut, PppSession } from '../../sdk/ppp/index.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { Dialled, NetworkSide } from './network.ts';

export interface CallTerms {
  readonly clock: Clock;
  readonly random: () => number;
  /** Of the carrier's end, of the card; name servers told to it. */
  readonly local: number; readonly address: number; readonly dns: readonly number[];
  /** Who may in; undefined: everybody. */
  readonly door: Door | undefined;
  /** Hang up after so long without a packet (ms); 0: never. */
  readonly idleMs: number;
  /** The radio drops it after so long (ms); undefined: never. */
  readonly dropMs: number | undefined;
  /** A packet of the card's, which is the taker's. */
  readonly packet: (packet: Uint8Array) => void;
  readonly over: (why: string) => void;
}

/** One call at the carrier's end: PPP as a server. */
export class Call implements NetworkSide {
  readonly address: number;
  readonly caller: string;
  readonly apn: string;
  readonly since: number;
  user = '';
  up = false;
  rxBytes = 0;
  txBytes = 0;
  /** Packets with somebody else's address. */
  strange = 0;
  readonly #line: AsyncLine;
  readonly #feed: (input: PppIn) => void;
  readonly #undo: { dispose(): void | Promise<void> }[] = [];
  readonly #dialled: Dialled;
  readonly #terms: CallTerms;
  #heardAt: number;
  #over = false;

  constructor(dialled: Dialled, terms: CallTerms) {
    this.#dialled = dialled;
    this.#terms = terms;
    this.address = terms.address;
    this.caller = dialled.caller;
    this.apn = dialled.apn;
    this.since = this.#heardAt = terms.clock.now();
    const session = new PppSession({
      line: 'async', random: terms.random, ip: { local: terms.local, peer: terms.address, askDns: false, dns: terms.dns },
      ...terms.door ? { door: terms.door } : {},
    });
    this.#line = new AsyncLine({
      write: dialled.write,
      packet: (buf, start, end) => this.#fromCard(buf, start, end),
      control: input => this.#feed(input),
    });
    this.#feed = drive<PppIn, PppOut>(terms.clock, { add: d => { this.#undo.push(d); return d; } }, session, out => this.#apply(out));
    if (terms.dropMs !== undefined) this.#undo.push(terms.clock.after(terms.dropMs, () => this.drop('the radio lost it')));
    if (terms.idleMs > 0) this.#undo.push(terms.clock.every(Math.max(1000, terms.idleMs / 4), () => this.#idle()));
    this.#feed({ kind: 'up' });
  }

  take(buf: Uint8Array, from: number, to: number): void { this.#line.receive(buf, from, to); }

  hangUp(why: string): void { this.#end(why, false); }

  /** As when the radio is lost: not a word of PPP. */
  drop(why: string): void { this.#end(why, true); }

  /** As a network does it that wants its line back. */
  close(why: string): void { this.#feed({ kind: 'close', why }); }

  /** A packet for the card. */
  send(packet: Uint8Array): void {
    if (this.#over || !this.#line.send(packet, 0, packet.length)) return;
    this.#line.flush();
    this.txBytes += packet.length;
    this.#heardAt = this.#terms.clock.now();
  }

  #fromCard(buf: Uint8Array, start: number, end: number): void {
    if (!ipv4.fits(buf, start, end) || ipv4.src(buf, start) !== this.address) { this.strange++; return; }
    this.#heardAt = this.#terms.clock.now();
    this.rxBytes += end - start;
    this.#terms.packet(buf.slice(start, end));
  }

  #apply(out: PppOut): void {
    this.#line.apply(out);
    if (out.kind === 'auth' && out.ok && out.who === 'peer') this.user = out.user;
    if (out.kind === 'network-up') this.up = true;
    if (out.kind === 'closed') this.#end(out.why, true);
  }

  #idle(): void {
    if (this.#terms.clock.now() - this.#heardAt >= this.#terms.idleMs) this.close('idle for too long');
  }

  #end(why: string, tell: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.up = false;
    for (const u of this.#undo.splice(0)) void u.dispose();
    this.#terms.over(why);
    if (tell) this.#dialled.ended(why);
  }
}
