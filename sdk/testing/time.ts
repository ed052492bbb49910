import { setImmediate } from 'node:timers';
import type { VirtualClock } from '../../kernel/clock.ts';

/** Lets everything that waits for a promise run, without letting time pass. */
export const turn = (): Promise<void> => new Promise(resolve => { setImmediate(resolve); });

/** Turns after which a promise that has not settled is taken to wait for time. Real sockets and files need some. */
const PATIENCE = 20;

/** Lets virtual time pass, from timer to timer; what each of them sets off is done before the next one fires. */
export async function pass(clock: VirtualClock, ms: number): Promise<void> {
  const end = clock.now() + ms;
  await turn();
  for (let next = clock.next(); next !== undefined && next <= end; next = clock.next()) {
    clock.advance(Math.max(0, next - clock.now()));
    await turn();
  }
  clock.advance(end - clock.now());
  await turn();
}

/** Waits for a promise, letting virtual time pass as long as it does not settle. Rejects when `limitMs` of it were not enough. */
export async function settled<T>(clock: VirtualClock, promise: Promise<T>, limitMs = 60_000): Promise<T> {
  let done = false;
  const mark = () => { done = true; };
  promise.then(mark, mark);
  const end = clock.now() + limitMs;
  for (;;) {
    for (let i = 0; i < PATIENCE && !done; i++) await turn();
    if (done) return promise;
    if (clock.now() >= end) throw new Error(`nothing came of it within ${limitMs / 1000} s of virtual time`);
    const next = clock.next();
    await pass(clock, next === undefined ? 10 : Math.min(Math.max(next - clock.now(), 0), 100));
  }
}
