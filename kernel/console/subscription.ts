import type { Disposable } from '../../sdk/scope.ts';

/** Items that wait for one reader: a ring that loses the oldest when it is full, and counts what it lost. */
export class Subscription {
  readonly #ring: unknown[] = [];
  readonly #limit: number;
  #first = 0;
  #length = 0;
  #missed = 0;
  /** Gives the source back. */
  source: Disposable | undefined;

  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  get waiting(): number { return this.#length; }
  get missed(): number { return this.#missed; }

  push(item: unknown): void {
    this.#ring[(this.#first + this.#length) % this.#limit] = item;
    if (this.#length < this.#limit) {
      this.#length++;
      return;
    }
    this.#first = (this.#first + 1) % this.#limit;
    this.#missed++;
  }

  /** The oldest items, at most so many, and how many were lost before them. */
  take(most: number): { items: unknown[]; missed: number } {
    const items: unknown[] = [];
    while (items.length < most && this.#length > 0) {
      items.push(this.#ring[this.#first]);
      this.#ring[this.#first] = undefined;
      this.#first = (this.#first + 1) % this.#limit;
      this.#length--;
    }
    const missed = this.#missed;
    this.#missed = 0;
    return { items, missed };
  }
}
