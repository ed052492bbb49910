import type { Disposable } from './scope.ts';

/** One clock for the whole router; virtual in tests and in the memory lab. All times are milliseconds. */
export interface Clock {
  /** Monotonic, starts at an arbitrary point. Read once per breath on the packet path. */
  now(): number;
  /** Milliseconds since the Unix epoch, for people and for files. */
  wall(): number;
  after(ms: number, fn: () => void): Disposable;
  every(ms: number, fn: () => void): Disposable;
}
