import type { VirtualClock } from '../../kernel/clock.ts';

/** Runs what waits for promises to settle; deep enough for a program that awaits in a loop. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/**
 * Lets virtual time pass, timer by timer, until the promise is settled. `work` runs after each timer (a router's breaths);
 * throws when `limitMs` of virtual time have passed or nothing will ever happen any more.
 */
export async function until<T>(clock: VirtualClock, promise: Promise<T>, work: () => void = () => {}, limitMs = 600_000): Promise<T> {
  let settled = false;
  const mark = () => { settled = true; };
  promise.then(mark, mark);
  const end = clock.now() + limitMs;
  for (;;) {
    work();
    await settle();
    if (settled) return promise;
    const next = clock.next();
    if (next === undefined) throw new Error(`at ${clock.now()} ms nothing is left that could happen`);
    if (next > end) throw new Error(`not settled within ${limitMs} ms of virtual time`);
    clock.advance(Math.max(0, next - clock.now()));
  }
}
