import type { Rule } from './model.ts';

/** How often each rule has matched. Counts belong to the id of a rule: they stay when rules are edited, moved or compiled anew. */
export class HitCounters {
  #hits = new Float64Array(0);
  #slots = new Map<number, number>();

  /** From now on indices are places in this list. Counts of rules that are not in it go. */
  use(rules: readonly Rule[]): void {
    const hits = new Float64Array(rules.length);
    const slots = new Map<number, number>();
    for (const [i, r] of rules.entries()) {
      hits[i] = this.of(r.id);
      slots.set(r.id, i);
    }
    this.#hits = hits;
    this.#slots = slots;
  }

  /** Counts a match of the rule with this index, as of Compiled.match; -1 counts for nobody. */
  count(index: number): void {
    if (index >= 0 && index < this.#hits.length) this.#hits[index] = this.#hits[index]! + 1;
  }

  /** 0 for an id that is not there. */
  of(id: number): number {
    const slot = this.#slots.get(id);
    return slot === undefined ? 0 : this.#hits[slot]!;
  }

  /** What was counted before a restart. An id that is not there is ignored. */
  set(id: number, hits: number): void {
    const slot = this.#slots.get(id);
    if (slot !== undefined) this.#hits[slot] = hits;
  }

  /** Of one rule, or of all. */
  clear(id?: number): void {
    if (id === undefined) this.#hits.fill(0);
    else if (this.#slots.has(id)) this.#hits[this.#slots.get(id)!] = 0;
  }
}
