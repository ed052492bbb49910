import * as ppp from '../wire/ppp.ts';
import { type Event, STATES, type StateName, transition } from './automaton-table.ts';
import { type Negotiator, type Reply, review } from './negotiator.ts';

/** RFC 1661 §4.6. */
export interface Timing {
  readonly restartMs: number;
  readonly maxConfigure: number;
  readonly maxTerminate: number;
  /** Naks sent before rejects take their place. */
  readonly maxFailure: number;
  /** Naks and rejects taken before the negotiation is given up; the RFC sets no bound, and a hostile peer needs one. */
  readonly maxNaks: number;
}
export const TIMING: Timing = { restartMs: 3000, maxConfigure: 10, maxTerminate: 2, maxFailure: 5, maxNaks: 20 };

/** The layers around the automaton. */
export interface Surroundings {
  send(packet: ppp.Control): void;
  up(): void;
  down(why: string): void;
  /** Nothing more comes from here until it is opened again. */
  finished(why: string): void;
  /** The negotiation cannot succeed. */
  hopeless(why: string): void;
  /** A packet with a code that RFC 1661 §5 does not give to all protocols. False: unknown here as well. */
  other?(packet: ppp.Control, opened: boolean): boolean;
}

const OPENED = STATES.indexOf('Opened');
const REQ_SENT = STATES.indexOf('Req-Sent');
const CLOSING = STATES.indexOf('Closing');
/** How much of a packet goes back with a Code-Reject, so that it fits everybody's MRU. */
const QUOTE = 128;

/** The option negotiation automaton (RFC 1661 §4), which LCP and all network control protocols have in common. */
export class Automaton {
  readonly #name: string;
  readonly #negotiator: Negotiator;
  readonly #around: Surroundings;
  readonly #timing: Timing;
  #state = 0;
  #due: number | undefined;
  #restarts = 0;
  /** Identifier and options of our last Configure-Request, until it is answered. */
  #asked: { readonly id: number; readonly data: Uint8Array } | undefined;
  #id: number;
  #naksSent = 0;
  #naksTaken = 0;
  #malformed = 0;
  /** Facts that the actions of one event need. */
  #reply: Reply | undefined;
  #packet: ppp.Control | undefined;
  #why = '';

  constructor(name: string, negotiator: Negotiator, around: Surroundings, timing: Timing, firstId = 0) {
    this.#name = name;
    this.#negotiator = negotiator;
    this.#around = around;
    this.#timing = timing;
    this.#id = firstId & 0xff;
  }

  get state(): StateName { return STATES[this.#state]!; }
  get opened(): boolean { return this.#state === OPENED; }
  get due(): number | undefined { return this.#due; }
  /** Packets thrown away because their options do not add up, or answer nothing. */
  get malformed(): number { return this.#malformed; }

  open(now: number): void { this.#event('Open', now); }
  lowerUp(now: number): void { this.#event('Up', now); }
  lowerDown(now: number, why: string): void { this.#event('Down', now, why); }
  close(now: number, why: string): void { this.#event('Close', now, why); }
  /** The peer has rejected the protocol as a whole (RFC 1661 §5.7). */
  rejected(now: number): void { this.#event('RXJ-', now, `the other end does not know ${this.#name}`); }

  tick(now: number): void {
    if (this.#due === undefined || now < this.#due) return;
    if (this.#restarts > 0) this.#event('TO+', now);
    else this.#event('TO-', now, this.#state >= REQ_SENT ? `no answer to ${this.#name}` : this.#why);
  }

  receive(packet: ppp.Control, now: number): void {
    this.#packet = packet;
    switch (packet.code) {
      case ppp.CONFIGURE_REQUEST: return this.#configureRequest(packet, now);
      case ppp.CONFIGURE_ACK: case ppp.CONFIGURE_NAK: case ppp.CONFIGURE_REJECT: return this.#configureReply(packet, now);
      case ppp.TERMINATE_REQUEST: {
        const text = ppp.printable(packet.data);
        return this.#event('RTR', now, `the other end hung up (${this.#name})${text && `: ${text}`}`);
      }
      case ppp.TERMINATE_ACK: return this.#event('RTA', now, 'the other end hung up');
      case ppp.CODE_REJECT: {
        const code = packet.data[0] ?? 0;
        const fatal = code >= ppp.CONFIGURE_REQUEST && code <= ppp.CODE_REJECT;
        return this.#event(fatal ? 'RXJ-' : 'RXJ+', now, `the other end does not know code ${code} of ${this.#name}`);
      }
      default:
        if (!this.#around.other?.(packet, this.opened)) this.#event('RUC', now);
    }
  }

  #configureRequest(packet: ppp.Control, now: number): void {
    const options = ppp.parseOptions(packet.data);
    if (options === undefined) { this.#malformed++; return; }
    if (this.opened || this.state === 'Stopped') this.#begin();
    const reply = review(this.#negotiator, options, this.#naksSent < this.#timing.maxFailure);
    this.#reply = reply;
    const good = reply.code === ppp.CONFIGURE_ACK;
    if (good && this.#state !== CLOSING && this.state !== 'Stopping' && this.state !== 'Closed') this.#negotiator.granted(options);
    if (reply.code === ppp.CONFIGURE_NAK) this.#naksSent++;
    this.#event(good ? 'RCR+' : 'RCR-', now, 'the other end negotiates anew');
  }

  /** Only the answer to the last request counts, and only once: a line may double packets (§5.2–5.4). */
  #configureReply(packet: ppp.Control, now: number): void {
    const asked = this.#asked;
    if (asked === undefined || packet.id !== asked.id) return;
    if (packet.code === ppp.CONFIGURE_ACK) {
      if (!ppp.sameOctets(packet.data, asked.data)) { this.#malformed++; return; }
      this.#asked = undefined;
      this.#event('RCA', now);
      return;
    }
    const options = ppp.parseOptions(packet.data);
    if (options === undefined || options.length === 0) { this.#malformed++; return; }
    this.#asked = undefined;
    if (++this.#naksTaken > this.#timing.maxNaks) {
      this.#around.hopeless(`the other end refuses ${this.#name} over and over`);
      return;
    }
    if (packet.code === ppp.CONFIGURE_NAK) this.#negotiator.naked(options);
    else this.#negotiator.rejected(options);
    // An answer that changes nothing is not asked about again at once, or two stubborn ends would spin: the restart timer asks.
    if (ppp.sameOctets(ppp.emitOptions(this.#negotiator.wishes()), asked.data)) return;
    this.#event('RCN', now);
  }

  #begin(): void {
    this.#negotiator.reset();
    this.#naksSent = 0;
    this.#naksTaken = 0;
    this.#asked = undefined;
  }

  #event(event: Event, now: number, why = ''): void {
    const from = this.#state;
    const cell = transition(event, from);
    if (cell === undefined) return;
    if (why !== '') this.#why = why;
    if (cell.next === REQ_SENT && from < CLOSING && event !== 'RCR-') this.#begin();
    this.#state = cell.next;
    for (const action of cell.actions) {
      switch (action) {
        case 'tlu': this.#around.up(); break;
        case 'tld': this.#around.down(this.#why); break;
        case 'tls': break;
        case 'tlf': this.#around.finished(this.#why); break;
        case 'irc': this.#restarts = this.#timing.maxConfigure; break;
        case 'irt': this.#restarts = this.#timing.maxTerminate; break;
        case 'zrc': this.#restarts = 0; this.#due = now + this.#timing.restartMs; break;
        case 'scr': this.#sendRequest(now, event === 'TO+'); break;
        case 'sca': case 'scn': this.#sendReply(); break;
        case 'str': this.#sendTerminate(now); break;
        case 'sta': this.#send(ppp.TERMINATE_ACK, this.#packet?.id ?? 0, new Uint8Array(0)); break;
        case 'scj': this.#sendCodeReject(); break;
        // LCP answers echoes itself, see `other`.
        case 'ser': break;
      }
    }
    // The actions may have led to further events; then those have set the timer.
    if (this.#state < CLOSING || this.#state === OPENED) this.#due = undefined;
  }

  /** The same request keeps its identifier when it is sent again, so that a late answer still counts (§5.1). */
  #sendRequest(now: number, again: boolean): void {
    if (!again || this.#asked === undefined) this.#asked = { id: this.#nextId(), data: ppp.emitOptions(this.#negotiator.wishes()) };
    this.#restarts--;
    this.#due = now + this.#timing.restartMs;
    this.#send(ppp.CONFIGURE_REQUEST, this.#asked.id, this.#asked.data);
  }

  #sendReply(): void {
    const { code, options } = this.#reply!;
    this.#send(code, this.#packet!.id, ppp.emitOptions(options));
  }

  #sendTerminate(now: number): void {
    this.#restarts--;
    this.#due = now + this.#timing.restartMs;
    this.#asked = undefined;
    this.#send(ppp.TERMINATE_REQUEST, this.#nextId(), new Uint8Array(0));
  }

  #sendCodeReject(): void {
    this.#send(ppp.CODE_REJECT, this.#nextId(), ppp.emit(this.#packet!).subarray(0, QUOTE));
  }

  #nextId(): number { return this.#id = (this.#id + 1) & 0xff; }

  #send(code: number, id: number, data: Uint8Array): void {
    this.#around.send({ code, id, data });
  }
}
