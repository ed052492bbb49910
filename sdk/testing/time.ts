import { setImmediate, setTimeout } from 'node:timers';
import type { VirtualClock } from '../../kernel/clock.ts';

/** Lets everything that waits for a promise run, without letting time pass. */
export const turn = (): Promise<void> => new Promise(resolve => { setImmediate(resolve); });

/** Turns after which a promise that has not settled is taken to wait for time. */
const TURNS = 20;
/** Virtual time passes in steps of at most this, so that what was set off can settle the promise in between. */
const STEP_MS = 100;

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

export interface Waiting {
  /** Virtual ms after which to give up; default a minute. */
  readonly limitMs?: number;
  /** Real ms to wait for files and sockets before each step of virtual time; default 0. */
  readonly patienceMs?: number;
}

/** Waits for a promise, letting virtual time pass as long as it does not settle. Rejects when there was not enough of it. */
export async function settled<T>(clock: VirtualClock, promise: Promise<T>, { limitMs = 60_000, patienceMs = 0 }: Waiting = {}): Promise<T> {
  let done = false;
  const mark = () => { done = true; };
  promise.then(mark, mark);
  const end = clock.now() + limitMs;
  for (;;) {
    for (let i = 0; i < TURNS && !done; i++) await turn();
    for (let waited = 0; waited < patienceMs && !done; waited++) await new Promise<void>(resolve => { setTimeout(resolve, 1); });
    if (done) return promise;
    if (clock.now() >= end) throw new Error(`nothing came of it within ${limitMs / 1000} s of virtual time`);
    const next = clock.next();
    await pass(clock, next === undefined ? STEP_MS : Math.min(Math.max(next - clock.now(), 0), STEP_MS));
  }
}
