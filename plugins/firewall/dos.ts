import type { Thresholds } from './profile.ts';

/** What to do about a new session. */
export const Relief = { None: 0, CutOldest: 1, CutOldestThere: 2, Refuse: 3 } as const;
export type Relief = (typeof Relief)[keyof typeof Relief];

export interface GuardOptions extends Thresholds {
  /** When a destination has too many half-open TCP sessions: 0 the oldest of them goes, else all new ones are refused for so long. */
  readonly blockMinutes: number;
}

/** Destinations that can be blocked at once. */
export const BLOCKED_MOST = 256;
const SECONDS = 60;

/**
 * Half-open sessions as thresholds see them (RFC 4987 §3.2). From High on, every new session costs the oldest half-open one, until
 * the number is below Low again. Allocates nothing after it was made.
 */
export class HalfOpenGuard {
  options: GuardOptions;
  /** New sessions in each of the last 60 seconds. */
  readonly #begun = new Uint32Array(SECONDS);
  #lastMinute = 0;
  #second = 0;
  #purging = false;
  readonly #blocked = new Uint32Array(BLOCKED_MOST);
  readonly #until = new Float64Array(BLOCKED_MOST);
  #blocks = 0;

  constructor(options: GuardOptions) { this.options = options; }

  /** More than High was reached, and Low has not been since. */
  get purging(): boolean { return this.#purging; }
  get lastMinute(): number { return this.#lastMinute; }
  /** Destinations that are blocked, or were until lately. */
  get blocks(): number { return this.#blocks; }

  /** Time goes on. */
  tick(now: number): void {
    const second = Math.floor(now / 1000);
    if (second === this.#second) return;
    const steps = Math.min(SECONDS, Math.max(0, second - this.#second));
    for (let i = 1; i <= steps; i++) {
      const at = (this.#second + i) % SECONDS;
      this.#lastMinute -= this.#begun[at]!;
      this.#begun[at] = 0;
    }
    this.#second = second;
  }

  /**
   * A session is about to begin: counts it and says what it costs. `halfOpen`: of the whole router; `there`: of TCP to `dst`,
   * which counts for TCP only. Addresses as in FlowKey, `now` in ms.
   */
  admit(dst: number, tcp: boolean, halfOpen: number, there: number, now: number): Relief {
    this.tick(now);
    const o = this.options;
    if (tcp && this.#isBlocked(dst, now)) return Relief.Refuse;
    this.#begun[this.#second % SECONDS]!++;
    this.#lastMinute++;
    if (this.#purging) this.#purging = this.#lastMinute >= o.oneMinuteLow || halfOpen >= o.maxIncompleteLow;
    else this.#purging = this.#lastMinute > o.oneMinuteHigh || halfOpen > o.maxIncompleteHigh;
    if (tcp && there >= o.tcpMaxIncomplete) {
      if (o.blockMinutes === 0) return Relief.CutOldestThere;
      this.#block(dst, now + o.blockMinutes * 60_000);
      return Relief.Refuse;
    }
    return this.#purging ? Relief.CutOldest : Relief.None;
  }

  #isBlocked(dst: number, now: number): boolean {
    for (let i = 0; i < this.#blocks; i++) {
      if (this.#blocked[i] !== dst >>> 0) continue;
      if (now < this.#until[i]!) return true;
      this.#blocks--;
      this.#blocked[i] = this.#blocked[this.#blocks]!;
      this.#until[i] = this.#until[this.#blocks]!;
      return false;
    }
    return false;
  }

  /** The one that ends first gives way when there are too many. */
  #block(dst: number, until: number): void {
    let at = this.#blocks;
    if (at < BLOCKED_MOST) this.#blocks++;
    else {
      at = 0;
      for (let i = 1; i < BLOCKED_MOST; i++) if (this.#until[i]! < this.#until[at]!) at = i;
    }
    this.#blocked[at] = dst;
    this.#until[at] = until;
  }
}
