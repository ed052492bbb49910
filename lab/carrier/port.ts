import type { Disposable, Tty } from '../../sdk/index.ts';
import type { AnswerRule, PortPlan, Role } from './card-file.ts';
import { pattern } from './card-file.ts';
import type { Cable } from './cable.ts';
import type { SimulatedCard } from './card.ts';
import { split } from './command-line.ts';
import { type Effect, effects, type Hand } from './effects.ts';
import { type Facts, factsOf, fill, holds } from './facts.ts';
import type { NetworkSide, Refusal } from './network.ts';

const CR = 13;
const CTRL_Z = 26;
const ESC = 27;
const PLUS = 43;
/** A longer line is nobody's command. */
const LONGEST = 1024;
/** Silence before and after '+++' (ms). */
const GUARD_MS = 900;
const encoder = new TextEncoder();

type Mode =
  | { readonly at: 'command' }
  | { readonly at: 'body'; readonly done: (body: string) => void }
  | { readonly at: 'data'; readonly side: NetworkSide }
  /** A call stands, and commands are heard. */
  | { readonly at: 'escaped'; readonly side: NetworkSide };

/** One port of a simulated card that takes AT commands, and calls if it dials. */
export class SimulatedPort implements Hand {
  readonly plan: PortPlan;
  readonly card: SimulatedCard;
  /** Set right after it is made. */
  cable!: Cable;
  #mode: Mode = { at: 'command' };
  #line = '';
  #echo = true;
  /** +CMEE */
  #errors = 0;
  #answering = false;
  readonly #waiting: string[] = [];
  #timers = new Set<Disposable>();
  #lastData = 0;

  constructor(card: SimulatedCard, plan: PortPlan) {
    this.card = card;
    this.plan = plan;
  }

  get role(): Role { return this.plan.role; }
  get online(): boolean { return this.#mode.at === 'data' || this.#mode.at === 'escaped'; }
  /** It would hear a command now. */
  get idle(): boolean { return this.#mode.at === 'command' && !this.#answering; }
  open(): Tty & Disposable { return this.cable.open(); }

  take(buf: Uint8Array, from: number, to: number): void {
    if (this.#mode.at === 'data') return this.#takeData(this.#mode.side, buf, from, to);
    if (this.role === 'silent' || !this.card.awake || this.card.fault === 'silent') return;
    for (let i = from; i < to; i++) {
      if (this.#inData()) return this.take(buf, i, to);
      this.#octet(buf[i]!);
    }
  }

  /** The router let DTR fall, or went away: a call ends, whatever was half said is forgotten. */
  dropped(): void {
    this.#line = '';
    this.#waiting.length = 0;
    this.#echo = true;
    if (this.#mode.at === 'body') this.#mode = { at: 'command' };
    this.hangUp();
  }

  /** A line that nobody asked for; false: it cannot be said now. */
  report(text: string): boolean {
    if (this.#mode.at !== 'command' && this.#mode.at !== 'escaped') return false;
    this.#say(text);
    return true;
  }

  /** The power is gone. */
  off(): void {
    const side = this.online ? (this.#mode as { side: NetworkSide }).side : undefined;
    this.#mode = { at: 'command' };
    for (const t of this.#timers) void t.dispose();
    this.#timers.clear();
    this.#waiting.length = 0;
    side?.hangUp('the card lost its power');
  }

  // ── for effects ──

  setEcho(on: boolean): void { this.#echo = on; }
  setErrors(how: number): void { this.#errors = how; }

  dial(apn: string, login: { readonly user: string; readonly password: string } | undefined): Effect {
    // CONNECT first, then the network's first frames: what it says sooner waits.
    const early: Uint8Array[] = [];
    let connected = false;
    let ended = false;
    const call = (): NetworkSide | Refusal => this.card.network({
      apn, login, caller: this.card.name,
      write: (buf, from, to) => (connected ? this.cable.write(buf, from, to) : early.push(buf.slice(from, to)) > 0),
      ended: () => { ended = true; this.#callEnded(); },
    });
    const enter = (side: NetworkSide): void => {
      connected = true;
      this.#mode = { at: 'data', side };
      this.cable.setCarrier(true);
      this.card.callChanged();
      for (const frame of early.splice(0)) this.cable.write(frame);
      if (ended) this.#callEnded();
    };
    if (this.card.file.connectsFirst) {
      // Such a card asks the network when PPP wants an address, and has said CONNECT long before.
      return { final: '{connect}', data: () => {
        const side = call();
        if (!('final' in side)) return enter(side);
        this.card.refused(side);
        this.#mode = { at: 'data', side: { take: () => {}, hangUp: () => {} } };
        this.cable.setCarrier(true);
        this.#after(this.card.file.timing.dialMs, () => this.#callEnded());
      } };
    }
    const side = call();
    if ('final' in side) return { final: this.card.refused(side) };
    return { final: '{connect}', data: () => enter(side) };
  }

  hangUp(): void {
    if (!this.online) return;
    const { side } = this.#mode as { side: NetworkSide };
    this.#mode = { at: 'command' };
    this.cable.setCarrier(false);
    side.hangUp('the card hung up');
    this.card.callChanged();
  }

  /** The network is lost. */
  lose(): void {
    if (!this.online) return;
    const { side } = this.#mode as { side: NetworkSide };
    side.hangUp('the radio was lost');
    this.#callEnded();
  }

  resume(): Effect {
    if (this.#mode.at !== 'escaped') return { final: 'NO CARRIER' };
    const { side } = this.#mode;
    return { final: '{connect}', data: () => { this.#mode = { at: 'data', side }; } };
  }

  // ── octets ──

  #takeData(side: NetworkSide, buf: Uint8Array, from: number, to: number): void {
    const now = this.card.clock.now();
    const quiet = now - this.#lastData >= GUARD_MS;
    this.#lastData = now;
    if (quiet && to - from === 3 && buf[from] === PLUS && buf[from + 1] === PLUS && buf[from + 2] === PLUS) {
      this.#after(GUARD_MS, () => {
        if (this.#mode.at !== 'data' || this.#lastData !== now) return;
        this.#mode = { at: 'escaped', side };
        this.#say('OK');
      });
      return;
    }
    side.take(buf, from, to);
  }

  #inData(): boolean { return this.#mode.at === 'data'; }

  #octet(octet: number): void {
    if (this.#mode.at === 'body') {
      if (octet === CTRL_Z || octet === ESC) {
        const { done } = this.#mode;
        const body = this.#line;
        this.#line = '';
        this.#mode = { at: 'command' };
        done(octet === ESC ? '' : body);
      } else if (this.#line.length < LONGEST) this.#line += String.fromCharCode(octet);
      return;
    }
    if (octet === CR) {
      const line = this.#line;
      this.#line = '';
      if (this.#echo && line !== '') this.#send(`${line}\r`, true);
      this.#hear(line);
    } else if (octet >= 0x20 && octet < 0x7f && this.#line.length < LONGEST) this.#line += String.fromCharCode(octet);
  }

  #hear(line: string): void {
    // Whatever somebody else left in the line stands before it.
    const at = line.search(/AT/i);
    if (at < 0) return;
    if (this.#answering) { this.#waiting.push(line.slice(at + 2)); return; }
    this.#answering = true;
    this.#run(split(line.slice(at + 2)), []);
  }

  /** One command after the other; the first that fails ends the line (V.250 §5.4.3). */
  #run([command = '', ...rest]: readonly string[], said: readonly string[]): void {
    const effect = this.#answer(command);
    const wait = (effect.ms ?? this.card.file.timing.answerMs) * (this.card.fault === 'slow' ? 400 : 1);
    this.#after(wait, () => this.#answered(effect.later ? { ...effect, ...effect.later() } : effect, rest, said));
  }

  #answered(effect: Effect, rest: readonly string[], before: readonly string[]): void {
    const said = [...before, ...effect.say ?? []];
    if (effect.prompt) {
      const { prompt } = effect;
      this.#mode = { at: 'body', done: body => {
        const outcome = body === '' ? {} : prompt(body);
        this.#after(outcome.ms ?? this.card.file.timing.answerMs, () => this.#answered(outcome, rest, said));
      } };
      this.#send('\r\n> ', true);
      return;
    }
    const final = effect.final ?? 'OK';
    if (final === 'OK' && rest.length > 0) return this.#run(rest, said);
    // Filled in already; braces that are left are in somebody's message.
    for (const line of said) this.#say(line);
    if (final !== '') this.#say(this.#shown(fill(final, factsOf(this.card))));
    this.#answering = false;
    effect.data?.();
    const next = this.#waiting.shift();
    if (next !== undefined && this.#mode.at !== 'data') this.#hear(`AT${next}`);
  }

  #answer(command: string): Effect {
    const facts = factsOf(this.card);
    const { card } = this;
    if (command === '') return {};
    if (card.fault === 'errors') return { final: 'ERROR' };
    if (card.fault === 'garbage') return { say: [[...command].map(c => String.fromCharCode(33 + (c.charCodeAt(0) * 7) % 90)).join('')], final: '+?' };
    const sprung = card.sprung(command, facts);
    if (sprung === 'crash') return { ms: 1e9, later: () => ({}) };
    if (sprung === 'error') return { final: 'ERROR' };
    const hit = find(card.file.answers, command, this.role, facts);
    if (!hit) return { final: 'ERROR' };
    const { rule, found } = hit;
    if (rule.needs === 'sim' && !card.simOpen) return { final: `+CME ERROR: ${card.sim === undefined ? 10 : card.sim.state === 'SIM PUK' ? 12 : card.simBusy ? 14 : 11}` };
    const all = { ...facts, ...found };
    for (const [name, value] of Object.entries(rule.set ?? {})) card.vars.set(name, fill(value, all));
    const effect = rule.do === undefined ? undefined : effects[rule.do]?.(this, found);
    if (rule.do === undefined && rule.set !== undefined) card.varsChanged();
    const say = (rule.say ?? []).map(line => fill(line, { ...all, ...Object.fromEntries(card.vars) }));
    return { say, ...rule.final === undefined ? {} : { final: fill(rule.final, all) }, ...rule.ms === undefined ? {} : { ms: rule.ms }, ...effect };
  }

  /** +CME ERROR as the card was told to show it (TS 27.007 §9.1). */
  #shown(final: string): string {
    return this.#errors === 0 && final.startsWith('+CME ERROR') ? 'ERROR' : final;
  }

  #callEnded(): void {
    if (!this.online) return;
    this.#mode = { at: 'command' };
    this.cable.setCarrier(false);
    this.#send('\r\nNO CARRIER\r\n', true);
    this.card.callChanged();
  }

  #say(line: string): void { this.#send(line); }

  #send(text: string, raw = false): void {
    const eol = this.card.file.crCrLf ? '\r\r\n' : '\r\n';
    this.cable.write(encoder.encode(raw ? text : `\r\n${text}${eol}`));
  }

  #after(ms: number, fn: () => void): void {
    const timer = this.card.clock.after(ms, () => { this.#timers.delete(timer); fn(); });
    this.#timers.add(timer);
  }
}

/** What the card says to a question, final result last; a command that would change something is none. */
export function query(card: SimulatedCard, line: string): readonly string[] {
  const facts = factsOf(card);
  const rule = find(card.file.answers, line.replace(/^AT/i, ''), 'command', facts)?.rule;
  if (rule === undefined || rule.do !== undefined || rule.set !== undefined) return ['ERROR'];
  return [...(rule.say ?? []), rule.final ?? 'OK'].map(text => fill(text, facts));
}

const compiled = new WeakMap<AnswerRule, RegExp>();

/** The first rule for a command, and the groups of its expression. */
function find(rules: readonly AnswerRule[], command: string, role: Role, facts: Facts): { readonly rule: AnswerRule; readonly found: Facts } | undefined {
  const upper = command.toUpperCase();
  for (const rule of rules) {
    let found: Facts = {};
    if (rule.on !== undefined) {
      if (rule.on.toUpperCase() !== upper) continue;
    } else {
      let expression = compiled.get(rule);
      if (!expression) compiled.set(rule, expression = pattern(rule.like ?? '', 'answers'));
      const match = expression.exec(command);
      if (!match) continue;
      found = Object.fromEntries([...[...match].map((v, i) => [String(i), v ?? '']), ...Object.entries(match.groups ?? {}).map(([k, v]) => [k, v ?? ''])]) as Facts;
    }
    if (rule.port !== undefined && rule.port !== role) continue;
    if (rule.if !== undefined && !rule.if.every(c => holds(c, { ...facts, ...found }))) continue;
    return { rule, found };
  }
  return undefined;
}
