import type { Clock } from '../../sdk/clock.ts';

/** Waits for a promise, but no longer than `ms` on this clock, and not beyond the signal. Rejects with `late` as message. */
export function within<T>(clock: Clock, ms: number, work: PromiseLike<T>, late: string, signal?: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stopped = () => settle(() => reject(new Error('was stopped meanwhile')));
    const timer = clock.after(ms, () => settle(() => reject(new Error(late))));
    const settle = (how: () => void) => {
      void timer.dispose();
      signal?.removeEventListener('abort', stopped);
      how();
    };
    signal?.addEventListener('abort', stopped);
    work.then(value => settle(() => resolve(value)), (error: unknown) => settle(() => reject(error)));
  });
}
