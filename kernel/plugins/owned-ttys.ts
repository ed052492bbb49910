import type { Disposable } from '../../sdk/scope.ts';
import type { ModemLines, Tty, Ttys } from '../../sdk/tty.ts';

type Claim = <T extends Disposable>(label: string, make: () => T) => Disposable;
type Fault = (place: string, error: unknown) => void;

/** Serial ports as one plugin opens them: each is held by its scope until it is closed or gone, and what its callbacks throw is the plugin's fault. */
export function ownedTtys(ttys: Ttys, claim: Claim, fault: Fault): Ttys {
  return {
    open: (path, options) => {
      let inner: (Tty & Disposable) | undefined;
      const held = claim(`tty ${path}`, () => (inner = ttys.open(path, options)));
      return new OwnedTty(inner as unknown as Tty, held, fault);
    },
  };
}

class OwnedTty implements Tty, Disposable {
  readonly path: string;
  onData: Tty['onData'] = () => {};
  onGone: Tty['onGone'] = () => {};
  onRoom: Tty['onRoom'] = () => {};
  readonly #port: Tty;
  readonly #held: Disposable;
  readonly #fault: Fault;

  constructor(port: Tty, held: Disposable, fault: Fault) {
    this.path = port.path;
    this.#port = port;
    this.#held = held;
    this.#fault = fault;
    // Octets come here by the megabyte: a fence that allocates nothing.
    port.onData = (buf, from, to) => {
      try {
        this.#watch('data', this.onData(buf, from, to));
      } catch (error) {
        this.#report('data', error);
      }
    };
    port.onGone = why => {
      // Gone is closed: nothing is held any more.
      void held.dispose();
      this.#fenced('gone', () => this.onGone(why));
    };
    port.onRoom = () => this.#fenced('room', () => this.onRoom());
  }

  get open(): boolean { return this.#port.open; }
  get queued(): number { return this.#port.queued; }
  write(buf: Uint8Array, from?: number, to?: number): boolean { return this.#port.write(buf, from, to); }
  discard(): void { this.#port.discard(); }
  setSpeed(baud: number): void { this.#port.setSpeed(baud); }
  lines(): ModemLines | undefined { return this.#port.lines(); }
  setLines(lines: { readonly dtr?: boolean; readonly rts?: boolean }): boolean { return this.#port.setLines(lines); }
  hangUp(ms?: number): void { this.#port.hangUp(ms); }
  close(): void { void this.#held.dispose(); }
  dispose(): void { this.close(); }

  #fenced(what: string, call: () => unknown): void {
    try {
      this.#watch(what, call());
    } catch (error) {
      this.#report(what, error);
    }
  }

  /** Async functions are taken for callbacks too. */
  #watch(what: string, result: unknown): void {
    if (result instanceof Promise) result.catch((error: unknown) => this.#report(what, error));
  }

  #report(what: string, error: unknown): void { this.#fault(`tty ${this.path}: ${what}`, error); }
}
