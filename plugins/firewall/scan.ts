/** Senders that are watched at once; a power of two. */
export const SENDERS = 1024;
const WAYS = 4;
/** Octets of each of a sender's two sets; a set of 256 bits tells 100 apart with few mistakes. */
const SET = 32;

export interface ScanOptions {
  /** So many different ports, or hosts, … */
  readonly threshold: number;
  /** … within this time (ms). */
  readonly windowMs: number;
}
export type Scan = 'port scan' | 'host sweep';

/**
 * Finds senders who try many ports or many hosts. What a sender tried is kept as bits, so that memory is the same whatever comes; of
 * four senders that share a place, the one seen longest ago gives way. Each window of a sender tells at most once.
 */
export class ScanWatch {
  options: ScanOptions;
  readonly #sender = new Uint32Array(SENDERS);
  readonly #begin = new Float64Array(SENDERS).fill(Number.NEGATIVE_INFINITY);
  readonly #seen = new Float64Array(SENDERS).fill(Number.NEGATIVE_INFINITY);
  readonly #counts = new Uint16Array(SENDERS * 2);
  readonly #told = new Uint8Array(SENDERS);
  readonly #sets = new Uint8Array(SENDERS * 2 * SET);

  constructor(options: ScanOptions) { this.options = options; }

  /** `src` tried this: the name of what he does when it is just recognised. Addresses as in FlowKey, `now` in ms. */
  note(src: number, dst: number, dport: number, now: number): Scan | undefined {
    const at = this.#place(src >>> 0, now);
    this.#seen[at] = now;
    const ports = this.#put(at * 2, mix(dport + 1));
    const hosts = this.#put(at * 2 + 1, mix(dst));
    if (this.#told[at] === 1) return undefined;
    const { threshold } = this.options;
    if (ports < threshold && hosts < threshold) return undefined;
    this.#told[at] = 1;
    return ports >= threshold ? 'port scan' : 'host sweep';
  }

  #place(src: number, now: number): number {
    const first = (mix(src) & (SENDERS / WAYS - 1)) * WAYS;
    let at = first;
    for (let i = first; i < first + WAYS; i++) {
      if (this.#sender[i] === src && this.#seen[i]! > Number.NEGATIVE_INFINITY) {
        if (now - this.#begin[i]! >= this.options.windowMs) this.#clear(i, src, now);
        return i;
      }
      if (this.#seen[i]! < this.#seen[at]!) at = i;
    }
    this.#clear(at, src, now);
    return at;
  }

  #clear(at: number, src: number, now: number): void {
    this.#sender[at] = src;
    this.#begin[at] = now;
    this.#told[at] = 0;
    this.#counts[at * 2] = this.#counts[at * 2 + 1] = 0;
    this.#sets.fill(0, at * 2 * SET, (at * 2 + 2) * SET);
  }

  /** Puts a hash into a set; how many the set holds. */
  #put(set: number, hash: number): number {
    const at = set * SET + (hash >>> 3 & SET - 1);
    const bit = 1 << (hash & 7);
    if ((this.#sets[at]! & bit) === 0) {
      this.#sets[at]! |= bit;
      this.#counts[set]!++;
    }
    return this.#counts[set]!;
  }
}

/** Spreads the bits of a number (the finaliser of MurmurHash3). */
function mix(n: number): number {
  let h = n | 0;
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}
