import type { Clock } from '../sdk/clock.ts';
import type { Engine } from './packet/engine.ts';

/** Who tells when packets wait while nothing else happens (links/readiness.ts). */
export interface Waiter { onReady: () => void; arm(): void; disarm(): void; giveWay(): void; close(): void }

/** After the last packet the loop keeps asking for this long before it sleeps: a sleeping thread costs a packet some 50 µs. */
const SPIN_MS = 3;
/** Breaths in a row before timers and consoles get their turn. */
const BREATHS = 8;
/** Whoever has many small things to do lets packets in after so long (ms). */
const BETWEEN_MS = 2;
/** And then as long as there are packets, but not longer than this. */
const BETWEEN_MOST_MS = 8;

/**
 * Runs the engine on real time: asleep until a link is readable or somebody wakes it, then breath after breath until nothing comes for
 * SPIN_MS, then asleep again (interrupt, poll, interrupt, as NAPI does it); while it spins it lets other programs go first. Between breaths the event loop turns, so that a full
 * link never starves consoles and timers.
 */
export class Loop {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #waiter: Waiter | undefined;
  readonly #spinMs: number;
  #scheduled = false;
  #closed = false;
  #lastWork = 0;
  #lastTurn = 0;
  #breathing = false;
  /** ms spent in breaths that had work, since the start. */
  busyMs = 0;

  constructor(engine: Engine, clock: Clock, waiter?: Waiter, spinMs = SPIN_MS) {
    this.#engine = engine;
    this.#clock = clock;
    this.#waiter = waiter;
    this.#spinMs = waiter ? spinMs : 0;
    if (waiter) waiter.onReady = () => this.wake();
  }

  /** There is, or may be, work. */
  wake(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    this.#lastWork = this.#clock.now();
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    if (this.#closed) return;
    const worked = this.#breathe();
    if ((worked || this.#lastTurn - this.#lastWork < this.#spinMs) && !this.#engine.held) {
      // Whoever the next packet will come from may be waiting for this very processor.
      if (!worked) this.#waiter?.giveWay();
      setImmediate(this.#turn);
      return;
    }
    this.#scheduled = false;
    if (!this.#engine.held) this.#waiter?.arm();
  };

  /**
   * Packets have their turn now, unless they just had it. For consoles, before each message: all sockets that have something are served in one
   * round of the event loop, and a storm of messages makes that round seconds long. Inside a breath it does nothing.
   */
  between(): void {
    if (this.#closed || this.#breathing || this.#engine.held || this.#clock.now() - this.#lastTurn < BETWEEN_MS) return;
    const end = this.#clock.now() + BETWEEN_MOST_MS;
    let worked = false;
    while (this.#breathe() && this.#lastTurn < end) worked = true;
    if (worked) this.wake();
  }

  #breathe(): boolean {
    const begin = this.#clock.now();
    let worked = false;
    this.#breathing = true;
    try {
      // Also those without work: a turn of the event loop costs as much as several of them, and makes garbage.
      for (let i = 0; i < BREATHS; i++) if (this.#engine.breathe()) worked = true;
    } finally {
      this.#breathing = false;
    }
    this.#lastTurn = this.#clock.now();
    if (worked) {
      this.#lastWork = this.#lastTurn;
      this.busyMs += this.#lastTurn - begin;
    }
    return worked;
  }

  close(): void {
    this.#closed = true;
    this.#waiter?.close();
  }
}
