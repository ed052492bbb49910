import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** A value that can be watched. */
export class Cell<T> {
  #value: T;
  readonly #watchers = new Set<(value: T) => void>();

  constructor(value: T) { this.#value = value; }

  get value(): T { return this.#value; }
  set value(next: T) {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    for (const tell of [...this.#watchers]) tell(next);
  }

  /** Calls `tell` whenever the value changes, until the returned function is called. */
  watch(tell: (value: T) => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }
}

/** Draws an element again when one of the cells changes, while it is in the page. */
export class Watching implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #cells: readonly Cell<unknown>[];
  #undo: (() => void)[] = [];

  // biome-ignore lint/suspicious/noExplicitAny: cells of any kind, only told apart by who reads them
  constructor(host: ReactiveControllerHost, ...cells: readonly Cell<any>[]) {
    this.#host = host;
    this.#cells = cells as readonly Cell<unknown>[];
    host.addController(this);
  }

  hostConnected(): void {
    this.#undo = this.#cells.map((cell) => cell.watch(() => this.#host.requestUpdate()));
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }
}
