import type { Entry } from './entries.ts';
import type { Ranges } from './ranges.ts';

export const WORD = 32;
/** Entries of a block: 32 words. */
export const BLOCK = WORD * 32;

const fields = ['dst', 'src', 'service'] as const;

/**
 * The order of entries in the bit vectors, as indices into `entries`. Entries that one packet can match together should share
 * words, so that few words are left once the summaries are combined: each entry is filed under its most telling field (the
 * one in which the fewest others lie within its range), there by the beginning of its range, then by that of its second field, and so on.
 *
 * Within a word entries stand in the order of their rules: the first bit that is left is the best of the word. Words in a
 * block and blocks stand in the order of their best rule (but for the last): a search has a good one early, and passes by what cannot better it.
 */
export function arrange(entries: readonly Entry[], ordinals: readonly number[]): number[] {
  const n = entries.length;
  const low = fields.map(f => Float64Array.from(entries, e => e[f][0]!));
  const crowd = fields.map((f, i) => {
    const sorted = low[i]!.slice().sort();
    return Int32Array.from(entries, e => before(sorted, e[f].at(-1)! + 1) - before(sorted, e[f][0]!));
  });
  const heap = new Int32Array(n);
  const keys = fields.map(() => new Float64Array(n));
  for (let e = 0; e < n; e++) {
    const telling = [0, 1, 2].sort((a, b) => crowd[a]![e]! - crowd[b]![e]!);
    // Those that say next to nothing in a field would fill all summaries of it: they stand apart.
    const vague = crowd.reduce((mask, c, f) => c[e]! > n / 8 ? mask | 1 << f : mask, 0);
    heap[e] = telling[0]! << 3 | vague;
    for (const [k, f] of telling.entries()) keys[k]![e] = low[f]![e]!;
  }
  const [first, second, third] = keys as [Float64Array, Float64Array, Float64Array];
  const order = Array.from(entries, (_, e) => e);
  order.sort((a, b) => heap[a]! - heap[b]! || first[a]! - first[b]! || second[a]! - second[b]! || third[a]! - third[b]! || a - b);
  const byRule = (a: number, b: number): number => ordinals[a]! - ordinals[b]!;
  const best = (group: readonly number[]): number => ordinals[group[0]!]!;
  const words: number[][] = [];
  for (let i = 0; i < n; i += WORD) words.push(order.slice(i, i + WORD).sort(byRule));
  // A short word stays the last: positions have no gaps.
  const short = n % WORD === 0 ? undefined : words.pop();
  const blocks: number[][] = [];
  for (let i = 0; i < words.length; i += 32) blocks.push(words.slice(i, i + 32).sort((a, b) => best(a) - best(b)).flat());
  const last = blocks.length > 0 && blocks.at(-1)!.length < BLOCK ? blocks.pop()! : [];
  blocks.sort((a, b) => best(a) - best(b));
  return [...blocks.flat(), ...last, ...short ?? []];
}

/** How many of the sorted numbers are below `x`. */
function before(sorted: Float64Array, x: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = from + to >> 1;
    if (sorted[middle]! < x) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The ranges of each entry's field in the given order. */
export const column = (entries: readonly Entry[], order: readonly number[], field: keyof Entry): Ranges[] => order.map(e => entries[e]![field]);
