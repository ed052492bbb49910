import type { Clock } from '../../sdk/index.ts';

/** How bad a wire is. Times in ms, chances in [0, 1]. */
export interface Conditions {
  loss: number;
  delayMs: number;
  /** Up to this much more, evenly spread: frames may overtake each other. */
  jitterMs: number;
  /** The chance that a frame is held back by `heldMs`. */
  reorder: number;
  heldMs: number;
}

export const perfect: Conditions = { loss: 0, delayMs: 0, jitterMs: 0, reorder: 0, heldMs: 10 };

/** One direction of a wire. What is without delay arrives at once, but never within another arrival. */
export class Direction {
  conditions: Conditions;
  lost = 0;
  carried = 0;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #deliver: (frame: Uint8Array) => void;
  readonly #arriving: Uint8Array[] = [];
  #busy = false;

  constructor(clock: Clock, random: () => number, conditions: Conditions, deliver: (frame: Uint8Array) => void) {
    this.conditions = conditions;
    this.#clock = clock;
    this.#random = random;
    this.#deliver = deliver;
  }

  /** The frame must not be changed any more. */
  send(frame: Uint8Array): void {
    const { loss, delayMs, jitterMs, reorder, heldMs } = this.conditions;
    if (loss > 0 && this.#random() < loss) { this.lost++; return; }
    this.carried++;
    let delay = delayMs;
    if (jitterMs > 0) delay += jitterMs * this.#random();
    if (reorder > 0 && this.#random() < reorder) delay += heldMs;
    if (delay > 0) this.#clock.after(delay, () => this.#deliver(frame));
    else this.#arrive(frame);
  }

  /** A reply sent while a frame is being taken in waits here: two hosts in conversation would else fill the stack. */
  #arrive(frame: Uint8Array): void {
    this.#arriving.push(frame);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#arriving.shift(); next; next = this.#arriving.shift()) this.#deliver(next);
    } finally {
      this.#busy = false;
    }
  }
}

/** What a wire ends in: a host's card, or the far end of a router's memory link. */
export interface End {
  /** A frame arrives here. */
  take(frame: Uint8Array): void;
}

/** Both directions between two ends. */
export class Wire {
  readonly toA: Direction;
  readonly toB: Direction;

  constructor(clock: Clock, random: () => number, a: () => End, b: () => End, conditions: Partial<Conditions> = {}) {
    const whole = { ...perfect, ...conditions };
    this.toA = new Direction(clock, random, whole, frame => a().take(frame));
    this.toB = new Direction(clock, random, whole, frame => b().take(frame));
  }

  /** From the next frame on, both ways. */
  set(conditions: Partial<Conditions>): void {
    this.toA.conditions = this.toB.conditions = { ...this.toA.conditions, ...conditions };
  }
}
