import type { Counter } from '../../sdk/index.ts';

/** What the firewall counts, since somebody last set it to 0. The counters themselves are the router's and only grow. */
export class Counts {
  readonly #make: (name: string) => Counter;
  readonly #counters: Counter[] = [];
  readonly #before = new Map<Counter, number>();

  constructor(make: (name: string) => Counter) { this.#make = make; }

  counter(name: string): Counter {
    const counter = this.#make(name);
    this.#counters.push(counter);
    return counter;
  }

  list(): readonly { readonly name: string; readonly n: number }[] {
    return this.#counters.map((c) => ({ name: c.name, n: c.n - (this.#before.get(c) ?? 0) }));
  }

  clear(): void { for (const c of this.#counters) this.#before.set(c, c.n); }
}
