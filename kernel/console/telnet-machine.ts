import type { Machine, Tick } from '../../sdk/machine.ts';

/** RFC 854. */
const IAC = 255;
const [DONT, DO, WONT, WILL, SB] = [254, 253, 252, 251, 250];
const [EL, EC, AYT, IP, BRK, SE, EOF] = [248, 247, 246, 244, 243, 240, 236];
/** RFC 857, RFC 858, RFC 1073. */
const ECHO = 1;
const SGA = 3;
const NAWS = 31;
const CR = 13;
const LF = 10;

/** Subnegotiations are kept up to here; the only one that is understood has 4 octets, of which each may be doubled. */
const LONGEST_SUB = 16;
/** Answers to option commands of one connection; a client that plays ping-pong ends there. */
const MOST_ANSWERS = 64;

export type TelnetIn = { readonly kind: 'begin' } | { readonly kind: 'bytes'; readonly bytes: Uint8Array };
export type TelnetOut =
  /** To the client, as it stands. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** What the person typed; Enter is CR. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'window'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'end'; readonly why: string };

/** What an option is at one side. 'asked': our request is on its way. */
type Option = 'off' | 'asked' | 'on';
type At = 'data' | 'cr' | 'iac' | 'option' | 'sub' | 'sub-iac';

/** The server's side of Telnet: we echo, nobody waits for go-ahead, the client tells its window. Everything else is refused. */
export class Telnet implements Machine<TelnetIn | Tick, TelnetOut> {
  #at: At = 'data';
  /** DO, DONT, WILL or WONT, whose option comes next. */
  #verb = 0;
  readonly #sub: number[] = [];
  readonly #ours = new Map<number, Option>([[ECHO, 'off'], [SGA, 'off']]);
  readonly #theirs = new Map<number, Option>([[SGA, 'off'], [NAWS, 'off']]);
  #answers = 0;
  #ended = false;
  #data: number[] = [];
  #outs: TelnetOut[] = [];

  deadline(): undefined { return undefined; }

  step(input: TelnetIn | Tick): readonly TelnetOut[] {
    this.#outs = [];
    if (input.kind === 'begin') this.#begin();
    else if (input.kind === 'bytes') for (let i = 0; i < input.bytes.length && !this.#ended; i++) this.#octet(input.bytes[i]!);
    this.#flush();
    return this.#outs;
  }

  #begin(): void {
    for (const option of this.#ours.keys()) { this.#ours.set(option, 'asked'); this.#send(WILL, option); }
    for (const option of this.#theirs.keys()) { this.#theirs.set(option, 'asked'); this.#send(DO, option); }
  }

  #octet(b: number): void {
    switch (this.#at) {
      case 'cr':
        this.#at = 'data';
        // Enter is CR LF or CR NUL; CR alone from clients that do not know.
        if (b !== LF && b !== 0) this.#octet(b);
        return;
      case 'data':
        if (b === IAC) this.#at = 'iac';
        else {
          this.#data.push(b);
          if (b === CR) this.#at = 'cr';
        }
        return;
      case 'iac': this.#command(b); return;
      case 'option':
        this.#at = 'data';
        this.#negotiate(this.#verb, b);
        return;
      case 'sub':
        if (b === IAC) this.#at = 'sub-iac';
        else this.#keep(b);
        return;
      case 'sub-iac':
        // IAC IAC is an octet 255. Anything but SE is no end; it is left out.
        this.#at = b === SE ? 'data' : 'sub';
        if (b === IAC) this.#keep(b);
        else if (b === SE) this.#subnegotiated();
    }
  }

  #command(b: number): void {
    this.#at = 'data';
    switch (b) {
      case IAC: this.#data.push(IAC); return;
      case DO: case DONT: case WILL: case WONT: this.#verb = b; this.#at = 'option'; return;
      case SB: this.#sub.length = 0; this.#at = 'sub'; return;
      case IP: case BRK: this.#data.push(3); return;
      case EC: this.#data.push(127); return;
      case EL: this.#data.push(21); return;
      case EOF: this.#data.push(4); return;
      case AYT: this.#answer(() => this.#outs.push({ kind: 'send', bytes: new TextEncoder().encode('\r\n[yes]\r\n') }));
    }
  }

  /** Answers only what changes something, else two sides could answer each other for ever (RFC 854; RFC 1143 tells the story). */
  #negotiate(verb: number, option: number): void {
    const wanted = verb === DO || verb === WILL;
    const [side, yes, no] = verb === DO || verb === DONT ? [this.#ours, WILL, WONT] as const : [this.#theirs, DO, DONT] as const;
    const state = side.get(option);
    if (state === undefined) {
      if (wanted) this.#answer(() => this.#send(no, option));
      return;
    }
    if (wanted) {
      if (state === 'off') this.#answer(() => this.#send(yes, option));
      side.set(option, 'on');
    } else {
      if (state === 'on') this.#answer(() => this.#send(no, option));
      side.set(option, 'off');
    }
  }

  #keep(b: number): void { if (this.#sub.length < LONGEST_SUB) this.#sub.push(b); }

  #subnegotiated(): void {
    const [option, w1 = 0, w0 = 0, h1 = 0, h0 = 0] = this.#sub;
    if (option !== NAWS || this.#sub.length !== 5 || this.#theirs.get(NAWS) === 'off') return;
    this.#flush();
    this.#outs.push({ kind: 'window', columns: w1 << 8 | w0, rows: h1 << 8 | h0 });
  }

  #answer(say: () => void): void {
    if (++this.#answers <= MOST_ANSWERS) {
      say();
      return;
    }
    this.#ended = true;
    this.#flush();
    this.#outs.push({ kind: 'end', why: 'too many option commands' });
  }

  #send(verb: number, option: number): void { this.#outs.push({ kind: 'send', bytes: Uint8Array.of(IAC, verb, option) }); }

  #flush(): void {
    if (this.#data.length === 0) return;
    this.#outs.push({ kind: 'data', bytes: Uint8Array.from(this.#data) });
    this.#data = [];
  }
}

/** Text for the client: 255 is doubled, and a CR that begins no new line is followed by NUL (RFC 854). */
export function toWire(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  bytes.forEach((b, i) => {
    out.push(b);
    if (b === IAC) out.push(IAC);
    else if (b === CR && bytes[i + 1] !== LF) out.push(0);
  });
  return Uint8Array.from(out);
}
