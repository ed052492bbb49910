import { performance } from 'node:perf_hooks';
import type { Clock } from '../sdk/clock.ts';
import type { Disposable } from '../sdk/scope.ts';

interface Timer {
  due: number;
  /** Arming order: of two timers due at the same time the one armed first fires first. */
  order: number;
  /** Place in the heap, -1 when not armed. */
  at: number;
  readonly every: number | undefined;
  readonly fn: () => void;
}

const before = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

/** A binary heap that can also take out from the middle, for most timers of a router are disarmed before they fire. */
class TimerHeap {
  readonly #heap: Timer[] = [];
  #order = 0;

  get first(): Timer | undefined { return this.#heap[0]; }
  get size(): number { return this.#heap.length; }

  arm(t: Timer): void {
    t.order = this.#order++;
    t.at = this.#heap.length;
    this.#heap.push(t);
    this.#up(t);
  }

  disarm(t: Timer): void {
    if (t.at < 0) return;
    const last = this.#heap.pop() as Timer;
    if (last !== t) {
      last.at = t.at;
      this.#heap[last.at] = last;
      this.#up(last);
      this.#down(last);
    }
    t.at = -1;
  }

  clear(): void {
    for (const t of this.#heap) t.at = -1;
    this.#heap.length = 0;
  }

  #put(t: Timer, at: number): void {
    this.#heap[at] = t;
    t.at = at;
  }

  #up(t: Timer): void {
    while (t.at > 0) {
      const parent = this.#heap[(t.at - 1) >> 1] as Timer;
      if (!before(t, parent)) return;
      const at = parent.at;
      this.#put(parent, t.at);
      this.#put(t, at);
    }
  }

  #down(t: Timer): void {
    for (;;) {
      const left = this.#heap[2 * t.at + 1];
      const right = this.#heap[2 * t.at + 2];
      const child = left && right && before(right, left) ? right : left;
      if (!child || !before(child, t)) return;
      const at = child.at;
      this.#put(child, t.at);
      this.#put(t, at);
    }
  }
}

/** What both clocks share: arming, disarming, and firing what is due. */
abstract class TimedClock implements Clock {
  protected readonly timers = new TimerHeap();

  abstract now(): number;
  abstract wall(): number;
  /** The earliest timer may have changed. */
  protected abstract rearm(): void;

  /** How many timers are armed, for the census. */
  get armed(): number { return this.timers.size; }

  after(ms: number, fn: () => void): Disposable { return this.#arm(ms, undefined, fn); }

  /** At least 1 ms apart; periods that were missed are skipped, not made up for. */
  every(ms: number, fn: () => void): Disposable {
    const period = Math.max(1, ms);
    return this.#arm(period, period, fn);
  }

  #arm(ms: number, every: number | undefined, fn: () => void): Disposable {
    if (Number.isNaN(ms)) throw new TypeError('a timer needs a number of milliseconds, not NaN');
    const timer: Timer = { due: this.now() + Math.max(0, ms), order: 0, at: -1, every, fn };
    this.timers.arm(timer);
    this.rearm();
    return { dispose: () => this.timers.disarm(timer) };
  }

  /** Takes the timer out, arms it again if it repeats, and runs it. */
  protected fire(timer: Timer): void {
    this.timers.disarm(timer);
    if (timer.every !== undefined) {
      const now = this.now();
      timer.due = timer.due + timer.every > now ? timer.due + timer.every : now + timer.every;
      this.timers.arm(timer);
    }
    timer.fn();
  }
}

/** Longest delay setTimeout takes; above it Node fires at once. */
const LONGEST = 2 ** 31 - 1;

/** The machine's own time. One setTimeout stands for all timers, so that they fire in the order VirtualClock gives them. */
export class RealClock extends TimedClock {
  #timeout: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #closed = false;

  now(): number { return performance.now(); }
  wall(): number { return Date.now(); }

  /** Nothing fires any more; timers armed from now on never do. */
  close(): void {
    this.#closed = true;
    this.timers.clear();
    this.#sleep(undefined);
  }

  protected rearm(): void {
    if (this.#closed) this.timers.clear();
    const due = this.timers.first?.due;
    if (due !== undefined && due < this.#wakeAt) this.#sleep(due);
  }

  #sleep(due: number | undefined): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    if (due === undefined || due === Number.POSITIVE_INFINITY) return;
    this.#wakeAt = due;
    // Node rounds down; a timer that fires a fraction early would find its deadline not yet reached.
    this.#timeout = setTimeout(() => this.#wake(), Math.min(LONGEST, Math.max(0, Math.ceil(due - this.now()))));
  }

  #wake(): void {
    // Only what was due when we woke: a timer that arms itself with 0 ms must not keep the sockets waiting.
    const now = this.now();
    try {
      for (let t = this.timers.first; t && t.due <= now; t = this.timers.first) this.fire(t);
    } finally {
      this.#sleep(this.timers.first?.due);
    }
  }
}

/** As many timers in a row without time passing are taken for an endless loop. */
const STUCK = 100_000;

/** Time that passes only when told to; for tests and the memory lab. `now()` starts at 0. */
export class VirtualClock extends TimedClock {
  readonly #startWall: number;
  #now = 0;

  /** startWall: what `wall()` says at the start, in ms since the epoch; default 1 January 2008. */
  constructor(startWall = Date.UTC(2008, 0, 1)) {
    super();
    this.#startWall = startWall;
  }

  now(): number { return this.#now; }
  wall(): number { return this.#startWall + this.#now; }

  /** Runs what falls due in the next `ms`, in time order; `now()` steps to each timer, and to the end at last. */
  advance(ms: number): void {
    const end = this.#now + ms;
    let inARow = 0;
    for (let t = this.timers.first; t && t.due <= end; t = this.timers.first) {
      inARow = t.due > this.#now ? 0 : inARow + 1;
      if (inARow > STUCK) throw new Error(`timers at ${this.#now} ms arm themselves again without time passing`);
      this.#now = Math.max(this.#now, t.due);
      this.fire(t);
    }
    this.#now = end;
  }

  /** When the next timer is due, on the scale of `now()`. */
  next(): number | undefined { return this.timers.first?.due; }

  protected rearm(): void {}
}
