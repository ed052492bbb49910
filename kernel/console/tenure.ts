import type { Disposable } from '../../sdk/scope.ts';
import type { Identity } from './roles.ts';
import type { WebSession } from './sessions.ts';

/**
 * What a token or an account gives for as long as it is good: a session without an idle time. Whatever is opened by it, a WebSocket
 * or a stream, listens for its end.
 */
export class Tenure implements WebSession {
  readonly identity: Identity;
  readonly expiresInMs = Number.POSITIVE_INFINITY;
  #ended = false;
  readonly #listeners = new Set<(why: string) => void>();

  constructor(identity: Identity) { this.identity = identity; }

  get ended(): boolean { return this.#ended; }

  touch(): void { /* It does not end for want of activity. */ }

  onEnd(fn: (why: string) => void): Disposable {
    this.#listeners.add(fn);
    return { dispose: () => void this.#listeners.delete(fn) };
  }

  end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const fn of [...this.#listeners]) fn(why);
    this.#listeners.clear();
  }
}
