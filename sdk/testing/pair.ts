import { VirtualClock } from '../../kernel/clock.ts';
import { createScope } from '../../kernel/scope.ts';
import { drive, type Machine, type Tick } from '../machine.ts';
import { seeded } from './random.ts';

/** How bad the line between two machines is. */
export interface LineOptions {
  /** Chance in [0, 1] that a message is lost. */
  readonly loss?: number;
  /** Default 10. */
  readonly delayMs?: number;
  /** Chance in [0, 1] that a message is held back, so that later ones overtake it. */
  readonly reorder?: number;
  /** How long such a message is held back; default 5 times the delay. */
  readonly heldMs?: number;
  /** Chance in [0, 1] that a message comes twice. */
  readonly duplicate?: number;
  /** Decides all of that; default 1. */
  readonly seed?: number;
}

/** The line as it is now; it may be changed at any time. */
export type Line = { -readonly [K in Exclude<keyof LineOptions, 'seed'>]-?: number };

export interface PairOptions<InA, OutA, InB, OutB> extends LineOptions {
  /** What of a's outputs goes over the line, and as what it comes to b; undefined: it stays with a, and can be read in `a.outs`. */
  toB(out: OutA): InB | undefined;
  /** The same for the other way. */
  toA(out: OutB): InA | undefined;
}

/** One of the two machines. */
export interface End<In, Out> {
  feed(input: In): void;
  /** Outputs that did not go over the line, oldest first, with the time they were made. */
  readonly outs: { readonly at: number; readonly out: Out }[];
}

/**
 * Two machines that talk over a bad line, under virtual time: the same seed gives the same run. Change `line` while it runs,
 * for instance to let the line become good again.
 */
export function pair<InA, OutA, InB, OutB>(a: Machine<InA | Tick, OutA>, b: Machine<InB | Tick, OutB>, options: PairOptions<InA, OutA, InB, OutB>) {
  const clock = new VirtualClock();
  const scope = createScope('pair');
  const random = seeded(options.seed ?? 1);
  const line: Line = { loss: options.loss ?? 0, delayMs: options.delayMs ?? 10, reorder: options.reorder ?? 0, heldMs: options.heldMs ?? 5 * (options.delayMs ?? 10), duplicate: options.duplicate ?? 0 };
  const count = { sent: 0, lost: 0 };
  const carry = (deliver: () => void): void => {
    count.sent++;
    for (let copies = random() < line.duplicate ? 2 : 1; copies > 0; copies--) {
      if (random() < line.loss) { count.lost++; continue; }
      clock.after(line.delayMs + (random() < line.reorder ? line.heldMs : 0), deliver);
    }
  };
  const end = <In, Out, Far>(machine: Machine<In | Tick, Out>, over: (out: Out) => Far | undefined, far: () => (input: Far) => void) => {
    const outs: { at: number; out: Out }[] = [];
    const feed = drive<In, Out>(clock, scope, machine, out => {
      const message = over(out);
      if (message === undefined) outs.push({ at: clock.now(), out });
      else carry(() => far()(message));
    });
    return { feed: (input: In) => feed(input), outs };
  };
  const ends: { a: End<InA, OutA>; b: End<InB, OutB> } = {
    a: end<InA, OutA, InB>(a, out => options.toB(out), () => input => ends.b.feed(input)),
    b: end<InB, OutB, InA>(b, out => options.toA(out), () => input => ends.a.feed(input)),
  };
  return {
    ...ends, clock, line, count,
    /** Lets time pass; messages arrive and deadlines come in their order. */
    advance: (ms: number): void => { clock.advance(ms); },
    /** Lets time pass until it is so. Throws when it is not after `limitMs`. */
    until: (so: () => boolean, limitMs = 3_600_000): void => {
      const last = clock.now() + limitMs;
      while (!so()) {
        const next = clock.next();
        if (next === undefined) throw new Error(`at ${clock.now()} ms nothing is under way any more, and it is still not so`);
        if (next > last) throw new Error(`not so after ${limitMs} ms`);
        clock.advance(Math.max(0, next - clock.now()));
      }
    },
    /** Neither machine is driven any more. */
    close: (): void => { void scope.dispose(); },
  };
}
