import type { AtAnswer, Disposable, Script, Step, StepResult } from '../../../../sdk/index.ts';
import { noAnswer } from './results.ts';

export type Ran<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'cancelled' } | { readonly kind: 'failed'; readonly error: unknown };
export type Turn<T> = { readonly kind: 'step'; readonly step: Step } | { readonly kind: 'ended'; readonly ran: Ran<T> };

/** Steps that a cancelled script may still ask for in its `finally`; each is answered at once with nothing. */
const LAST_STEPS = 100;

/** What a step gets when its port is not there (any more). */
export const absent = (step: Step): StepResult => (step.kind === 'at' ? noAnswer('gone') : undefined);

/** One run of a script, a step at a time. Whoever steps it owns time and ports; nothing here throws. */
export class ScriptRun<T> {
  readonly #script: Script<T>;
  #ended = false;

  constructor(script: Script<T>) { this.#script = script; }

  get ended(): boolean { return this.#ended; }

  /** The first step. */
  start(): Turn<T> { return this.#turn(() => this.#script.next(undefined)); }

  /** The result of the step before, and what follows. */
  resume(result: StepResult): Turn<T> { return this.#turn(() => this.#script.next(result)); }

  /** Its `finally` runs; nothing more is sent. */
  cancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      let turn = this.#script.return(undefined as never);
      for (let i = 0; i < LAST_STEPS && turn.done !== true; i++) turn = this.#script.next(absent(turn.value));
    } catch {
      // It is over either way, and nobody waits for it.
    }
  }

  #turn(next: () => IteratorResult<Step, T>): Turn<T> {
    if (this.#ended) return { kind: 'ended', ran: { kind: 'cancelled' } };
    try {
      const turn = next();
      if (turn.done !== true) return { kind: 'step', step: turn.value };
      this.#ended = true;
      return { kind: 'ended', ran: { kind: 'done', value: turn.value } };
    } catch (error) {
      this.#ended = true;
      return { kind: 'ended', ran: { kind: 'failed', error } };
    }
  }
}

/** Where the steps of a script go. Each returns what takes the step back; `done` is then not called any more. */
export interface ScriptPorts {
  at(step: Extract<Step, { kind: 'at' }>, done: (answer: AtAnswer) => void): Disposable;
  /** Undefined: the card has no diagnostic port, or none that is known. */
  qcdm: ((request: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void) => Disposable) | undefined;
  after(ms: number, done: () => void): Disposable;
}

/** Runs a script over ports. `ended` is called once. Disposing cancels it: the step under way is taken back. */
export function runScript<T>(script: Script<T>, ports: ScriptPorts, ended: (ran: Ran<T>) => void): Disposable {
  const run = new ScriptRun(script);
  let over = false;
  let pending: Disposable | undefined;
  const end = (ran: Ran<T>): void => {
    if (over) return;
    over = true;
    pending = undefined;
    ended(ran);
  };
  // Answers may come before the call that asked returns: a loop instead of a deeper and deeper stack.
  const go = (first: Turn<T>): void => {
    let turn = first;
    while (turn.kind === 'step') {
      let answered = false;
      let waiting = true;
      let result: StepResult;
      const asked = ask(turn.step, ports, value => {
        if (answered || over) return;
        answered = true;
        result = value;
        if (!waiting) go(run.resume(value));
      });
      waiting = false;
      if (!answered) {
        pending = asked;
        return;
      }
      turn = run.resume(result);
    }
    end(turn.ran);
  };
  go(run.start());
  return {
    dispose: () => {
      if (over) return;
      void pending?.dispose();
      run.cancel();
      end({ kind: 'cancelled' });
    },
  };
}

function ask(step: Step, ports: ScriptPorts, done: (result: StepResult) => void): Disposable {
  switch (step.kind) {
    case 'at': return ports.at(step, done);
    case 'wait': return ports.after(step.ms, () => done(undefined));
    case 'qcdm': {
      if (ports.qcdm !== undefined) return ports.qcdm(step.request, step.timeoutMs, done);
      done(undefined);
      return { dispose: () => {} };
    }
  }
}
