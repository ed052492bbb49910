/** Sets of numbers as ranges with both ends in them, flat: [from, to, from, to, …], in order, neither overlapping nor touching. */
export type Ranges = readonly number[];

/** Pairs in any order, overlapping or not, as a set. */
export function normalise(pairs: readonly number[]): Ranges {
  if (pairs.length === 2) return pairs;
  const order: number[] = [];
  for (let i = 0; i < pairs.length; i += 2) order.push(i);
  order.sort((a, b) => pairs[a]! - pairs[b]!);
  const out: number[] = [];
  for (const i of order) {
    const from = pairs[i]!;
    const to = pairs[i + 1]!;
    const end = out.length - 1;
    if (end > 0 && from <= out[end]! + 1) out[end] = Math.max(out[end]!, to);
    else out.push(from, to);
  }
  return out;
}

/** All numbers from 0 to `most` that are not in it. */
export function complement(set: Ranges, most: number): Ranges {
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i]! > next) out.push(next, set[i]! - 1);
    next = set[i + 1]! + 1;
  }
  if (next <= most) out.push(next, most);
  return out;
}

/** Whether every number of `inner` is in `outer`. */
export function covers(outer: Ranges, inner: Ranges): boolean {
  let o = 0;
  for (let i = 0; i < inner.length; i += 2) {
    while (o < outer.length && outer[o + 1]! < inner[i]!) o += 2;
    if (o >= outer.length || outer[o]! > inner[i]! || outer[o + 1]! < inner[i + 1]!) return false;
  }
  return true;
}
