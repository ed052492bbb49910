/** Octets that wait to go out, first in, first out, in one ring of fixed size. */
export class OctetQueue {
  readonly ring: Uint8Array;
  /** The first waiting octet. */
  start = 0;
  length = 0;

  constructor(size: number) { this.ring = new Uint8Array(size); }

  get room(): number { return this.ring.length - this.length; }
  /** How many octets from `start` on lie in one piece. */
  get run(): number { return Math.min(this.length, this.ring.length - this.start); }

  /** The caller has looked at `room`. */
  push(buf: Uint8Array, from: number, to: number): void {
    const end = (this.start + this.length) % this.ring.length;
    const first = Math.min(to - from, this.ring.length - end);
    this.ring.set(buf.subarray(from, from + first), end);
    if (first < to - from) this.ring.set(buf.subarray(from + first, to), 0);
    this.length += to - from;
  }

  shift(n: number): void {
    this.start = (this.start + n) % this.ring.length;
    this.length -= n;
    if (this.length === 0) this.start = 0;
  }

  clear(): void {
    this.start = 0;
    this.length = 0;
  }
}
