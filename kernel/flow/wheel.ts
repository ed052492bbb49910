/** Seconds the wheel looks ahead; longer waits go round more than once. */
const SLOTS = 1024;

/**
 * Expiry in O(1): one list of flows per second, chained through typed arrays. A flow that was used meanwhile is not moved when it
 * is used (that would cost every packet); it is put back when its old second comes round.
 */
export class Wheel {
  readonly #head = new Int32Array(SLOTS).fill(-1);
  readonly #next: Int32Array;
  readonly #prev: Int32Array;
  /** Slot of each flow, -1: not on the wheel. */
  readonly #slot: Int16Array;
  #at = 0;

  constructor(max: number) {
    this.#next = new Int32Array(max);
    this.#prev = new Int32Array(max);
    this.#slot = new Int16Array(max).fill(-1);
  }

  /** Puts a flow where it is looked at in second `due` (or at the wheel's horizon, if that is nearer). */
  put(flow: number, due: number): void {
    this.remove(flow);
    const ahead = Math.min(Math.max(due - this.#at, 1), SLOTS - 1);
    const slot = (this.#at + ahead) % SLOTS;
    const first = this.#head[slot]!;
    this.#next[flow] = first;
    this.#prev[flow] = -1;
    if (first >= 0) this.#prev[first] = flow;
    this.#head[slot] = flow;
    this.#slot[flow] = slot;
  }

  remove(flow: number): void {
    const slot = this.#slot[flow]!;
    if (slot < 0) return;
    const next = this.#next[flow]!;
    const prev = this.#prev[flow]!;
    if (prev >= 0) this.#next[prev] = next; else this.#head[slot] = next;
    if (next >= 0) this.#prev[next] = prev;
    this.#slot[flow] = -1;
  }

  /**
   * Turns to second `now`, at most `budget` flows further: `look(flow)` returns when it really ends (a second > now: it is put
   * back there) or -1 (it was ended and removed by the callee). True when it is up to date.
   */
  turn(now: number, budget: number, look: (flow: number) => number): boolean {
    while (this.#at <= now) {
      const slot = this.#at % SLOTS;
      for (let flow = this.#head[slot]!; flow >= 0; flow = this.#head[slot]!) {
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
