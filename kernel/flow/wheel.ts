import { Chain } from './chain.ts';

/** Seconds the wheel looks ahead; longer waits go round more than once. */
const SLOTS = 1024;

/**
 * Expiry in O(1): one list of flows per second, chained through the flows' records. A flow that was used meanwhile is not moved when it
 * is used (that would cost every packet); it is put back when its old second comes round.
 */
export class Wheel {
  readonly #lists = new Int32Array(SLOTS * 2);
  readonly #chain: Chain;
  readonly #words: Int32Array;
  readonly #stride: number;
  readonly #slot: number;
  #at = 0;

  /** Uses the words at, at + 1 and at + 2 of each record; the last is its slot plus 1, 0: not on the wheel. */
  constructor(words: Int32Array, stride: number, at: number) {
    this.#chain = new Chain(words, stride, at);
    this.#words = words;
    this.#stride = stride;
    this.#slot = at + 2;
  }

  /** Puts a flow where it is looked at in second `due` (or at the wheel's horizon, if that is nearer). */
  put(flow: number, due: number): void {
    this.remove(flow);
    const ahead = Math.min(Math.max(due - this.#at, 1), SLOTS - 1);
    const slot = (this.#at + ahead) % SLOTS;
    this.#chain.append(this.#lists, slot * 2, flow);
    this.#words[flow * this.#stride + this.#slot] = slot + 1;
  }

  remove(flow: number): void {
    const word = flow * this.#stride + this.#slot;
    const slot = this.#words[word]!;
    if (slot === 0) return;
    this.#words[word] = 0;
    this.#chain.remove(this.#lists, (slot - 1) * 2, flow);
  }

  /**
   * Turns to second `now`, at most `budget` flows further: `look(flow)` returns when it really ends (a second > now: it is put
   * back there) or -1 (it was ended and removed by the callee). True when it is up to date.
   */
  turn(now: number, budget: number, look: (flow: number) => number): boolean {
    while (this.#at <= now) {
      const list = this.#at % SLOTS * 2;
      for (let flow = this.#lists[list]! - 1; flow >= 0; flow = this.#lists[list]! - 1) {
        if (budget-- <= 0) return false;
        this.remove(flow);
        const due = look(flow);
        if (due >= 0) this.put(flow, due);
      }
      if (this.#at === now) break;
      this.#at++;
    }
    return true;
  }
}
