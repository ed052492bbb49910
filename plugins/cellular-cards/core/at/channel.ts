import type { AtAnswer, Machine, Tick } from '../../../../sdk/index.ts';
import { CarrierWatch } from './carrier-watch.ts';
import { LineReader } from './line-reader.ts';
import { logged, masked } from './mask.ts';
import { hasBody, isBody, isUnasked, tagOf, tagsAsked, textLength } from './reports.ts';
import { dials, finalOf, isCallEnd, noAnswer } from './results.ts';

export interface AtCommand {
  /** The asker's, unique while it waits. */
  readonly id: number;
  /** Without the line end. */
  readonly line: string;
  readonly timeoutMs: number;
  readonly secret?: boolean;
  /** Sent after the prompt and closed with Ctrl-Z. */
  readonly body?: string | undefined;
}

export type AtIn =
  /** Octets of the port in buf[from, to). */
  | { readonly kind: 'octets'; readonly buf: Uint8Array; readonly from: number; readonly to: number }
  | ({ readonly kind: 'command' } & AtCommand)
  | { readonly kind: 'cancel'; readonly id: number }
  /** Back to commands while the call stands: silence, +++, silence. */
  | { readonly kind: 'escape' }
  /** Carrier detect fell, or we dropped DTR: the call is over. */
  | { readonly kind: 'hung-up'; readonly why: string }
  /** The port was just opened: what it held belongs to nobody. The first command waits for a clean OK. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'gone'; readonly why: string }
  | Tick;

export type AtOut =
  | { readonly kind: 'write'; readonly octets: Uint8Array }
  /** `final` besides those of cards: 'timeout', 'cancelled', 'gone', 'online' (data passes, no commands), 'full' (too many wait). */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: AtAnswer }
  /**
   * A line nobody asked for; a report with a body has it behind a line feed. 'NO CARRIER': a call ended on another port.
   * 'CONNECT …': a dial command that was given up succeeded after all, so hang up.
   */
  | { readonly kind: 'report'; readonly line: string }
  /** Octets of the call in buf[from, to) of the input that they came with. */
  | { readonly kind: 'data'; readonly buf: Uint8Array; readonly from: number; readonly to: number }
  | { readonly kind: 'mode'; readonly mode: 'data' | 'command'; readonly why: string }
  /** What passes, secrets masked. */
  | { readonly kind: 'log'; readonly sent: boolean; readonly text: string };

export interface AtCounters { overlong: number; timeouts: number; late: number; reports: number; tooMany: number }

interface Flight { readonly command: AtCommand; readonly asked: ReadonlySet<string>; readonly dialling: boolean; readonly lines: string[]; room: number; echo: string | undefined; prompted: boolean; due: number; /** characters of a message's text that are still to come */ text: number }

type State =
  | { readonly at: 'idle' }
  | { readonly at: 'asking'; readonly flight: Flight }
  /** An answer is owed to a command that is given up: `AT` goes out, and nothing is believed before all was quiet after its OK. */
  | { readonly at: 'clearing'; readonly next: AtCommand; due: number; answered: boolean }
  | { readonly at: 'data' }
  | { readonly at: 'escaping'; phase: 'before' | 'after'; due: number };

const QUEUE = 64;
/** Of one answer: lines and characters. */
const LINES = 1000;
const ROOM = 128 * 1024;
/** Of a text: the shortest line that could mean something is longer than what is left. */
const LAST_WORD = 2;
const CLEAR_MS = 1500;
const QUIET_MS = 250;
/** V.250 §6.2.9 gives a second on both sides; the third is for slow cards. */
const GUARD_MS = 1100;
const STUCK = 4;
const CTRL_Z = '\x1a';
const ESC = 0x1b;

/** One port of a card that speaks AT (V.250): a command at a time, its answer, what comes unasked, and the data of a call. */
export class AtChannel implements Machine<AtIn, AtOut> {
  readonly counters: AtCounters = { overlong: 0, timeouts: 0, late: 0, reports: 0, tooMany: 0 };
  readonly #reader = new LineReader();
  readonly #carrier = new CarrierWatch();
  readonly #queue: AtCommand[] = [];
  #state: State = { at: 'idle' };
  /** Tags of a command that was given up and may still be answered. */
  #owed: ReadonlySet<string> | undefined;
  #report: string | undefined;
  #gone: string | undefined;
  #swallow = false;
  #outs: AtOut[] = [];

  get mode(): 'data' | 'command' { return this.#state.at === 'data' || this.#state.at === 'escaping' ? 'data' : 'command'; }
  /** A command is in flight or waits. */
  get busy(): boolean { return this.#state.at === 'asking' || this.#state.at === 'clearing' || this.#queue.length > 0; }

  step(input: AtIn, now: number): readonly AtOut[] {
    this.#outs = [];
    switch (input.kind) {
      case 'octets': this.#read(input.buf, input.from, input.to, now); break;
      case 'command': this.#enqueue(input, now); break;
      case 'cancel': this.#cancel(input.id); break;
      case 'escape': if (this.#state.at === 'data') this.#state = { at: 'escaping', phase: 'before', due: now + GUARD_MS }; break;
      case 'hung-up': if (this.mode === 'data') this.#command(input.why); break;
      case 'opened': this.#opened(); break;
      case 'gone': this.#leave(input.why); break;
      case 'tick': this.#tick(now); break;
    }
    this.#dispatch(now);
    this.counters.overlong = this.#reader.dropped;
    return this.#outs;
  }

  deadline(): number | undefined {
    switch (this.#state.at) {
      case 'asking': return this.#state.flight.due;
      case 'clearing': case 'escaping': return this.#state.due;
      case 'data': return this.#carrier.due;
      default: return undefined;
    }
  }

  #enqueue(command: AtCommand, now: number): void {
    if (this.#gone !== undefined) this.#answer(command, noAnswer('gone'));
    else if (this.mode === 'data') this.#answer(command, noAnswer('online'));
    else if (this.#queue.length >= QUEUE) {
      this.counters.tooMany++;
      this.#answer(command, noAnswer('full'));
    } else {
      this.#queue.push(command);
      this.#dispatch(now);
    }
  }

  #dispatch(now: number): void {
    if (this.#state.at !== 'idle' || this.#gone !== undefined) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    if (this.#owed === undefined) return this.#ask(next, now);
    this.#state = { at: 'clearing', next, due: now + Math.min(CLEAR_MS, next.timeoutMs), answered: false };
    this.#write('AT\r', 'AT', false);
  }

  #ask(command: AtCommand, now: number): void {
    // A line end inside a command would be a second command.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL, ^Z and ESC mean something to a modem
    const line = command.line.replace(/[\r\n\0\x1a\x1b]+/g, ' ').trim();
    this.#state = { at: 'asking', flight: { command, asked: tagsAsked(line), dialling: dials(line), lines: [], room: ROOM, echo: line.toUpperCase(), prompted: false, due: now + command.timeoutMs, text: 0 } };
    this.#write(`${line}\r`, line, command.secret ?? false);
  }

  #tick(now: number): void {
    const state = this.#state;
    const due = this.deadline();
    if (due === undefined || now < due) return;
    if (state.at === 'asking') {
      // Its text had fewer characters than its head said: the end is among the lines.
      if (state.flight.text > 0 && state.flight.lines.at(-1) === 'OK') {
        this.#state = { at: 'idle' };
        return this.#answer(state.flight.command, { ok: true, final: 'OK', lines: state.flight.lines.slice(0, -1), error: undefined });
      }
      this.counters.timeouts++;
      this.#giveUp(state.flight, 'timeout');
    } else if (state.at === 'clearing') {
      this.#state = { at: 'idle' };
      if (state.answered) {
        this.#owed = undefined;
        this.#ask(state.next, now);
      } else {
        this.counters.timeouts++;
        this.#answer(state.next, noAnswer('timeout'));
      }
    } else if (state.at === 'escaping') {
      if (state.phase === 'before') {
        this.#state = { at: 'escaping', phase: 'after', due: now + 2 * GUARD_MS };
        this.#write('+++', '+++', false);
      } else {
        this.#state = { at: 'data' };
        this.#outs.push({ kind: 'mode', mode: 'data', why: 'no answer to +++' });
      }
    } else if (state.at === 'data') this.#command('no carrier');
  }

  #cancel(id: number): void {
    const waiting = this.#queue.findIndex(c => c.id === id);
    if (waiting >= 0) this.#answer(this.#queue.splice(waiting, 1)[0]!, noAnswer('cancelled'));
    else if (this.#state.at === 'asking' && this.#state.flight.command.id === id) this.#giveUp(this.#state.flight, 'cancelled');
    else if (this.#state.at === 'clearing' && this.#state.next.id === id) {
      const { next } = this.#state;
      this.#state = { at: 'idle' };
      this.#answer(next, noAnswer('cancelled'));
    }
  }

  /** The card may answer yet: that answer must not be taken for the next command's. */
  #giveUp(flight: Flight, why: string): void {
    this.#state = { at: 'idle' };
    this.#owed = flight.asked;
    // A card that waits for a message's text takes every command for that.
    if (flight.command.body !== undefined) this.#outs.push({ kind: 'write', octets: Uint8Array.of(ESC) });
    this.#answer(flight.command, noAnswer(why, flight.lines));
  }

  #opened(): void {
    this.#reader.reset();
    this.#report = undefined;
    this.#owed = new Set();
    if (this.mode === 'data') this.#command('opened');
  }

  #leave(why: string): void {
    if (this.#gone !== undefined) return;
    this.#gone = why;
    const state = this.#state;
    const waiting = this.#queue.splice(0);
    this.#state = { at: 'idle' };
    this.#carrier.reset();
    this.#reader.reset();
    if (state.at === 'asking') this.#answer(state.flight.command, noAnswer('gone', state.flight.lines));
    if (state.at === 'clearing') this.#answer(state.next, noAnswer('gone'));
    if (state.at === 'data' || state.at === 'escaping') this.#outs.push({ kind: 'mode', mode: 'command', why });
    for (const command of waiting) this.#answer(command, noAnswer('gone'));
  }

  #command(why: string): void {
    this.#state = { at: 'idle' };
    this.#carrier.reset();
    this.#reader.reset();
    this.#outs.push({ kind: 'mode', mode: 'command', why });
  }

  #read(buf: Uint8Array, from: number, to: number, now: number): void {
    if (this.#gone !== undefined) return;
    let at = from;
    while (at < to && this.mode === 'command') at = this.#reader.read(buf, at, to, line => this.#take(line, now));
    if (this.mode === 'command') return this.#prompt();
    if (this.#state.at === 'escaping' && this.#state.phase === 'after') {
      // The modem answers OK; the rest of a frame may come before it.
      this.#reader.read(buf, at, to, line => {
        if (/OK$|NO CARRIER$/i.test(line)) this.#command(/OK$/i.test(line) ? 'escaped' : 'no carrier');
        return this.mode === 'data';
      });
      return;
    }
    // The line end behind CONNECT is no data; PPP begins with a flag.
    while (this.#swallow && at < to && (buf[at] === 0x0d || buf[at] === 0x0a)) at++;
    if (at === to) return;
    this.#swallow = false;
    this.#carrier.see(buf, at, to, now);
    this.#outs.push({ kind: 'data', buf, from: at, to });
  }

  #prompt(): void {
    if (this.#state.at !== 'asking') return;
    const { flight } = this.#state;
    if (flight.command.body === undefined || flight.prompted || !this.#reader.takePrompt()) return;
    flight.prompted = true;
    flight.echo = flight.command.body.toUpperCase();
    this.#write(`${flight.command.body}${CTRL_Z}`, `(${flight.command.body.length} characters)`, true);
  }

  /** False when what follows is not lines any more. */
  #take(line: string, now: number): boolean {
    const state = this.#state;
    if (state.at === 'asking' && this.#isEcho(state.flight, line)) return true;
    this.#outs.push({ kind: 'log', sent: false, text: logged(line, state.at === 'asking' && state.flight.command.secret === true) });
    if (this.#report !== undefined) {
      const report = this.#report;
      this.#report = undefined;
      if (isBody(report, line)) return this.#tell(`${report}\n${line}`);
      this.#tell(report);
    }
    if (state.at === 'asking') return state.flight.text > LAST_WORD ? this.#textLine(state.flight, line) : this.#answerLine(state.flight, line);
    const final = finalOf(line, true);
    // A call that nobody wants any more: whoever has the port must hang up.
    if (final?.online === true) return this.#tell(line);
    if (final !== undefined) {
      // Owed to a command that was given up, or the end of a call.
      if (isCallEnd(line)) this.#tell(line);
      else this.counters.late++;
      if (state.at === 'clearing') Object.assign(state, { answered: true, due: now + QUIET_MS });
      else this.#owed = undefined;
      return true;
    }
    const tag = tagOf(line);
    if (this.#owed !== undefined && (/^AT/i.test(line) || (tag !== undefined && this.#owed.has(tag)))) {
      this.counters.late++;
      return true;
    }
    return this.#tell(line);
  }

  #answerLine(flight: Flight, line: string): boolean {
    const final = finalOf(line, flight.dialling);
    if (final !== undefined) {
      this.#state = { at: final.online ? 'data' : 'idle' };
      this.#answer(flight.command, { ok: final.ok, final: final.final, lines: flight.lines, error: final.error });
      if (!final.online) return true;
      this.#swallow = true;
      this.#reader.reset();
      this.#outs.push({ kind: 'mode', mode: 'data', why: final.final });
      return false;
    }
    if (isCallEnd(line) || isUnasked(line, flight.asked)) return this.#tell(line);
    if (flight.lines.length >= LINES || flight.room < line.length) this.counters.tooMany++;
    else {
      flight.lines.push(line);
      flight.room -= line.length;
      flight.text = textLength(line) ?? 0;
    }
    return true;
  }

  /** A line of somebody's text answers nothing and tells nothing. */
  #textLine(flight: Flight, line: string): boolean {
    flight.text -= line.length + 1;
    if (flight.lines.length < LINES) flight.lines.push(line);
    return true;
  }

  #isEcho(flight: Flight, line: string): boolean {
    if (flight.echo === undefined || flight.echo === '') return false;
    const said = line.toUpperCase().replace(/^>\s*/, '');
    // Octets that waited in the card may stick to the front of it.
    if (!said.endsWith(flight.echo) || said.length > flight.echo.length + STUCK) return false;
    flight.echo = undefined;
    return true;
  }

  #tell(line: string): boolean {
    if (this.#report === undefined && !line.includes('\n') && hasBody(line)) {
      this.#report = line;
      return true;
    }
    this.counters.reports++;
    this.#outs.push({ kind: 'report', line });
    return true;
  }

  #answer(command: AtCommand, answer: AtAnswer): void { this.#outs.push({ kind: 'answer', id: command.id, answer }); }

  #write(text: string, shown: string, secret: boolean): void {
    this.#outs.push({ kind: 'write', octets: new TextEncoder().encode(text) });
    this.#outs.push({ kind: 'log', sent: true, text: masked(shown, secret) });
  }
}
