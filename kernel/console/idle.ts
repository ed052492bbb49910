import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';

/** Tells once when nobody has done anything for too long. `limitMs` is asked each time, so that a change works at once; 0: never. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #timer: Disposable;
  #touched: number;

  constructor(clock: Clock, limitMs: () => number, expired: () => void) {
    this.#clock = clock;
    this.#touched = clock.now();
    this.#timer = clock.every(1000, () => {
      const limit = limitMs();
      if (limit <= 0 || clock.now() - this.#touched < limit) return;
      this.close();
      expired();
    });
  }

  touch(): void { this.#touched = this.#clock.now(); }

  close(): void { void this.#timer.dispose(); }
}
