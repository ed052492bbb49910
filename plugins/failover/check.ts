import type { Machine, Tick } from '../../sdk/index.ts';

export interface CheckTimes { readonly periodMs: number; readonly timeoutMs: number; readonly tolerance: number }

export type CheckIn =
  | Tick
  /** The uplink has an address: ask. */
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'answer'; readonly seq: number };
export type CheckOut =
  | { readonly kind: 'ask'; readonly seq: number }
  | { readonly kind: 'health'; readonly good: boolean };

/** Whether somebody behind an uplink answers: a question per period, and as many like results in a row as the tolerance says turn the verdict. */
export class Check implements Machine<CheckIn, CheckOut> {
  readonly #times: CheckTimes;
  #seq = 0;
  #askAt: number | undefined;
  #lateAt: number | undefined;
  #good = true;
  /** Results in a row against the verdict. */
  #against = 0;

  constructor(times: CheckTimes) { this.#times = times; }

  /** Until proven otherwise it is good. */
  get good(): boolean { return this.#good; }
  get asking(): boolean { return this.#askAt !== undefined; }

  deadline(): number | undefined {
    return this.#lateAt === undefined || this.#askAt === undefined ? this.#lateAt ?? this.#askAt : Math.min(this.#lateAt, this.#askAt);
  }

  step(input: CheckIn, now: number): readonly CheckOut[] {
    switch (input.kind) {
      case 'start':
        if (this.#askAt !== undefined) return [];
        this.#against = 0;
        return this.#ask(now);
      case 'stop': {
        this.#askAt = this.#lateAt = undefined;
        this.#against = 0;
        return this.#turn(true);
      }
      case 'answer':
        if (this.#lateAt === undefined || input.seq !== this.#seq) return [];
        this.#lateAt = undefined;
        return this.#result(true);
      case 'tick': {
        const out: CheckOut[] = [];
        if (this.#lateAt !== undefined && now >= this.#lateAt) {
          this.#lateAt = undefined;
          out.push(...this.#result(false));
        }
        if (this.#askAt !== undefined && now >= this.#askAt) out.push(...this.#ask(now));
        return out;
      }
    }
  }

  #ask(now: number): readonly CheckOut[] {
    this.#seq = (this.#seq + 1) & 0xffff;
    this.#askAt = now + this.#times.periodMs;
    this.#lateAt = now + this.#times.timeoutMs;
    return [{ kind: 'ask', seq: this.#seq }];
  }

  #result(answered: boolean): readonly CheckOut[] {
    this.#against = answered === this.#good ? 0 : this.#against + 1;
    return this.#against >= this.#times.tolerance ? this.#turn(answered) : [];
  }

  #turn(good: boolean): readonly CheckOut[] {
    this.#against = 0;
    if (good === this.#good) return [];
    this.#good = good;
    return [{ kind: 'health', good }];
  }
}
