import { type Batch, BATCH } from '../../sdk/packet.ts';
import { WORDS } from './action.ts';
import { mix } from './hash.ts';
import { portsOf } from './key.ts';
import { FLOW } from './record.ts';
import type { FlowTable } from './table.ts';

const TCP = 6;

/**
 * Looks up a batch at once. Among a million flows each look-up waits three times for memory: index, tuple, record. One after the other
 * that is most of what a packet costs; here each kind of memory is asked for all packets of the batch before the first one is
 * needed, so that the waits overlap.
 */
export class Lookup {
  readonly #table: FlowTable;
  readonly #entries = new Int32Array(BATCH);
  readonly #hashes = new Int32Array(BATCH);
  /** The tuple that packet i of the batch probably belongs to, or -1. Whoever uses it compares the key. */
  readonly guesses = new Int32Array(BATCH);
  /** Keeps the reads from being optimised away. */
  touched = 0;

  constructor(table: FlowTable) { this.#table = table; }

  run(batch: Batch): void {
    const { index, mask, numbers, records, seed, shift, tuples } = this.#table;
    const { guesses } = this;
    const entries = this.#entries;
    const hashes = this.#hashes;
    const n = batch.n;
    let followed = false;
    for (let i = 0; i < n; i++) {
      const { buf, l3, l4, proto } = batch.at(i);
      // A later fragment, or no IP at all, has no ports: its guess is wrong, and nobody asks for it.
      hashes[i] = l4 === 0 ? 0 : mix(
        buf[l3 + 12]! << 24 | buf[l3 + 13]! << 16 | buf[l3 + 14]! << 8 | buf[l3 + 15]!,
        buf[l3 + 16]! << 24 | buf[l3 + 17]! << 16 | buf[l3 + 18]! << 8 | buf[l3 + 19]!,
        portsOf(buf, l4, proto), proto, seed);
      if (proto === TCP) followed = true;
    }
    // Short loops: the more of their rounds a processor has under way at a time, the more waits overlap.
    for (let i = 0; i < n; i++) entries[i] = index[hashes[i]! & mask]!;
    for (let i = 0; i < n; i++) {
      const h = hashes[i]!;
      let entry = entries[i]!;
      // Others that stand in front of it: their entries are most often in the same cache line.
      for (let at = h; entry !== 0 && (entry ^ h) >>> shift !== 0;) entry = index[++at & mask]!;
      guesses[i] = (entry & numbers) - 1;
    }
    let touched = 0;
    for (let i = 0; i < n; i++) touched = touched + tuples[Math.max(guesses[i]!, 0) * WORDS]! | 0;
    if (followed) { // other protocols' records are not read
      for (let i = 0; i < n; i++) {
        const r = (Math.max(guesses[i]!, 0) >> 1) * FLOW;
        touched = touched + records[r]! + records[r + FLOW - 1]! | 0;
      }
    }
    this.touched = touched;
  }
}
