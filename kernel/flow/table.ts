import { SEEN, WORDS } from './action.ts';
import { mix } from './hash.ts';
import { ALIVE, BITS_OCTET, FLOW, IN_LINK, STATE_OCTET, WHEEL } from './record.ts';
import { Wheel } from './wheel.ts';

/** The largest part of the index that may be in use, as a divisor: capacity >= tuples * SPARE keeps probe chains at about 1.5. */
const SPARE = 2;
/** glibc puts 16 octets in front of large memory that begins with a page: with 48 more a tuple fills a cache line exactly. Elsewhere it does no harm. */
const PAD = 48;
/** In the key of a tuple that is free: no packet has it. */
const NO_PROTOCOL = -1;

/**
 * The flow table: a flow is a number; everything about it stands in typed arrays, so that a million flows are no burden to the
 * garbage collector, and that what was never used is never touched: the system gives memory to zeroed arrays page by page. Each flow
 * has two tuples (flow * 2 + direction, action.ts), one for what the first sender sends and one for what comes back, and a record
 * (record.ts). Both tuples are found through one open-addressing index (linear probing, backward-shift deletion, so there are
 * no tombstones and look-ups do not decay). An entry of the index is the tuple's number plus 1, and above it as many bits of
 * its hash as have room, so that a look-up reads other tuples' keys hardly ever.
 */
export class FlowTable {
  readonly max: number;
  /** Keys and actions: WORDS per tuple. */
  readonly tuples: Int32Array;
  /** The same memory; packets and bytes of a tuple are at tuple * 8 + 6 and + 7. */
  readonly counts: Float64Array;
  /** FLOW words per flow; the views beside are of the same memory. */
  readonly records: Int32Array;
  readonly octets: Uint8Array;
  readonly #halves: Int16Array;
  readonly wheel: Wheel;
  size = 0;
  /** For `Lookup`, as is what follows. */
  readonly index: Int32Array;
  readonly mask: number;
  readonly seed: number;
  /** Bits of an index entry that are the tuple, as a count and as a mask; the rest is hash. */
  readonly shift: number;
  readonly numbers: number;
  /** Number plus 1 of the record freed last; it names the one before. */
  #free = 0;
  #fresh = 0;
  /** How many numbers were given back ever: as long as this stays, no number has come to mean another flow. */
  released = 0;

  constructor(max: number, seed: number) {
    this.max = max;
    const tuples = new ArrayBuffer(PAD + max * 2 * WORDS * 4);
    this.tuples = new Int32Array(tuples, PAD);
    this.counts = new Float64Array(tuples, PAD);
    const records = new ArrayBuffer(max * FLOW * 4);
    this.records = new Int32Array(records);
    this.octets = new Uint8Array(records);
    this.#halves = new Int16Array(records);
    this.wheel = new Wheel(this.records, FLOW, WHEEL);
    let capacity = 1024;
    while (capacity < max * 2 * SPARE) capacity *= 2;
    this.index = new Int32Array(capacity);
    this.mask = capacity - 1;
    this.seed = seed | 0;
    this.shift = 32 - Math.clz32(max * 2);
    this.numbers = 2 ** this.shift - 1;
  }

  /** A flow number, or -1 when the table is full. The one freed last first: its memory is warm. */
  allocate(): number {
    let flow: number;
    if (this.#free > 0) {
      flow = this.#free - 1;
      this.#free = this.records[flow * FLOW + WHEEL]!;
      for (let i = flow * FLOW; i < (flow + 1) * FLOW; i++) this.records[i] = 0;
      this.counts[flow * 16 + 6] = this.counts[flow * 16 + 7] = this.counts[flow * 16 + 14] = this.counts[flow * 16 + 15] = 0;
    } else if (this.#fresh < this.max) flow = this.#fresh++;
    else return -1;
    this.size++;
    this.octets[flow * FLOW * 4 + BITS_OCTET] = ALIVE;
    return flow;
  }

  /** Gives the number back; the caller has removed its tuples and taken it out of all lists. */
  release(flow: number): void {
    this.wheel.remove(flow);
    this.octets[flow * FLOW * 4 + BITS_OCTET] = 0;
    this.tuples[flow * 2 * WORDS + 3] = this.tuples[(flow * 2 + 1) * WORDS + 3] = NO_PROTOCOL;
    this.records[flow * FLOW + WHEEL] = this.#free;
    this.#free = flow + 1;
    this.size--;
    this.released++;
  }

  /** The highest flow number ever used, plus 1: where a walk over all flows may stop. */
  get extent(): number { return this.#fresh; }

  /** Whether a flow of this number lives. */
  alive(flow: number): boolean { return flow >= 0 && flow < this.#fresh && (this.octets[flow * FLOW * 4 + BITS_OCTET]! & ALIVE) !== 0; }

  /** Second of its last packet, in either direction. */
  seen(flow: number): number { return Math.max(this.tuples[flow * 2 * WORDS + SEEN]!, this.tuples[(flow * 2 + 1) * WORDS + SEEN]!); }

  state(flow: number): number { return this.octets[flow * FLOW * 4 + STATE_OCTET]!; }
  setState(flow: number, state: number): void { this.octets[flow * FLOW * 4 + STATE_OCTET] = state; }
  bits(flow: number): number { return this.octets[flow * FLOW * 4 + BITS_OCTET]!; }
  setBits(flow: number, bits: number): void { this.octets[flow * FLOW * 4 + BITS_OCTET] = bits; }
  inLink(flow: number): number { return this.#halves[flow * FLOW * 2 + IN_LINK]!; }
  setInLink(flow: number, link: number): void { this.#halves[flow * FLOW * 2 + IN_LINK] = link; }

  /** Whether a tuple has this key, and lives. Arguments as for `find`; -1 is no tuple. */
  has(tuple: number, src: number, dst: number, ports: number, proto: number): boolean {
    const tuples = this.tuples;
    const k = tuple * WORDS;
    return tuple >= 0 && tuples[k + 2] === (ports | 0) && tuples[k] === (src | 0) && tuples[k + 1] === (dst | 0) && tuples[k + 3] === proto;
  }

  /** The tuple with this key, or -1. Arguments as unsigned or signed 32-bit numbers. */
  find(src: number, dst: number, ports: number, proto: number): number {
    const tuples = this.tuples;
    const h = mix(src, dst, ports, proto, this.seed);
    for (let i = h & this.mask; ; i = (i + 1) & this.mask) {
      const entry = this.index[i]!;
      if (entry === 0) return -1;
      if ((entry ^ h) >>> this.shift !== 0) continue;
      const t = (entry & this.numbers) - 1;
      const k = t * WORDS;
      if (tuples[k + 2] === (ports | 0) && tuples[k] === (src | 0) && tuples[k + 1] === (dst | 0) && tuples[k + 3] === proto) return t;
    }
  }

  /** Makes a tuple findable. False (and nothing done) when another one has the key. */
  insert(tuple: number, src: number, dst: number, ports: number, proto: number): boolean {
    const tuples = this.tuples;
    const h = mix(src, dst, ports, proto, this.seed);
    let i = h & this.mask;
    for (; ; i = (i + 1) & this.mask) {
      const entry = this.index[i]!;
      if (entry === 0) break;
      if ((entry ^ h) >>> this.shift !== 0) continue;
      const k = ((entry & this.numbers) - 1) * WORDS;
      if (tuples[k + 2] === (ports | 0) && tuples[k] === (src | 0) && tuples[k + 1] === (dst | 0) && tuples[k + 3] === proto) return false;
    }
    const k = tuple * WORDS;
    tuples[k] = src;
    tuples[k + 1] = dst;
    tuples[k + 2] = ports;
    tuples[k + 3] = proto;
    this.index[i] = (h & ~this.numbers) | (tuple + 1);
    return true;
  }

  /** Takes a tuple out of the index; its key stays readable. */
  remove(tuple: number): void {
    const entry = (this.#hash(tuple) & ~this.numbers) | (tuple + 1);
    let hole = this.#hash(tuple) & this.mask;
    while (this.index[hole] !== entry) {
      if (this.index[hole] === 0) return;
      hole = (hole + 1) & this.mask;
    }
    // Close the gap: whoever stands behind it and could not be found across it moves into it.
    for (let i = (hole + 1) & this.mask; this.index[i] !== 0; i = (i + 1) & this.mask) {
      const home = this.#hash((this.index[i]! & this.numbers) - 1) & this.mask;
      if (((i - home) & this.mask) >= ((i - hole) & this.mask)) {
        this.index[hole] = this.index[i]!;
        hole = i;
      }
    }
    this.index[hole] = 0;
  }

  #hash(tuple: number): number {
    const k = tuple * WORDS;
    return mix(this.tuples[k]!, this.tuples[k + 1]!, this.tuples[k + 2]!, this.tuples[k + 3]!, this.seed);
  }
}
