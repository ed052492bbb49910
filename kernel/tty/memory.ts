import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { ModemLines, Tty } from '../../sdk/tty.ts';
import { OctetQueue } from './queue.ts';

const QUEUE = 128 * 1024;
/** Ten bits to an octet: a piece takes 10 ms at most. */
const PIECES_PER_S = 1000;

export interface MemoryTtyOptions {
  /** Octets on their way at most, each way; default 128 KiB. */
  readonly queue?: number;
  /** Bits per second at which octets pass, ten to an octet; default: at once. */
  readonly baud?: number;
}

/**
 * A serial cable in memory, its two ends under one clock: DTR of one is DSR and carrier of the other, RTS its CTS. What one
 * end writes, the other reads at the next turn of the clock.
 */
export function memoryTty(clock: Clock, names: readonly [string, string], options: MemoryTtyOptions = {}): [MemoryTty, MemoryTty] {
  const a = new MemoryTty(clock, names[0], options);
  const b = new MemoryTty(clock, names[1], options);
  a.far = b;
  b.far = a;
  return [a, b];
}

export class MemoryTty implements Tty, Disposable {
  readonly path: string;
  far: MemoryTty | undefined;
  open = true;
  onData: (buf: Uint8Array, from: number, to: number) => void = () => {};
  onGone: (why: string) => void = () => {};
  onRoom: () => void = () => {};
  readonly #clock: Clock;
  readonly #queue: OctetQueue;
  readonly #baud: number | undefined;
  #timer: Disposable | undefined;
  #lowered: Disposable | undefined;
  #refused = false;
  #discards = 0;
  #dtr = true;
  #rts = true;

  constructor(clock: Clock, path: string, { queue = QUEUE, baud }: MemoryTtyOptions) {
    this.#clock = clock;
    this.path = path;
    this.#queue = new OctetQueue(queue);
    this.#baud = baud;
  }

  get queued(): number { return this.#queue.length; }

  write(buf: Uint8Array, from = 0, to = buf.length): boolean {
    if (!this.open) return false;
    if (to - from > this.#queue.room) {
      this.#refused = true;
      return false;
    }
    this.#queue.push(buf, from, to);
    this.#later();
    return true;
  }

  discard(): void {
    this.#queue.clear();
    this.#discards++;
  }

  setSpeed(): void {}

  lines(): ModemLines | undefined {
    const far = this.far;
    const there = far?.open === true;
    return { dtr: this.#dtr, rts: this.#rts, cts: there && far.#rts, dsr: there && far.#dtr, dcd: there && far.#dtr, ring: false };
  }

  setLines({ dtr, rts }: { readonly dtr?: boolean; readonly rts?: boolean }): boolean {
    this.#dtr = dtr ?? this.#dtr;
    this.#rts = rts ?? this.#rts;
    return true;
  }

  hangUp(ms = 500): void {
    this.discard();
    if (!this.open || this.#lowered !== undefined) return;
    this.#dtr = false;
    this.#lowered = this.#clock.after(ms, () => {
      this.#lowered = undefined;
      this.#dtr = true;
    });
  }

  /** Both ends are done: the far one is told, as when a card is pulled out. */
  close(): void {
    if (!this.open) return;
    this.#end();
    const far = this.far;
    if (far?.open !== true) return;
    far.#end();
    far.onGone(`${far.path}: gone`);
  }

  dispose(): void { this.close(); }

  #end(): void {
    this.open = false;
    void this.#timer?.dispose();
    void this.#lowered?.dispose();
    this.#queue.clear();
  }

  /** At a given speed octets come in small pieces, as from a real port. */
  get #piece(): number { return this.#baud === undefined ? this.#queue.run : Math.min(this.#queue.run, Math.max(16, this.#baud / PIECES_PER_S)); }

  #later(): void {
    this.#timer ??= this.#clock.after(this.#baud === undefined ? 0 : this.#piece * 10_000 / this.#baud, () => this.#deliver());
  }

  #deliver(): void {
    this.#timer = undefined;
    const { start, ring } = this.#queue;
    const piece = Math.floor(this.#piece);
    const discards = this.#discards;
    if (piece > 0) this.far?.onData(ring, start, start + piece);
    // The far end may have hung up or made us discard while it was reading.
    if (!this.open) return;
    if (discards === this.#discards) this.#queue.shift(piece);
    if (this.#queue.length > 0) this.#later();
    if (this.#refused && this.#queue.length <= ring.length / 2) {
      this.#refused = false;
      this.onRoom();
    }
  }
}
