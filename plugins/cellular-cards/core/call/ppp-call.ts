import { at, type Clock, type Disposable, drive, type Login, type Script, wait } from '../../../../sdk/index.ts';
import { AsyncLine, type PppCause, type PppIn, type PppOptions, type PppOut, PppSession } from '../../../../sdk/ppp/index.ts';
import type { AtPort } from '../at/port.ts';
import type { CallTrouble } from '../modem/messages.ts';
import type { PppLink } from './ppp-link.ts';

/** Octets that may wait in the port: more would only be old when they go out, at the speed of a radio. */
const AHEAD = 64 * 1024;
/** Polite words at the end take no longer than this. */
const CLOSE_MS = 5_000;
/** How often the carrier line is looked at. */
const CARRIER_MS = 1_000;
const ECHO = { intervalMs: 30_000, failures: 4 };

export interface Network { readonly local: number; readonly peer: number; readonly dns: readonly number[]; readonly mtu: number }

export interface CallEvents {
  authenticating(): void;
  /** Why it cannot be used, or nothing. */
  up(network: Network): string | undefined;
  down(why: string): void;
  /** Told once. */
  ended(trouble: CallTrouble, why: string): void;
}

export interface CallOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly login: Login;
  readonly echo: boolean;
  /** Own address; 0: the network's choice. */
  readonly local: number;
}

const troubles: Readonly<Record<PppCause, CallTrouble>> = { asked: 'asked', line: 'call', peer: 'call', auth: 'login', silence: 'call', loop: 'call', terms: 'call' };
const ways: Readonly<Record<Login['auth'], readonly ('chap-md5' | 'pap')[]>> = {
  // Many cards ask for a log-in themselves and take any.
  none: ['chap-md5', 'pap'], pap: ['pap'], chap: ['chap-md5'], 'chap/pap': ['chap-md5', 'pap'],
};

/** A PPP call over a card's data port, from CONNECT to the end of PPP. The port is the caller's. */
export class PppCall implements Disposable {
  readonly #port: AtPort;
  readonly #link: PppLink;
  readonly #events: CallEvents;
  readonly #line: AsyncLine;
  readonly #feed: (input: PppIn) => void;
  readonly #held: Disposable[] = [];
  readonly #clock: Clock;
  #started = false;
  #ended = false;
  #carrier = false;
  /** What the surroundings have against the network's terms. */
  #refused: string | undefined;

  constructor(port: AtPort, link: PppLink, events: CallEvents, o: CallOptions) {
    this.#port = port;
    this.#link = link;
    this.#events = events;
    this.#clock = o.clock;
    this.#line = new AsyncLine({
      write: (buf, from, to) => port.tty.queued < AHEAD && port.tty.write(buf, from, to),
      packet: (buf, start, end, version) => { if (version === 4) link.receive(buf, start, end); },
      control: input => this.#feed(input),
    });
    const options: PppOptions = {
      line: 'async', random: o.random, login: { user: o.login.auth === 'none' ? '' : o.login.user, password: o.login.auth === 'none' ? '' : o.login.password, allow: ways[o.login.auth] },
      ...(o.local === 0 ? {} : { ip: { local: o.local } }), ...(o.echo ? { echo: ECHO } : {}),
    };
    this.#feed = drive<PppIn, PppOut>(o.clock, { add: d => { this.#held.push(d); return d; } }, new PppSession(options), out => this.#apply(out));
    this.#held.push(o.clock.every(CARRIER_MS, () => this.#watchCarrier()));
  }

  start(): void {
    this.#started = true;
    this.#feed({ kind: 'up' });
  }

  /** Octets from the port. */
  data(buf: Uint8Array, from: number, to: number): void { if (!this.#ended) this.#line.receive(buf, from, to); }

  /** The port carries no data any more. */
  lost(why: string): void {
    if (this.#started) this.#feed({ kind: 'down', why });
    else if (!this.#ended) this.#end('call', why);
  }

  /** Ends it politely, but in time. */
  close(why: string): void {
    if (this.#ended) return;
    if (!this.#started) return this.#end('asked', why);
    this.#feed({ kind: 'close', why });
    this.#held.push(this.#clock.after(CLOSE_MS, () => this.#feed({ kind: 'down', why })));
  }

  dispose(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#link.disconnect('the card is gone');
    }
    for (const each of this.#held.splice(0)) void each.dispose();
  }

  #apply(out: PppOut): void {
    if (this.#ended) return;
    this.#line.apply(out);
    switch (out.kind) {
      case 'phase': if (out.phase === 'authenticate') this.#events.authenticating(); break;
      case 'network-up': this.#up(out); break;
      case 'network-down':
        this.#link.disconnect(out.why);
        this.#events.down(out.why);
        break;
      case 'closed': this.#end(this.#refused === undefined ? troubles[out.cause] : 'call', this.#refused ?? out.why); break;
      default:
    }
  }

  #up(network: Network): void {
    this.#link.connect(this.#line, network.mtu);
    this.#refused = this.#events.up(network);
    if (this.#refused !== undefined) this.#feed({ kind: 'close', why: this.#refused });
  }

  #end(trouble: CallTrouble, why: string): void {
    this.#ended = true;
    this.#link.disconnect(why);
    for (const each of this.#held.splice(0)) void each.dispose();
    this.#events.ended(trouble, why);
  }

  /** A modem with that line tells the end of the call by it, sooner than PPP notices. */
  #watchCarrier(): void {
    const dcd = this.#port.tty.lines()?.dcd;
    if (dcd === true) this.#carrier = true;
    else if (dcd === false && this.#carrier) this.#port.carrierLost();
  }
}

/** The time a modem is given to say NO CARRIER by itself, after PPP has ended. */
const WORD_MS = 1_000;
const DTR_MS = 1_000;
const ESCAPE_MS = 4_000;

/** Makes the data port take commands again, by all means there are. True: it does. */
export function* hangUp(port: AtPort): Script<boolean> {
  if (port.mode === 'data') yield* wait(WORD_MS);
  if (port.mode === 'data') {
    if (port.tty.lines() === undefined) {
      port.escape();
      yield* wait(ESCAPE_MS);
    }
    port.hangUp();
    yield* wait(DTR_MS);
  }
  for (let i = 0; i < 2; i++) {
    if ((yield* at('AT', { port: 'data', timeoutMs: 1_500 })).ok) break;
  }
  const { ok } = yield* at('ATH', { port: 'data', timeoutMs: 5_000 });
  return ok;
}
