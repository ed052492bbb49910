import type { Clock } from './clock.ts';
import type { Disposable } from './scope.ts';

/**
 * A protocol without clock, socket or randomness of its own: the same machine runs on a real wire, in the memory lab
 * under virtual time, and in a two-peer test with loss. `In` should have a member `{ kind: 'tick' }`.
 */
export interface Machine<In, Out> {
  /** Everything that follows from the input, in order. Never throws. `now` in ms. */
  step(input: In, now: number): readonly Out[];
  /** When a tick is wanted (ms, same clock as `now`); undefined: never. */
  deadline(): number | undefined;
}

export interface Tick { readonly kind: 'tick' }

/**
 * Runs a machine on a clock: applies every output in order, then sleeps until the deadline. The returned function feeds it.
 * An output may feed the machine again; such inputs wait until the present outputs are applied.
 */
export function drive<In, Out>(
  clock: Clock,
  scope: { add(d: Disposable, label: string): Disposable },
  machine: Machine<In | Tick, Out>,
  apply: (out: Out) => void,
): (input: In | Tick) => void {
  let timer: Disposable | undefined;
  let due: number | undefined;
  let running = false;
  let ended = false;
  const queue: (In | Tick)[] = [];
  const rearm = () => {
    const next = machine.deadline();
    if (next === due && timer) return;
    void timer?.dispose();
    timer = undefined;
    due = next;
    if (next === undefined || ended) return;
    timer = clock.after(Math.max(0, next - clock.now()), () => { timer = undefined; feed({ kind: 'tick' }); });
  };
  const feed = (input: In | Tick) => {
    if (ended) return;
    queue.push(input);
    if (running) return;
    running = true;
    try {
      for (let next = queue.shift(); next !== undefined && !ended; next = queue.shift()) {
        for (const out of machine.step(next, clock.now())) apply(out);
      }
    } finally {
      running = false;
      queue.length = 0;
      rearm();
    }
  };
  scope.add({ dispose: () => { ended = true; void timer?.dispose(); timer = undefined; } }, 'machine');
  rearm();
  return feed;
}
