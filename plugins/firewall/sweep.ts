import type { Clock, Disposable, Flows, FlowView } from '../../sdk/index.ts';

/** Flows, and numbers without a flow, that are looked at in one piece: about a quarter of a millisecond. */
const FLOWS_AT_ONCE = 256;
const NUMBERS_AT_ONCE = 16_384;

/**
 * After rules have changed: goes through all flows, a piece at a time, and ends those that the rules no longer allow. Flows that carry
 * packets are decided again by the flow table itself; this finds those that are idle, which could be hours.
 */
export class Sweep {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #flows: Pick<Flows, 'max' | 'view' | 'cut'>;
  readonly #allowed: (flow: FlowView) => boolean;
  #next = 0;
  #timer: Disposable | undefined;

  constructor(clock: Pick<Clock, 'after'>, flows: Pick<Flows, 'max' | 'view' | 'cut'>, allowed: (flow: FlowView) => boolean) {
    this.#clock = clock;
    this.#flows = flows;
    this.#allowed = allowed;
  }

  /** Begins at the first flow, also when a walk is under way: what that one has seen was judged by older rules. */
  start(): void {
    this.#next = 0;
    this.#timer ??= this.#clock.after(0, () => this.#piece());
  }

  #piece(): void {
    this.#timer = undefined;
    const end = Math.min(this.#next + NUMBERS_AT_ONCE, this.#flows.max);
    for (let seen = 0; this.#next < end && seen < FLOWS_AT_ONCE; this.#next++) {
      const flow = this.#flows.view(this.#next);
      if (flow === undefined) continue;
      seen++;
      if (!this.#allowed(flow)) this.#flows.cut(flow.id, 'no longer allowed');
    }
    if (this.#next < this.#flows.max) this.#timer = this.#clock.after(0, () => this.#piece());
  }
}
