import { type Entry, WIDTH } from './entries.ts';
import { find, intervals } from './intervals.ts';
import { arrange, BLOCK, column, WORD } from './order.ts';
import { Vectors } from './vectors.ts';

/** Entries of one table: a mask of 32 blocks. */
export const TABLE_MOST = 32 * BLOCK;
const NONE = 0x7fff_ffff;

/** Up to TABLE_MOST entries of rules that are told apart by their ordinals. See compile.ts for how it works. */
export class Table {
  readonly octets: number;
  readonly #src: Int32Array;
  readonly #dst: Int32Array;
  readonly #service: Int32Array;
  readonly #sport: Int32Array;
  readonly #time: Int32Array;
  readonly #vectors: Int32Array;
  readonly #blocks: Int32Array;
  /** By position, and the least of each word and each block. */
  readonly #ordinal: Int32Array;
  readonly #bestOfWord: Int32Array;
  readonly #bestOfBlock: Int32Array;

  /** `ordinals[i]` is that of the rule of `entries[i]`. */
  constructor(entries: readonly Entry[], ordinals: readonly number[]) {
    const order = arrange(entries, ordinals);
    const vectors = new Vectors(entries.length);
    const field = (name: keyof Entry, width: number): Int32Array => intervals(column(entries, order, name), width, vectors);
    this.#src = field('src', WIDTH.address);
    this.#dst = field('dst', WIDTH.address);
    this.#service = field('service', WIDTH.service);
    this.#sport = field('sport', WIDTH.port);
    this.#time = field('time', WIDTH.time);
    ({ vectors: this.#vectors, blocks: this.#blocks } = vectors.done());
    this.#ordinal = Int32Array.from(order, e => ordinals[e]!);
    this.#bestOfWord = new Int32Array(vectors.blockCount * (BLOCK / WORD)).fill(NONE);
    this.#bestOfBlock = new Int32Array(vectors.blockCount).fill(NONE);
    for (const [position, ordinal] of this.#ordinal.entries()) {
      const word = Math.floor(position / WORD);
      const block = Math.floor(position / BLOCK);
      this.#bestOfWord[word] = Math.min(this.#bestOfWord[word]!, ordinal);
      this.#bestOfBlock[block] = Math.min(this.#bestOfBlock[block]!, ordinal);
    }
    this.octets = 4 * [this.#src, this.#dst, this.#service, this.#sport, this.#time, this.#vectors, this.#blocks, this.#ordinal, this.#bestOfWord, this.#bestOfBlock]
      .reduce((sum, a) => sum + a.length, 0);
  }

  /** The least ordinal below `best` of a rule that matches, else `best`. */
  match(src: number, dst: number, sport: number, dport: number, proto: number, minute: number, best: number): number {
    const vectors = this.#vectors;
    const n = this.#bestOfBlock.length;
    const s = find(this.#src, src);
    const d = find(this.#dst, dst);
    const v = find(this.#service, proto << 24 | dport << 8);
    const p = find(this.#sport, sport << 16);
    const t = find(this.#time, minute << 18);
    let blocks = vectors[s]! & vectors[d]! & vectors[v]! & vectors[p]! & vectors[t]!;
    while (blocks !== 0) {
      const b = 31 - Math.clz32(blocks & -blocks);
      blocks &= blocks - 1;
      const at = 1 + b;
      const words = vectors[s + at]! & vectors[d + at]! & vectors[v + at]! & vectors[p + at]! & vectors[t + at]!;
      if (words === 0 || this.#bestOfBlock[b]! >= best) continue;
      best = this.#inBlock(b, words, vectors[s + at + n]!, vectors[d + at + n]!, vectors[v + at + n]!, vectors[p + at + n]!, vectors[t + at + n]!, best);
    }
    return best;
  }

  #inBlock(b: number, words: number, s: number, d: number, v: number, p: number, t: number, best: number): number {
    const bits = this.#blocks;
    while (words !== 0) {
      const w = 31 - Math.clz32(words & -words);
      words &= words - 1;
      const word = b * 32 + w;
      if (this.#bestOfWord[word]! >= best) continue;
      const left = bits[s + w]! & bits[d + w]! & bits[v + w]! & bits[p + w]! & bits[t + w]!;
      if (left === 0) continue;
      const ordinal = this.#ordinal[word * WORD + 31 - Math.clz32(left & -left)]!;
      if (ordinal < best) best = ordinal;
    }
    return best;
  }

  /** Adds the ordinals of all rules that match, in no order. */
  all(src: number, dst: number, sport: number, dport: number, proto: number, minute: number, found: Set<number>): void {
    const n = this.#bestOfBlock.length;
    const vectors = this.#vectors;
    const bits = this.#blocks;
    const s = find(this.#src, src);
    const d = find(this.#dst, dst);
    const v = find(this.#service, proto << 24 | dport << 8);
    const p = find(this.#sport, sport << 16);
    const t = find(this.#time, minute << 18);
    for (let b = 0; b < n; b++) {
      const at = 1 + b;
      const block = at + n;
      for (let words = vectors[s + at]! & vectors[d + at]! & vectors[v + at]! & vectors[p + at]! & vectors[t + at]!; words !== 0; words &= words - 1) {
        const w = 31 - Math.clz32(words & -words);
        let left = bits[vectors[s + block]! + w]! & bits[vectors[d + block]! + w]! & bits[vectors[v + block]! + w]! & bits[vectors[p + block]! + w]! & bits[vectors[t + block]! + w]!;
        for (; left !== 0; left &= left - 1) found.add(this.#ordinal[(b * 32 + w) * WORD + 31 - Math.clz32(left & -left)]!);
      }
    }
  }
}
