import { BLOCK, WORD } from './order.ts';

const WORDS = BLOCK / WORD;

/** Int32Array that grows by doubling. */
export class Pool {
  array: Int32Array;
  used = 0;

  constructor(size: number) {
    this.array = new Int32Array(size);
  }

  /** The offset of `size` fresh zeros. */
  take(size: number): number {
    const at = this.used;
    this.used += size;
    if (this.used > this.array.length) {
      const bigger = new Int32Array(Math.max(this.used, this.array.length * 2));
      bigger.set(this.array);
      this.array = bigger;
    }
    return at;
  }

  done(): Int32Array {
    return this.array.slice(0, this.used);
  }
}

/** Pieces of one size; those of equal content are stored once. */
class Shared {
  readonly pool = new Pool(4096);
  #slots = new Int32Array(1 << 10).fill(-1);
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** The offset in the pool of what stands in `from` at `at`. */
  intern(from: Int32Array, at: number): number {
    if (this.pool.used / this.#size * 2 >= this.#slots.length) this.#grow();
    const last = this.#slots.length - 1;
    for (let slot = this.#hash(from, at) & last; ; slot = slot + 1 & last) {
      const there = this.#slots[slot]!;
      if (there < 0) return this.#slots[slot] = this.#add(from, at);
      if (this.#same(from, at, there)) return there;
    }
  }

  #add(from: Int32Array, at: number): number {
    const offset = this.pool.take(this.#size);
    for (let i = 0; i < this.#size; i++) this.pool.array[offset + i] = from[at + i]!;
    return offset;
  }

  #same(from: Int32Array, at: number, there: number): boolean {
    const pool = this.pool.array;
    for (let i = 0; i < this.#size; i++) if (from[at + i] !== pool[there + i]) return false;
    return true;
  }

  #hash(from: Int32Array, at: number): number {
    let h = 0x811c9dc5;
    for (let i = 0; i < this.#size; i++) h = Math.imul(h ^ from[at + i]! ^ h >>> 15, 0x01000193);
    return h ^ h >>> 13;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const last = this.#slots.length - 1;
    for (let offset = 0; offset < this.pool.used; offset += this.#size) {
      let slot = this.#hash(this.pool.array, offset) & last;
      while (this.#slots[slot]! >= 0) slot = slot + 1 & last;
      this.#slots[slot] = offset;
    }
  }
}

/**
 * Bit vectors over the entries of one table, for all of its fields. A block is 32 words of bits. A vector is a mask of its blocks that are not
 * empty, then for each block a mask of its words that are not zero, then the offset of each block. Neighbouring intervals of a field differ in a bit
 * or two, so their vectors share all blocks but one: n ranges need O(n) blocks, not n vectors of n bits.
 */
export class Vectors {
  readonly blockCount: number;
  readonly #blocks = new Shared(WORDS);
  readonly #vectors: Shared;
  /** The bits of the vector that is being changed, and the vector as last stored. */
  readonly #work: Int32Array;
  readonly #vector: Int32Array;
  readonly #touched: Uint8Array;

  constructor(entries: number) {
    this.blockCount = Math.max(1, Math.ceil(entries / BLOCK));
    this.#vectors = new Shared(1 + 2 * this.blockCount);
    this.#work = new Int32Array(this.blockCount * WORDS);
    this.#vector = new Int32Array(1 + 2 * this.blockCount);
    this.#touched = new Uint8Array(this.blockCount);
  }

  clear(): void {
    this.#work.fill(0);
    this.#touched.fill(1);
  }

  flip(position: number): void {
    this.#work[position >> 5] = this.#work[position >> 5]! ^ 1 << (position & 31);
    this.#touched[Math.floor(position / BLOCK)] = 1;
  }

  /** Offset of the vector as it is now in `vectors`. */
  store(): number {
    const vector = this.#vector;
    for (let b = 0; b < this.blockCount; b++) {
      if (this.#touched[b] === 0) continue;
      this.#touched[b] = 0;
      let words = 0;
      for (let w = 0; w < WORDS; w++) if (this.#work[b * WORDS + w] !== 0) words |= 1 << w;
      vector[0] = words === 0 ? vector[0]! & ~(1 << b) : vector[0]! | 1 << b;
      vector[1 + b] = words;
      vector[1 + this.blockCount + b] = this.#blocks.intern(this.#work, b * WORDS);
    }
    return this.#vectors.intern(vector, 0);
  }

  done(): { readonly vectors: Int32Array; readonly blocks: Int32Array } {
    return { vectors: this.#vectors.pool.done(), blocks: this.#blocks.pool.done() };
  }
}
