import type { Disposable, Scope } from '../sdk/scope.ts';

/** Decides how long an asynchronous disposer may take; rejects when that is over. Without one, it may take for ever. */
export type Patience = (done: Promise<void>, label: string) => Promise<void>;

export interface ScopeOptions {
  readonly patience?: Patience;
  /**
   * Told of everything that is added, here and in child scopes, by its full label. What it returns is called once that
   * was given back: with the error, if it would not go.
   */
  readonly watch?: (label: string) => (error?: unknown) => void;
}

interface Held {
  readonly label: string;
  readonly inner: Scope | undefined;
  dispose(): void | Promise<void>;
}

const isPromise = (x: unknown): x is Promise<void> =>
  typeof x === 'object' && x !== null && typeof (x as { then?: unknown }).then === 'function';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A scope (see sdk/scope.ts). Disposal is synchronous up to the first disposer that returns a promise, and waits for each
 * such promise before it goes on: what was claimed earlier may still be needed by what is being given back.
 */
export function createScope(label: string, options: ScopeOptions = {}): Scope {
  return new HeldThings(label, options, '');
}

class HeldThings implements Scope {
  readonly #label: string;
  readonly #options: ScopeOptions;
  readonly #path: string;
  readonly #held = new Set<Held>();
  #disposed = false;
  #ending: Promise<void> | undefined;

  constructor(label: string, options: ScopeOptions, path: string) {
    this.#label = label;
    this.#options = options;
    this.#path = path;
  }

  get disposed(): boolean { return this.#disposed; }

  get live(): readonly string[] {
    const labels: string[] = [];
    for (const held of this.#held) {
      const inner = held.inner?.live ?? [];
      if (inner.length === 0) labels.push(held.label);
      else for (const each of inner) labels.push(`${held.label} > ${each}`);
    }
    return labels;
  }

  add(d: Disposable | (() => void | Promise<void>), label: string): Disposable {
    const undo = typeof d === 'function' ? d : () => d.dispose();
    if (this.#disposed) this.#refuse(undo, label);
    return this.#hold(undo, label, undefined);
  }

  child(label: string): Scope {
    const inner = new HeldThings(label, this.#options, `${this.#path}${label} > `);
    if (this.#disposed) this.#refuse(() => inner.dispose(), label);
    const handle = this.#hold(() => inner.dispose(), label, inner);
    // Disposing the child by itself must also take it off the parent's list.
    return {
      add: (d, l) => inner.add(d, l),
      child: l => inner.child(l),
      get disposed() { return inner.disposed; },
      get live() { return inner.live; },
      dispose: () => handle.dispose(),
    };
  }

  #hold(undo: () => void | Promise<void>, label: string, inner: Scope | undefined): Disposable {
    let done = false;
    let ending: void | Promise<void>;
    // A child scope is only a heading; what counts is what it holds.
    const left = inner ? undefined : this.#options.watch?.(this.#path + label);
    const held: Held = {
      label, inner,
      dispose: () => {
        if (done) return ending;
        done = true;
        const forget = () => { this.#held.delete(held); left?.(); };
        const failed = (error: unknown) => { this.#held.delete(held); left?.(error); };
        try {
          ending = undo();
        } catch (error) {
          failed(error);
          throw error;
        }
        // Still listed while it is being given back, so that residue shows what hangs.
        if (isPromise(ending)) ending.then(forget, failed);
        else forget();
        return ending;
      },
    };
    this.#held.add(held);
    return { dispose: () => held.dispose() };
  }

  #refuse(undo: () => void | Promise<void>, label: string): never {
    const error = new Error(`${label}: ${this.#label} is already disposed, nothing can be added to it`);
    try {
      const undone = undo();
      if (isPromise(undone)) undone.catch(() => {});
    } catch (cause) {
      error.cause = cause;
    }
    throw error;
  }

  dispose(): void | Promise<void> {
    if (this.#disposed) return this.#ending;
    this.#disposed = true;
    const waiting = [...this.#held];
    const failures: Error[] = [];
    const failed = (held: Held, cause: unknown) =>
      failures.push(new Error(`${held.label}: ${reasonOf(cause)}`, { cause }));
    const end = () => {
      if (failures.length === 0) return;
      throw new AggregateError(failures, `${this.#label}: ${failures.map(f => f.message).join('; ')}`);
    };
    const finish = async (pending: Promise<void>, of: Held) => {
      for (let held: Held | undefined = of, wait: void | Promise<void> = pending; held; held = waiting.pop()) {
        try {
          if (held !== of) wait = held.dispose();
          if (isPromise(wait)) await (this.#options.patience?.(wait, held.label) ?? wait);
        } catch (error) {
          failed(held, error);
        }
      }
      end();
    };
    for (let held = waiting.pop(); held; held = waiting.pop()) {
      try {
        const pending = held.dispose();
        if (isPromise(pending)) return (this.#ending = finish(pending, held));
      } catch (error) {
        failed(held, error);
      }
    }
    end();
  }
}
