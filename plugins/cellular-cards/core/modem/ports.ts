import { type AtAnswer, at, type CardSpec, type Clock, type Disposable, type PortRole, type Script, type Step } from '../../../../sdk/index.ts';
import type { CardDevice, CardPort } from '../../contract.ts';
import { AtPort } from '../at/port.ts';
import { runScript } from '../at/script-run.ts';
import { QcdmPort } from '../qcdm/port.ts';
import { candidates, choose } from './choose.ts';

const AT_MS = 1_000;
const AT_TRIES = 3;
const LAST_WORDS = 4;
/** QCDM version information: any diagnostic port answers it. */
const VERSION = Uint8Array.of(0);

export interface PortEvents {
  report(line: string): void;
  mode(mode: 'data' | 'command', why: string): void;
  data(buf: Uint8Array, from: number, to: number): void;
  /** A port that is used is gone, and so is the card. */
  gone(why: string): void;
  log(port: string, sent: boolean, text: string): void;
}

/** A port that answers to AT, and what it says to ATI. */
interface Talking { readonly port: CardPort; readonly at: AtPort; readonly said: string }

export type Found = { readonly spec: CardSpec; readonly statusOnline: boolean } | { readonly why: string };

/** First words with a port. Undefined: it does not answer. */
function* greet(): Script<string | undefined> {
  let ok = false;
  for (let i = 0; i < AT_TRIES && !ok; i++) ok = (yield* at('AT', { timeoutMs: AT_MS })).ok;
  if (!ok) return undefined;
  yield* at('ATE0', { timeoutMs: AT_MS });
  return (yield* at('ATI', { timeoutMs: 3 * AT_MS })).lines.join('\n');
}

/** The open ports of one card, by what they are for. */
export class Ports implements Disposable {
  readonly #device: CardDevice;
  readonly #clock: Clock;
  readonly #events: PortEvents;
  readonly #open = new Set<Disposable>();
  /** Conversations before the card is known. */
  readonly #talks = new Set<Disposable>();
  #data: AtPort | undefined;
  #command: AtPort | undefined;
  #diagnostic: { readonly port: CardPort; readonly at: QcdmPort } | undefined;
  #switched = false;

  constructor(device: CardDevice, clock: Clock, events: PortEvents) {
    this.#device = device;
    this.#clock = clock;
    this.#events = events;
  }

  get data(): AtPort | undefined { return this.#data; }
  /** A port of the card is not what it was when it was found. */
  get switched(): boolean { return this.#switched; }

  /** Opens the ports and finds out what each is for, and what the card is (asked for when the ports have spoken). */
  identify(specs: () => readonly CardSpec[], done: (found: Found) => void): void {
    this.dispose();
    const guesses = candidates(this.#device, specs());
    const silentOnes = new Set<PortRole | undefined>(['diagnostic', 'unused']);
    // A second port that has to be opened first is not greeted: it is a diagnostic port until then.
    const asked = this.#device.ports.filter(p => guesses.length === 0 || guesses.some(g => !silentOnes.has(g.ports[p.interface]) && !(g.dialect.openSecond && g.ports[p.interface] === 'command')));
    let left = asked.length;
    const talking: Talking[] = [];
    const next = (): void => { if (--left <= 0) this.#identified(talking, specs(), done); };
    if (asked.length === 0) return this.#identified([], specs(), done);
    for (const port of asked) this.#greet(port, (at, said) => { talking.push({ port, at, said }); next(); }, next);
  }

  /** A step of a script goes to the port it is for. */
  at(step: Extract<Step, { kind: 'at' }>, done: (answer: AtAnswer) => void): Disposable {
    const port = step.port === 'data' ? this.#data : this.#command ?? this.#data;
    if (port !== undefined) return port.ask(step.line, step, done);
    done({ ok: false, final: 'gone', lines: [], error: undefined });
    return { dispose: () => {} };
  }

  get qcdm(): ((request: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void) => Disposable) | undefined {
    const port = this.#diagnostic?.at;
    return port && ((request, timeoutMs, done) => port.ask(request, timeoutMs, done));
  }

  /** The last words to the card. Nobody waits for an answer: when a plugin ends, no timer can be set any more. */
  leave(words: Script<void>): void {
    const port = this.#data?.mode === 'command' ? this.#data : this.#command;
    for (const each of this.#open) {
      if (!(each instanceof AtPort)) continue;
      each.tty.onData = () => {};
      each.tty.onGone = () => {};
    }
    const encoder = new TextEncoder();
    let turn = words.next(undefined);
    for (let i = 0; i < LAST_WORDS && turn.done !== true; i++) {
      const step = turn.value;
      if (step.kind === 'at') port?.tty.write(encoder.encode(`${step.line}\r`));
      turn = words.next(step.kind === 'at' ? { ok: true, final: 'OK', lines: [], error: undefined } : undefined);
    }
    if (turn.done !== true) words.return();
  }

  dispose(): void {
    for (const talk of [...this.#talks]) void talk.dispose();
    for (const port of [...this.#open]) void port.dispose();
    this.#talks.clear();
    this.#open.clear();
    this.#data = this.#command = this.#diagnostic = undefined;
    this.#switched = false;
  }

  #greet(port: CardPort, yes: (at: AtPort, said: string) => void, no: () => void): void {
    const opened = this.#openAt(port);
    if (opened === undefined) return no();
    this.#talk(opened, greet(), said => {
      if (said !== undefined) return yes(opened, said);
      this.#close(opened);
      no();
    });
  }

  #openAt(port: CardPort): AtPort | undefined {
    try {
      const opened: AtPort = new AtPort(port.open(), this.#clock, {
        report: line => this.#events.report(line),
        mode: (mode, why) => { if (opened === this.#data) this.#events.mode(mode, why); },
        data: (buf, from, to) => { if (opened === this.#data) this.#events.data(buf, from, to); },
        gone: why => { if (opened === this.#data || opened === this.#command) this.#events.gone(why); },
        log: (sent, text) => this.#events.log(port.name, sent, text),
      });
      this.#open.add(opened);
      return opened;
    } catch {
      return undefined;
    }
  }

  #openDiagnostic(port: CardPort): QcdmPort | undefined {
    try {
      const opened = new QcdmPort(port.open(), this.#clock, why => this.#events.log(port.name, false, why));
      this.#open.add(opened);
      return opened;
    } catch {
      return undefined;
    }
  }

  #close(port: Disposable): void {
    this.#open.delete(port);
    void port.dispose();
  }

  #talk<T>(port: AtPort, script: Script<T>, done: (value: T | undefined) => void): void {
    let talk: Disposable | undefined;
    let over = false;
    talk = runScript(script, {
      at: (step, answered) => port.ask(step.line, step, answered), qcdm: this.qcdm, after: (ms, fn) => this.#clock.after(ms, fn),
    }, ran => {
      over = true;
      if (talk !== undefined) this.#talks.delete(talk);
      if (ran.kind !== 'cancelled') done(ran.kind === 'done' ? ran.value : undefined);
    });
    if (!over) this.#talks.add(talk);
  }

  #identified(talking: readonly Talking[], specs: readonly CardSpec[], done: (found: Found) => void): void {
    if (talking.length === 0) {
      const { ports } = this.#device;
      return done({ why: ports.length === 0 ? 'the card shows no serial port' : `the card answers on none of its ${ports.length} ports` });
    }
    const spec = choose(this.#device, talking.map(t => t.said).join('\n'), specs);
    if (spec === undefined) return done({ why: 'nothing is known about cards of this kind' });
    this.#assign(talking, spec);
    const silent = this.#device.ports.filter(p => !talking.some(t => t.port === p));
    const finish = (): void => done({ spec, statusOnline: this.#command !== undefined || this.#diagnostic !== undefined });
    // Nobody else speaks of EV-DO and pilots; other cards have nothing to say there that is asked for.
    if (spec.dialect.system !== 'cdma') return this.#second(silent, spec, finish);
    this.#findDiagnostic(diagnosticFirst(silent, spec), () => this.#second(silent, spec, finish));
  }

  /** A card of which the second port has to be told to take commands. It may have been the diagnostic one until then. */
  #second(silent: readonly CardPort[], spec: CardSpec, done: () => void): void {
    const { openSecond } = spec.dialect;
    const second = silent.find(p => spec.ports[p.interface] === 'command') ?? silent.find(p => spec.ports[p.interface] === 'diagnostic') ?? silent.find(p => spec.ports[p.interface] === undefined);
    if (openSecond === undefined || second === undefined || this.#command !== undefined || this.#data === undefined) return done();
    this.#talk(this.#data, openSecond(), opened => {
      if (opened !== true) return done();
      this.#switched = true;
      if (this.#diagnostic?.port === second) {
        this.#close(this.#diagnostic.at);
        this.#diagnostic = undefined;
      }
      this.#greet(second, command => { this.#command = command; done(); }, () => (this.#diagnostic === undefined && spec.dialect.system === 'cdma' ? this.#findDiagnostic([second], done) : done()));
    });
  }

  /** Data is where the card's description says, or else the first port that talks and is no side port; the next one takes commands. */
  #assign(talking: readonly Talking[], spec: CardSpec): void {
    const role = (t: Talking): PortRole | undefined => spec.ports[t.port.interface];
    const ordered = [...talking].sort((a, b) => a.port.interface - b.port.interface);
    // Sierra: side ports say APP1 to APP4 and seldom carry a call.
    const side = (t: Talking): boolean => /\bAPP[1-4]\b/.test(t.said);
    const data = ordered.find(t => role(t) === 'data') ?? ordered.find(t => role(t) === undefined && !side(t)) ?? ordered[0];
    const command = ordered.find(t => t !== data && role(t) === 'command') ?? ordered.find(t => t !== data && role(t) === undefined);
    this.#data = data?.at;
    this.#command = command?.at;
    for (const t of ordered) if (t !== data && t !== command) this.#close(t.at);
  }

  /** The first of these that answers as a diagnostic port; the card's ports for commands go on beside it. */
  #findDiagnostic(list: readonly CardPort[], done: () => void): void {
    const [port, ...others] = list;
    if (port === undefined) return done();
    const opened = this.#openDiagnostic(port);
    if (opened === undefined) return this.#findDiagnostic(others, done);
    let asked: Disposable | undefined;
    asked = opened.ask(VERSION, AT_MS, answer => {
      if (asked !== undefined) this.#talks.delete(asked);
      if (answer !== undefined) {
        this.#diagnostic = { port, at: opened };
        return done();
      }
      this.#close(opened);
      this.#findDiagnostic(others, done);
    });
    this.#talks.add(asked);
  }
}

/** The one that the description names, a command port that is silent, then those that it says nothing of. */
function diagnosticFirst(silent: readonly CardPort[], spec: CardSpec): readonly CardPort[] {
  const of = (role: PortRole | undefined): readonly CardPort[] => silent.filter(p => spec.ports[p.interface] === role);
  return [...of('diagnostic'), ...of('command'), ...of(undefined)];
}
