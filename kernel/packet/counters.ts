import type { Counter } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';

/** All named counts of the router. A name keeps its number as long as somebody holds it. */
export class Counters {
  readonly #byName = new Map<string, { counter: Counter; holders: number }>();

  /** The counter of that name, made at 0 when new. Names are `area: reason`. */
  take(name: string): Counter & Disposable {
    let entry = this.#byName.get(name);
    if (!entry) {
      entry = { counter: { name, n: 0 }, holders: 0 };
      this.#byName.set(name, entry);
    }
    const mine = entry;
    mine.holders++;
    const counter = mine.counter as Counter & { dispose?: () => void };
    counter.dispose = () => { if (--mine.holders <= 0 && this.#byName.get(name) === mine) this.#byName.delete(name); };
    return counter as Counter & Disposable;
  }

  /** Sorted by name; zeros left out unless asked for. */
  list(zeros = false): readonly Counter[] {
    return [...this.#byName.values()].map(e => e.counter).filter(c => zeros || c.n > 0).sort((a, b) => a.name < b.name ? -1 : 1);
  }
}
