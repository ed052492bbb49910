import { mix } from './hash.ts';

/** Words of an entry: the address, how many flows, and the head and tail of their list (chain.ts). An entry without flows is free. */
const ENTRY = 4;
const COUNT = 1;
export const LIST = 2;

/**
 * What is kept per destination address while flows to it are half open. Open addressing as in the flow table; as large from the start
 * as it can get, for its pages cost nothing until touched, and to grow it would stall a breath just when a flood comes.
 */
export class Destinations {
  readonly words: Int32Array;
  readonly #mask: number;
  readonly #seed: number;

  /** Room for so many addresses. */
  constructor(max: number, seed: number) {
    let capacity = 64;
    while (capacity < max * 2) capacity *= 2;
    this.words = new Int32Array(capacity * ENTRY);
    this.#mask = capacity - 1;
    this.#seed = seed;
  }

  /** Offset of the entry of this address, or -1. */
  find(address: number): number {
    const at = this.#probe(address | 0);
    return this.words[at + COUNT] === 0 ? -1 : at;
  }

  count(address: number): number { return this.words[this.#probe(address | 0) + COUNT]!; }

  /** Counts one flow more; returns the offset of the entry, whose list the flow is to be put in. Offsets last until the next change. */
  enter(address: number): number {
    const at = this.#probe(address | 0);
    this.words[at] = address;
    this.words[at + COUNT]!++;
    return at;
  }

  /** Counts one flow less; it has been taken out of the list. */
  leave(at: number): void {
    const w = this.words;
    if (--w[at + COUNT]! > 0) return;
    w[at + LIST] = w[at + LIST + 1] = 0;
    let hole = at / ENTRY;
    for (let i = (hole + 1) & this.#mask; w[i * ENTRY + COUNT] !== 0; i = (i + 1) & this.#mask) {
      const home = this.#home(w[i * ENTRY]!);
      if (((i - home) & this.#mask) < ((i - hole) & this.#mask)) continue;
      w.copyWithin(hole * ENTRY, i * ENTRY, (i + 1) * ENTRY);
      w.fill(0, i * ENTRY, (i + 1) * ENTRY);
      hole = i;
    }
  }

  #home(address: number): number { return mix(address, 0, 0, 0, this.#seed) & this.#mask; }

  #probe(address: number): number {
    const w = this.words;
    let i = this.#home(address);
    while (w[i * ENTRY + COUNT] !== 0 && w[i * ENTRY] !== address) i = (i + 1) & this.#mask;
    return i * ENTRY;
  }
}
