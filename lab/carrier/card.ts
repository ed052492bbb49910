import type { Clock, Disposable } from '../../sdk/index.ts';
import type { Cell } from './air.ts';
import type { CardFile } from './card-file.ts';
import { CardMailbox } from './card-mailbox.ts';
import type { Carrier } from './carrier.ts';
import { cmeOf } from './causes.ts';
import { DiagnosticPort } from './diagnostic.ts';
import { type Facts, factsOf, fill, holds } from './facts.ts';
import type { MessageMemory } from './message-memory.ts';
import type { Network, Refusal } from './network.ts';
import { SimulatedPort } from './port.ts';
import type { Sim } from './sim.ts';

/** What can be wrong with a card besides what its file says. */
export const faults = ['none', 'silent', 'garbage', 'errors', 'slow', 'busy', 'no-carrier'] as const;
export type Fault = (typeof faults)[number];

export interface CardSurroundings {
  /** 'sim1': the beginning of its ports' names. */
  readonly name: string;
  readonly slot: number;
  readonly clock: Clock;
  readonly carrier: Carrier;
  readonly sim: Sim | undefined;
  /** For the messages of a card that keeps them itself. */
  readonly memory: MessageMemory;
  /** Instead of the carrier's own PPP. */
  readonly network?: Network | undefined;
  /** It falls off the bus, and comes back after so long. */
  restarted(why: string, awayMs: number): void;
}

/** Where it is with the network: +CREG's number, the technology in use, the cell. */
export interface Service { readonly stat: 0 | 1 | 2 | 3 | 5; readonly technology: string; readonly cell: Cell | undefined }

const modes: Readonly<Record<string, RegExp>> = { '2g': /^(GSM|GPRS|EDGE)$/, '3g': /^(UMTS|HS.*)$/, '4g': /^LTE$/, '5g': /^NR5G$/, '1x': /^1xRTT$/, evdo: /^(EVDO|eHRPD)/ };
/** The best technology needs this much (dBm), the second best that. */
const GOOD_DBM = -95;
const FAIR_DBM = -103;

/** A card as its file describes it: powered, with a SIM, on the air. */
export class SimulatedCard {
  readonly name: string;
  readonly slotNumber: number;
  readonly file: CardFile;
  readonly clock: Clock;
  readonly carrier: Carrier;
  readonly sim: Sim | undefined;
  readonly ports: readonly (SimulatedPort | DiagnosticPort)[];
  readonly mailbox: CardMailbox;
  readonly bornAt: number;
  fault: Fault = 'none';
  /** A level of its own, whatever the towers do. */
  dbm: number | undefined;
  functionality = 1;
  attached = true;
  readonly vars = new Map<string, string>();
  readonly contexts = new Map<number, string>();
  readonly logins = new Map<number, { readonly user: string; readonly password: string }>();
  #searchingSince: number;
  #pinAt: number | undefined;
  #radioAt: number | undefined;
  #reference = 0;
  #cause: number | undefined;
  #gone = false;
  readonly #timers = new Set<Disposable>();
  readonly #around: CardSurroundings;

  constructor(file: CardFile, around: CardSurroundings) {
    this.file = file;
    this.#around = around;
    this.name = around.name;
    this.slotNumber = around.slot;
    this.clock = around.clock;
    this.carrier = around.carrier;
    this.sim = file.system === 'cdma' ? undefined : around.sim;
    this.sim?.powerOff();
    this.mailbox = new CardMailbox(this, this.sim?.memory ?? around.memory, this.number);
    this.bornAt = this.#searchingSince = this.clock.now();
    this.ports = file.ports.map(plan => (plan.role === 'diagnostic' ? new DiagnosticPort(this, plan) : new SimulatedPort(this, plan)));
    for (const report of file.reports) if (report.everyMs !== undefined) this.#timers.add(this.clock.every(report.everyMs, () => this.#say(report)));
    this.#registeredSoon();
  }

  /** By which others reach it. */
  get number(): string { return this.file.system === 'cdma' ? this.file.facts['mdn'] ?? '' : this.sim?.number ?? ''; }
  get awake(): boolean { return !this.#gone && this.clock.now() - this.bornAt >= this.file.timing.bootMs; }
  get simBusy(): boolean { return this.clock.now() - this.bornAt < this.file.timing.simMs; }
  get simOpen(): boolean { return this.file.system === 'cdma' || (this.sim !== undefined && this.sim.state === 'READY' && !this.simBusy); }
  get online(): boolean { return this.ports.some(p => p.online); }
  get canDial(): boolean { const { stat } = this.service(); return this.attached && (stat === 1 || stat === 5); }
  nextReference(): number { return this.#reference = (this.#reference + 1) & 0xff; }

  network: Network = call => this.#around.network?.(call) ?? this.carrier.dial(call, this.file.system);

  service(): Service {
    const now = this.clock.now();
    if (this.functionality !== 1 || (this.file.system === '3gpp' && !this.simOpen)) return { stat: 0, technology: '', cell: undefined };
    const heard = this.carrier.air.best(now);
    const cell = this.dbm === undefined || heard === undefined ? heard : this.dbm > -113 ? { ...heard, dbm: this.dbm } : undefined;
    if (cell === undefined) return { stat: 2, technology: '', cell };
    if (now - this.#searchingSince < this.file.timing.registerMs) return { stat: 2, technology: '', cell };
    if (this.carrier.denied) return { stat: 3, technology: '', cell };
    const technology = this.#technology(cell.dbm);
    if (technology === '') return { stat: 2, technology, cell: undefined };
    return { stat: this.carrier.roaming ? 5 : 1, technology, cell };
  }

  /** Why the network did not take the last call (TS 24.008 §10.5.6.6). */
  get cause(): number | undefined { return this.#cause; }

  // ── what commands do ──

  /** The network does not take a call: what the card says to it. */
  refused({ final, cause }: Refusal): string {
    this.#cause = cause;
    return this.file.refusal === 'number' && final === 'NO CARRIER' ? `+CME ERROR: ${cmeOf(cause)}` : final;
  }

  setFunctionality(n: number): void {
    if (n === 1 && this.functionality !== 1) this.searchAgain();
    if (n === 1) this.#radioAt = this.clock.now();
    this.functionality = n;
    if (n !== 1) this.#loseCall();
    this.#registrationChanged();
  }

  attach(on: boolean): void {
    this.attached = on;
    if (!on) this.#loseCall();
    this.#registrationChanged();
  }

  unlocked(): void {
    this.#pinAt = this.clock.now();
    this.mailbox.open();
    this.searchAgain();
  }

  searchAgain(): void {
    this.#searchingSince = this.clock.now();
    this.#registeredSoon();
  }

  varsChanged(): void { for (const p of this.ports) if (p instanceof DiagnosticPort) p.modeChanged(); }
  callChanged(): void { if (!this.online && !this.#gone) this.mailbox.retry(); }

  restart(why: string): void { this.#around.restarted(why, this.file.timing.awayMs); }

  /** What the card makes of a command that it cannot stand now. */
  sprung(command: string, facts: Facts): 'crash' | 'error' | undefined {
    const now = this.clock.now();
    for (const t of this.file.traps) {
      if (!command.toUpperCase().startsWith(t.on.toUpperCase())) continue;
      const since = t.after === 'pin' ? this.#pinAt : t.after === 'radio' ? this.#radioAt : undefined;
      if (t.after !== undefined && (since === undefined || now - since >= (t.ms ?? 0))) continue;
      if (t.if !== undefined && !t.if.every(c => holds(c, facts))) continue;
      if (t.kind === 'crash') this.clock.after(0, () => this.restart(`it crashed on AT${command}`));
      return t.kind;
    }
    return undefined;
  }

  /** Says a line of its own on the port that hears; false: no port does now. */
  tell(line: string): boolean {
    const to = this.ports.find(p => p.role === 'command') ?? this.ports.find(p => p.role === 'data');
    return this.awake && this.fault === 'none' && to?.report(line) === true;
  }

  // ── what the world does ──

  /** Pulled out. */
  remove(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.mailbox.close();
    for (const t of this.#timers) void t.dispose();
    for (const p of this.ports) {
      p.off();
      p.cable.close();
    }
    this.sim?.powerOff();
  }

  /** Level, roaming or the carrier's mood changed. */
  airChanged(): void {
    if (this.online && !this.canDial) this.#loseCall();
    this.#registrationChanged();
  }

  #loseCall(): void {
    for (const p of this.ports) if (p.online) p.lose();
  }

  #technology(dbm: number): string {
    const wanted = modes[this.vars.get('mode') ?? ''];
    const can = wanted ? this.file.technologies.filter(t => wanted.test(t)) : this.file.technologies;
    const step = dbm >= GOOD_DBM ? 1 : dbm >= FAIR_DBM ? 2 : 3;
    return can[Math.max(0, can.length - step)] ?? '';
  }

  #registeredSoon(): void {
    const timer = this.clock.after(Math.max(this.file.timing.registerMs, this.file.timing.simMs) + 1, () => { this.#timers.delete(timer); this.#registrationChanged(); });
    this.#timers.add(timer);
  }

  #registrationChanged(): void {
    for (const r of this.file.reports) if (r.everyMs === undefined) this.#say(r);
    // Messages find a card whose SIM can be read.
    if (this.simOpen) this.mailbox.open();
    if (this.canDial) this.mailbox.retry();
  }

  #say(report: CardFile['reports'][number]): void {
    if (!this.awake || this.fault !== 'none') return;
    const facts = factsOf(this);
    if (report.if !== undefined && !report.if.every(c => holds(c, facts))) return;
    const role = report.port ?? 'command';
    const at = this.ports.find(p => p.role === role) ?? this.ports.find(p => p.role === 'data');
    for (const line of report.say) at?.report(fill(line, facts));
  }
}
