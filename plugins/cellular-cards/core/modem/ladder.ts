/** Steps against a call that does not come to stand, the mildest first. */
export const rungs = ['redial', 'reattach', 'radio', 'reset', 'replug', 'reboot'] as const;
export type Rung = (typeof rungs)[number];

/** What is wrong: the call; user name, password or APN; no network; the card says nothing. */
export type Trouble = 'call' | 'login' | 'service' | 'silent';

export interface RungRule {
  /** Between two of the same (ms). */
  readonly apartMs: number;
  /** In any 24 hours. */
  readonly mostPerDay: number;
}
export type LadderRules = Readonly<Record<Rung, RungRule>>;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const LADDER: LadderRules = {
  redial: { apartMs: 5_000, mostPerDay: 600 },
  reattach: { apartMs: MINUTE, mostPerDay: 48 },
  radio: { apartMs: 3 * MINUTE, mostPerDay: 24 },
  reset: { apartMs: 10 * MINUTE, mostPerDay: 12 },
  replug: { apartMs: 30 * MINUTE, mostPerDay: 6 },
  reboot: { apartMs: 6 * 60 * MINUTE, mostPerDay: 1 },
};

/** First pause, and the longest after doubling (ms). A wrong password tried too often locks an account, so that waits longer. */
const pauses: Readonly<Record<Trouble, readonly [number, number]>> = {
  call: [5_000, 10 * MINUTE], login: [MINUTE, 30 * MINUTE], service: [30_000, 15 * MINUTE], silent: [5_000, 10 * MINUTE],
};
/** Failures that are answered by trying the same again, before and between stronger steps. */
const MILD = 3;
/** A call that stood so long was a success. */
const STABLE_MS = MINUTE;

export interface Move { readonly rung: Rung; readonly inMs: number }

/**
 * Which step comes next, and when. Pauses double from failure to failure; every third failure calls for a stronger step than the
 * last one, where its distance and its daily limit allow it. It belongs to the slot and remembers over cards that come and go,
 * for re-plugging is one of the steps.
 */
export class Ladder {
  readonly #rules: LadderRules;
  readonly #random: () => number;
  readonly #uses: Record<Rung, number[]> = { redial: [], reattach: [], radio: [], reset: [], replug: [], reboot: [] };
  /** Failures since something held. */
  #failures = 0;
  /** The strongest step since then, as an index; the next one is stronger. */
  #reached = 0;
  #onlineAt: number | undefined;

  /** `random` in [0, 1): so that a thousand routers do not dial in step after an outage. */
  constructor(random: () => number, rules: LadderRules = LADDER) {
    this.#random = random;
    this.#rules = rules;
  }

  get failures(): number { return this.#failures; }

  /** Uses in the last 24 hours. */
  used(rung: Rung, now: number): number {
    const uses = this.#uses[rung];
    while (uses.length > 0 && uses[0]! <= now - DAY) uses.shift();
    return uses.length;
  }

  /** The call stands. */
  online(now: number): void { this.#onlineAt = now; }

  /** The call is over, for whatever reason: had it stood long enough, all is forgiven. */
  offline(now: number): void {
    if (this.#onlineAt !== undefined && now - this.#onlineAt >= STABLE_MS) this.forgive();
    this.#onlineAt = undefined;
  }

  /** Somebody intervened, or what was wrong is right: begin with the mildest step again. */
  forgive(): void {
    this.#failures = 0;
    this.#reached = 0;
  }

  /** After a failure. The caller says `use` when it makes the move. */
  next(trouble: Trouble, has: (rung: Rung) => boolean, now: number): Move {
    this.#failures++;
    const [first, longest] = pauses[trouble];
    const pause = Math.min(first * 2 ** Math.min(this.#failures - 1, 16), longest) * (0.9 + 0.2 * this.#random());
    const rung = this.#stronger(trouble, has, now) ?? 'redial';
    return { rung, inMs: Math.round(rung === 'redial' ? Math.max(pause, this.#spread(now)) : pause) };
  }

  use(rung: Rung, now: number): void {
    this.used(rung, now);
    this.#uses[rung].push(now);
  }

  #stronger(trouble: Trouble, has: (rung: Rung) => boolean, now: number): Rung | undefined {
    // No step of ours makes a wrong password right.
    if (trouble === 'login') return undefined;
    // Whoever has no network, or says nothing, gains nothing by being dialled.
    const mild = trouble === 'call' ? MILD : 1;
    if (this.#failures <= mild || (this.#failures - 1) % mild !== 0) return undefined;
    const least = trouble === 'silent' ? rungs.indexOf('replug') : 1;
    if (this.#reached >= rungs.length - 1) this.#reached = 0;
    for (let i = Math.max(this.#reached + 1, least); i < rungs.length; i++) {
      const rung = rungs[i]!;
      if (!has(rung) || !this.#allowed(rung, now)) continue;
      this.#reached = i;
      return rung;
    }
    this.#reached = 0;
    return undefined;
  }

  #allowed(rung: Rung, now: number): boolean {
    const { apartMs, mostPerDay } = this.#rules[rung];
    const last = this.#uses[rung].at(-1);
    return this.used(rung, now) < mostPerDay && (last === undefined || now - last >= apartMs);
  }

  /** From half of the daily limit on the rest is spread over a day: it is kept, and there is never a day without any. */
  #spread(now: number): number {
    const { apartMs, mostPerDay } = this.#rules.redial;
    if (this.used('redial', now) < mostPerDay / 2) return apartMs;
    const last = this.#uses.redial.at(-1) ?? now;
    return Math.max(apartMs, last + DAY / (mostPerDay / 2) - now);
  }
}
