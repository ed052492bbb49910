import type { Ranges } from './ranges.ts';
import { Pool, type Vectors } from './vectors.ts';

/** Bits that each level of the tree looks at. Small ones at the end: there lie most of the nodes. */
const STRIDES = [8, 8, 4, 4, 4, 4] as const;
/** Pieces of a list at most: where the second to the fourth begin, four vectors, and one number to fill half a cache line. */
const LIST_MOST = 4;
const LIST_SIZE = 8;
/** Where a piece begins that is not there: beyond the 24 bits that lists decide about. */
const NEVER = 0x7fff_ffff;
/** Positions of entries must fit below it, and a boundary times it into 53 bits. */
const POSITIONS = 2 ** 16;

/**
 * Maps every number of a field to the vector of the entries that have it. The field is cut where a range begins or ends; the
 * pieces are found through a tree of tables whose depth does not depend on how many there are. Fields narrower than 32 bits
 * stand in the upper bits of the key.
 *
 * A cell of the tree that is negative is the complement of a vector's offset; an even one is twice the offset of the next table,
 * an odd one (doubled, plus one) of a list of a few pieces, which lies in one cache line where tables would need four.
 */
export function intervals(column: readonly Ranges[], width: number, vectors: Vectors): Int32Array {
  const scale = 2 ** (32 - width);
  const top = 2 ** width;
  let n = 0;
  for (const ranges of column) n += ranges.length;
  const events = new Float64Array(n);
  n = 0;
  for (const [position, ranges] of column.entries()) {
    for (let i = 0; i < ranges.length; i += 2) {
      events[n++] = ranges[i]! * POSITIONS + position;
      if (ranges[i + 1]! + 1 < top) events[n++] = (ranges[i + 1]! + 1) * POSITIONS + position;
    }
  }
  const sorted = events.subarray(0, n).sort();
  const starts: number[] = [];
  const values: number[] = [];
  vectors.clear();
  for (let i = 0, at = 0; i < n || starts.length === 0;) {
    at = starts.length === 0 ? 0 : Math.floor(sorted[i]! / POSITIONS);
    while (i < n && Math.floor(sorted[i]! / POSITIONS) === at) vectors.flip(sorted[i++]! % POSITIONS);
    const value = vectors.store();
    if (value === values.at(-1)) continue;
    starts.push(at * scale);
    values.push(value);
  }
  return tree(starts, values);
}

function tree(starts: readonly number[], values: readonly number[]): Int32Array {
  const pool = new Pool(4096);
  let piece = 0;
  const list = (from: number, end: number): number => {
    const at = pool.take(LIST_SIZE);
    pool.array.fill(NEVER, at, at + LIST_MOST - 1);
    for (let n = 0; ; n++, piece++) {
      if (n > 0) pool.array[at + n - 1] = starts[piece]! - from;
      pool.array[at + LIST_MOST - 1 + n] = values[piece]!;
      if (piece + 1 >= starts.length || starts[piece + 1]! >= end) return at * 2 + 1;
    }
  };
  const table = (level: number, base: number, size: number): number => {
    const cells = 1 << STRIDES[level]!;
    const at = pool.take(cells);
    const cell = size / cells;
    for (let c = 0; c < cells; c++) {
      const from = base + c * cell;
      while (piece + 1 < starts.length && starts[piece + 1]! <= from) piece++;
      const reaches = (pieces: number): boolean => piece + pieces >= starts.length || starts[piece + pieces]! >= from + cell;
      const value = reaches(1) ? ~values[piece]! : reaches(LIST_MOST) ? list(from, from + cell) : table(level + 1, from, cell);
      pool.array[at + c] = value;
    }
    return at * 2;
  };
  table(0, 0, 2 ** 32);
  return pool.done();
}

/** The offset of the vector for this key; allocates nothing. */
export function find(nodes: Int32Array, key: number): number {
  let v = nodes[key >>> 24]!;
  if (v < 0) return ~v;
  if ((v & 1) === 1) return within(nodes, v >> 1, key & 0xff_ffff);
  v = nodes[(v >> 1) + (key >>> 16 & 255)]!;
  if (v < 0) return ~v;
  if ((v & 1) === 1) return within(nodes, v >> 1, key & 0xffff);
  for (let shift = 12; ; shift -= 4) {
    v = nodes[(v >> 1) + (key >>> shift & 15)]!;
    if (v < 0) return ~v;
    if ((v & 1) === 1) return within(nodes, v >> 1, key & (1 << shift) - 1);
  }
}

/** Counts, without a branch to mispredict, how many pieces begin at or before `rest`. */
function within(nodes: Int32Array, at: number, rest: number): number {
  const before = 3 - (rest - nodes[at]! >>> 31) - (rest - nodes[at + 1]! >>> 31) - (rest - nodes[at + 2]! >>> 31);
  return nodes[at + LIST_MOST - 1 + before]!;
}
