import type { Clock } from '../../sdk/clock.ts';
import { type Packet, Verdict } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { describe } from '../../sdk/wire/describe.ts';
import type { FlowTable } from '../flow/table.ts';

/** Steps of one packet that are kept; a packet that goes in circles is cut short. */
const STEPS_MOST = 64;

/** What a stage did with the packet; 'decide' and 'refuse': a decision about its flow, made within the stage that follows. */
export type StepVerdict = 'pass' | 'drop' | 'take' | 'decide' | 'refuse';
export interface Step {
  /** 'prerouting.flow'; of decisions the slot of the decider: 'policy'. */
  readonly slot: string;
  /** Whose it is; '' when nobody had a say. */
  readonly stage: string;
  verdict: StepVerdict;
  /** '': it only saw the packet pass. */
  readonly words: string;
}
/** One followed packet: plain data, in the order things happened. */
export interface TraceRecord {
  readonly number: number;
  /** ms since the epoch. */
  readonly wall: number;
  readonly link: string;
  readonly before: string;
  readonly steps: Step[];
  /** What became of it, and the same in words. */
  end: 'sent' | 'dropped' | 'taken';
  outcome: string;
}
export interface TraceWish {
  /** Sees the packet as it came in: headers may be broken. */
  match?(p: Packet): boolean;
  /** Sees the flow once it is known: also finds answers, whose addresses at ingress are the translated ones. */
  matchFlow?(table: FlowTable, tuple: number): boolean;
  readonly most: number;
  done(record: TraceRecord): void;
  finished?(): void;
}

const verdicts: Readonly<Record<Verdict, StepVerdict>> = { [Verdict.Pass]: 'pass', [Verdict.Drop]: 'drop', [Verdict.Stolen]: 'take' };

/** Follows chosen packets through every stage. While nobody asks it costs one comparison per batch. */
export class Tracer {
  #wishes: { wish: TraceWish; left: number }[] = [];
  readonly #open = new Map<number, { record: TraceRecord; wish: TraceWish }>();
  #number = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) { this.#clock = clock; }

  get active(): boolean { return this.#wishes.length > 0; }

  follow(wish: TraceWish): Disposable {
    const entry = { wish, left: wish.most };
    this.#wishes = [...this.#wishes, entry];
    return { dispose: () => { this.#wishes = this.#wishes.filter(w => w !== entry); } };
  }

  /** Begins a record when somebody wants this packet. */
  consider(p: Packet, link: string): void {
    for (const w of this.#wishes) {
      if (w.left <= 0 || !w.wish.match?.(p)) continue;
      this.#begin(w, p, link);
      return;
    }
  }

  considerFlow(p: Packet, table: FlowTable, tuple: number, link: string): void {
    for (const w of this.#wishes) {
      if (w.left <= 0 || !w.wish.matchFlow?.(table, tuple)) continue;
      this.#begin(w, p, link);
      return;
    }
  }

  #begin(w: { wish: TraceWish; left: number }, p: Packet, link: string): void {
    w.left--;
    const number = ++this.#number;
    p.trace = number;
    const record: TraceRecord = { number, wall: this.#clock.wall(), link, before: summary(p), steps: [], end: 'taken', outcome: '' };
    this.#open.set(number, { record, wish: w.wish });
  }

  /** `where` is indented for what happens within a stage. */
  note(p: Packet, where: string, who: string, says: string): void {
    const steps = this.#open.get(p.trace)?.record.steps;
    if (!steps || steps.length >= STEPS_MOST) return;
    const decided = where.startsWith('  ');
    const last = steps.at(-1);
    // The decision that was made last is the one that the packet was dropped for.
    if (!decided && p.verdict === Verdict.Drop && last?.verdict === 'decide') last.verdict = 'refuse';
    steps.push({ slot: where.trim(), stage: who, verdict: decided ? 'decide' : verdicts[p.verdict], words: says });
  }

  /** The packet left or died. */
  end(p: Packet, outcome: string): void {
    const open = this.#open.get(p.trace);
    if (!open) return;
    this.#open.delete(p.trace);
    p.trace = 0;
    open.record.outcome = outcome;
    open.record.end = outcome.startsWith('dropped') ? 'dropped' : outcome.startsWith('out on') ? 'sent' : 'taken';
    try { open.wish.done(open.record); } catch { /* whoever watches has gone */ }
    const entry = this.#wishes.find(w => w.wish === open.wish);
    if (entry && entry.left <= 0) {
      this.#wishes = this.#wishes.filter(w => w !== entry);
      open.wish.finished?.();
    }
  }
}

/** One line about a packet as it stands. */
export const summary = (p: Packet): string =>
  describe(p.buf, p.off, p.off + p.len, p.l3 === p.off ? 'ip' : 'ether');

/** A record as people read it: what came in, what each stage said, what went out. */
export function drawTrace(r: TraceRecord): string {
  const inner = (s: Step): boolean => s.verdict === 'decide' || s.verdict === 'refuse';
  const where = (s: Step): string => (inner(s) ? `  ${s.slot}` : s.slot);
  const wide = Math.max(8, ...r.steps.map(s => where(s).length));
  const who = Math.max(4, ...r.steps.map(s => s.stage.length));
  const time = new Date(r.wall).toISOString().slice(11, 23);
  const lines = r.steps.map(s => `  ${inner(s) ? '│' : '├'} ${where(s).padEnd(wide)}  ${(s.stage || '—').padEnd(who)}  ${s.words}`.trimEnd());
  return [`#${r.number}  ${time}  in on ${r.link}  ${r.before}`, ...lines, `  └ ${r.outcome}`].join('\n');
}
