/** Octets that were given to be sent and are not yet acknowledged: a ring, first in, first out. */
export class SendBuffer {
  readonly #ring: Uint8Array;
  #start = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#ring = new Uint8Array(capacity);
  }

  get length(): number { return this.#length; }
  get room(): number { return this.#ring.length - this.#length; }

  /** Takes what there is room for; says how many octets that were. */
  write(data: Uint8Array): number {
    const n = Math.min(data.length, this.room);
    const end = (this.#start + this.#length) % this.#ring.length;
    const first = Math.min(n, this.#ring.length - end);
    this.#ring.set(data.subarray(0, first), end);
    this.#ring.set(data.subarray(first, n), 0);
    this.#length += n;
    return n;
  }

  /** A copy of n octets from `offset` behind the oldest; the caller has checked the bounds. */
  read(offset: number, n: number): Uint8Array {
    const out = new Uint8Array(n);
    const from = (this.#start + offset) % this.#ring.length;
    const first = Math.min(n, this.#ring.length - from);
    out.set(this.#ring.subarray(from, from + first), 0);
    out.set(this.#ring.subarray(0, n - first), first);
    return out;
  }

  /** Forgets the n oldest octets. */
  drop(n: number): void {
    this.#start = (this.#start + n) % this.#ring.length;
    this.#length -= n;
  }
}
