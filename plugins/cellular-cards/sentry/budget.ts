import { type Machine, type Tick, z } from '../../../sdk/index.ts';
import { dayOf, periodOf, plausible } from './calendar.ts';
import type { Settings } from './settings.ts';

const count = z.number().min(0);
const use = z.tuple([count, count, count]);
/** What outlives the run. Octets from and to the network, and ms online. */
export const budgetState = z.object({
  period: z.string().max(16), since: z.number(), rx: count, tx: count, ms: count,
  /** The machine's running time so far (ms): evidence of time that no setting of a clock can forge. */
  ran: count,
  /** Budget months that were entered, and the running time then. */
  entered: z.array(z.object({ period: z.string().max(16), ran: count })).max(64),
  days: z.record(z.string().max(16), use),
  levels: z.object({ data: z.number().int().min(0).max(2), time: z.number().int().min(0).max(2) }),
});
export type BudgetState = z.infer<typeof budgetState>;

/** `wall`: ms since the epoch, as the clock has it; nobody says that it is right, or goes on. */
export type BudgetIn =
  | { readonly kind: 'look'; readonly wall: number }
  | { readonly kind: 'call'; readonly up: boolean; readonly wall: number }
  | { readonly kind: 'traffic'; readonly rx: number; readonly tx: number; readonly wall: number }
  | { readonly kind: 'settings'; readonly settings: Settings; readonly wall: number }
  | { readonly kind: 'reset'; readonly wall: number };
export type BudgetOut =
  | { readonly kind: 'log'; readonly alert: boolean; readonly words: string }
  /** The counters began anew. */
  | { readonly kind: 'restarted'; readonly why: string }
  /** What calls are allowed may be something else now. */
  | { readonly kind: 'policy'; readonly why: string };

export type Limit = 'data' | 'time';
const limits: readonly Limit[] = ['data', 'time'];
export const MB = 1_000_000;
export const HOUR_MS = 3_600_000;
const DAYS_KEPT = 62;
const ENTERED_KEPT = 48;
/** A clock that leaps this much against the running time… */
const LEAP_MS = HOUR_MS;
/** …into another month is believed after so long, for a wrong time server is corrected soon. */
const DOUBT_MS = 10 * 60_000;
/** The same month can come again only after so much running time: otherwise a clock was set back and forth. */
const MONTH_RUN_MS = 20 * 24 * HOUR_MS;

/** The budget of one account: counters, months, limits and what is done about them. */
export class Budget implements Machine<BudgetIn, BudgetOut> {
  #s: Settings;
  #state: BudgetState;
  #up = false;
  #now: number | undefined;
  #wall = 0;
  #doubtUntil: number | undefined;
  readonly #again: Partial<Record<Limit, number>> = {};
  #out: BudgetOut[] = [];

  constructor(settings: Settings, before?: BudgetState) {
    this.#s = settings;
    this.#state = before === undefined ? { period: '', since: 0, rx: 0, tx: 0, ms: 0, ran: 0, entered: [], days: {}, levels: { data: 0, time: 0 } } : structuredClone(before);
  }

  get state(): BudgetState { return this.#state; }
  get up(): boolean { return this.#up; }
  get over(): boolean { return this.#state.levels.data === 2 || this.#state.levels.time === 2; }

  /** Used so far, in octets or ms. */
  used(limit: Limit): number { return usedOf(limit, this.#s, this.#state.rx, this.#state.tx, this.#state.ms); }
  /** In octets or ms; undefined: no such limit. */
  quota(limit: Limit): number | undefined { return this.#s.enabled && this.#s[limit].enabled ? (limit === 'data' ? this.#s.data.quota * MB : this.#s.time.quota * HOUR_MS) : undefined; }

  /** Why no call may be made; undefined: it may. */
  get mayDial(): string | undefined { return this.over && this.#s.highLimit.newConnection === 'disallow' ? `the monthly budget is used up (${this.#overWords()}) and Cell-Sentry allows no new connections` : undefined; }
  /** Why the present call must end. */
  get mayStay(): string | undefined { return this.mayDial !== undefined && this.#s.highLimit.currentConnection === 'drop' ? `the monthly budget is used up (${this.#overWords()}) and Cell-Sentry drops the connection` : undefined; }

  /** Only what recurs needs one; time and months are looked at with `look`. */
  deadline(): number | undefined {
    const due = Object.values(this.#again);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  step(input: BudgetIn | Tick, now: number): readonly BudgetOut[] {
    this.#out = [];
    this.#time('wall' in input ? input.wall : this.#wall + (now - (this.#now ?? now)), now);
    switch (input.kind) {
      case 'call': this.#up = input.up; break;
      case 'traffic': this.#traffic(input.rx, input.tx); break;
      case 'settings': this.#settings(input.settings); break;
      case 'reset': this.#restart('by hand'); break;
      default: break;
    }
    this.#levels(now);
    this.#recur(now);
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Counts time online by the running clock, which nobody sets, then sees which month it is. */
  #time(wall: number, now: number): void {
    const ran = this.#now === undefined ? 0 : Math.max(0, now - this.#now);
    const leapt = this.#now !== undefined && wall - this.#wall - ran > LEAP_MS;
    const s = this.#state;
    s.ran += ran;
    if (this.#up && ran > 0) {
      s.ms += ran;
      this.#day()[2] += ran;
    }
    this.#now = now;
    this.#wall = wall;
    if (!plausible(wall)) return;
    const period = periodOf(dayOf(wall, this.#s.timeZone), this.#s.resetDay);
    if (s.period === '') {
      s.since = wall;
      return this.#enter(period);
    }
    if (period <= s.period) {
      this.#doubtUntil = undefined;
      // Set back: the counters go on, and the month that comes next is no news.
      if (period < s.period) s.period = period;
      return;
    }
    if (leapt) this.#doubtUntil = now + DOUBT_MS;
    if (this.#doubtUntil !== undefined && now < this.#doubtUntil) return;
    this.#doubtUntil = undefined;
    const before = s.entered.find(e => e.period === period);
    if (before === undefined || s.ran - before.ran > MONTH_RUN_MS) this.#restart('a new month began');
    this.#enter(period);
  }

  #enter(period: string): void {
    const s = this.#state;
    s.period = period;
    s.entered = [...s.entered.filter(e => e.period !== period), { period, ran: s.ran }].slice(-ENTERED_KEPT);
  }

  #traffic(rx: number, tx: number): void {
    const s = this.#state;
    s.rx += rx;
    s.tx += tx;
    const day = this.#day();
    day[0] += rx;
    day[1] += tx;
  }

  #day(): [number, number, number] {
    const { days } = this.#state;
    const day = plausible(this.#wall) ? dayOf(this.#wall, this.#s.timeZone) : 'unknown';
    let found = days[day];
    if (found === undefined) {
      found = days[day] = [0, 0, 0];
      for (const old of Object.keys(days).sort().slice(0, -DAYS_KEPT)) delete days[old];
    }
    return found;
  }

  #settings(next: Settings): void {
    const before = this.#s;
    this.#s = next;
    if ((before.resetDay !== next.resetDay || before.timeZone !== next.timeZone) && this.#state.period !== '' && plausible(this.#wall)) {
      // Another calendar: the counters go on until its next month begins.
      this.#doubtUntil = undefined;
      // Not as one that was entered: if that calendar was chosen by mistake, the month still has to begin by the right one.
      this.#state.period = periodOf(dayOf(this.#wall, next.timeZone), next.resetDay);
    }
    if (before.enabled && next.enabled && counted(before) !== counted(next)) this.#restart('a limit was changed');
    this.#out.push({ kind: 'policy', why: 'the settings of Cell-Sentry changed' });
  }

  #restart(why: string): void {
    Object.assign(this.#state, { rx: 0, tx: 0, ms: 0, since: this.#wall });
    this.#out.push({ kind: 'restarted', why });
  }

  #levels(now: number): void {
    const { levels } = this.#state;
    const wasOver = this.over;
    for (const limit of limits) {
      const quota = this.quota(limit);
      const part = quota === undefined ? 0 : this.used(limit) / quota;
      const level = part >= 1 ? 2 : part * 100 >= this.#s.lowLimit[limit] ? 1 : 0;
      if (level === levels[limit]) continue;
      const rose = level > levels[limit];
      levels[limit] = level;
      delete this.#again[limit];
      if (rose) this.#act(limit, now);
    }
    if (wasOver !== this.over) this.#out.push({ kind: 'policy', why: this.over ? `over budget: ${this.#overWords()}` : 'within the budget again' });
  }

  #recur(now: number): void {
    for (const limit of limits) {
      const due = this.#again[limit];
      if (this.#actions(limit)?.recurring !== true) delete this.#again[limit];
      else if (due === undefined || now >= due) this.#act(limit, now, due === undefined);
    }
  }

  /** `quiet`: only the next time is set, as after a restart within the same level. */
  #act(limit: Limit, now: number, quiet = false): void {
    const actions = this.#actions(limit);
    delete this.#again[limit];
    if (actions?.log !== true) return;
    if (actions.recurring) this.#again[limit] = now + actions.recurringMin * 60_000;
    if (!quiet) this.#out.push({ kind: 'log', alert: actions.alert, words: this.#words(limit) });
  }

  #actions(limit: Limit): Settings['highLimit'] | Settings['lowLimit'] | undefined { return [undefined, this.#s.lowLimit, this.#s.highLimit][this.#state.levels[limit]]; }

  #words(limit: Limit): string {
    const quota = this.quota(limit) ?? 0;
    const amount = limit === 'data' ? `${(this.used('data') / MB).toFixed(1)} MB of ${quota / MB} MB` : `${(this.used('time') / HOUR_MS).toFixed(1)} hours of ${quota / HOUR_MS}`;
    return this.#state.levels[limit] === 2 ? `over the ${limit} budget of this month: ${amount}` : `${Math.floor(this.used(limit) / quota * 100)}% of the ${limit} budget of this month is used: ${amount}`;
  }

  #overWords(): string { return limits.filter(l => this.#state.levels[l] === 2).map(l => this.#words(l).split(': ')[1]).join(', '); }
}

export const usedOf = (limit: Limit, s: Settings, rx: number, tx: number, ms: number): number =>
  (limit === 'time' ? ms : s.data.direction === 'upload' ? tx : s.data.direction === 'download' ? rx : rx + tx);

/** What the counters are measured against: another value starts them anew. */
const counted = (s: Settings): string => JSON.stringify([s.time, s.data, s.lowLimit.data, s.lowLimit.time]);
