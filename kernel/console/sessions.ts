import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Identity, Role } from './roles.ts';

/** A session ends at the latest so long after the log-in, however busy it is. */
export const LONGEST_MS = 12 * 3_600_000;
const MOST_SESSIONS = 512;
/** Of one account; a further log-in ends the one that has been idle longest. */
const MOST_PER_NAME = 16;

/** One log-in of a browser. */
export interface WebSession {
  readonly identity: Identity;
  /** ms until it ends unless somebody does something. */
  readonly expiresInMs: number;
  readonly ended: boolean;
  /** Somebody did something: the idle time begins anew. What polls by itself does not call this. */
  touch(): void;
  /** Told once, when the session is over for whatever reason. */
  onEnd(fn: (why: string) => void): Disposable;
}

export interface SessionOptions {
  readonly clock: Clock;
  /** Idle time after which a session ends, in ms; 0: never (`sys stdio`). Asked each time, so that a change works at once. */
  idleMs(): number;
}

class Session implements WebSession {
  readonly identity: Identity;
  readonly began: number;
  lastTouched: number;
  ended = false;
  readonly #options: SessionOptions;
  readonly #listeners = new Set<(why: string) => void>();

  constructor(identity: Identity, options: SessionOptions) {
    this.identity = identity;
    this.#options = options;
    this.began = this.lastTouched = options.clock.now();
  }

  get expiresInMs(): number {
    if (this.ended) return 0;
    const idle = this.#options.idleMs();
    const now = this.#options.clock.now();
    return Math.max(0, Math.min(idle === 0 ? Number.POSITIVE_INFINITY : this.lastTouched + idle - now, this.began + LONGEST_MS - now));
  }

  get old(): boolean { return this.#options.clock.now() - this.began >= LONGEST_MS; }

  touch(): void { if (this.expiresInMs > 0) this.lastTouched = this.#options.clock.now(); }

  onEnd(fn: (why: string) => void): Disposable {
    this.#listeners.add(fn);
    return { dispose: () => void this.#listeners.delete(fn) };
  }

  end(why: string): void {
    if (this.ended) return;
    this.ended = true;
    for (const fn of [...this.#listeners]) fn(why);
    this.#listeners.clear();
  }
}

/**
 * Who is logged in. Ids are 256 random bits and kept as hashes only: whoever reads this memory cannot take a session over. A
 * log-in always makes a new id; one that a client brought along is never adopted.
 */
export class Sessions {
  readonly #options: SessionOptions;
  readonly #byHash = new Map<string, Session>();
  #timer: Disposable | undefined;

  constructor(options: SessionOptions) { this.#options = options; }

  get size(): number { this.#sweep(); return this.#byHash.size; }

  /** How many sessions an account has. */
  of(name: string): number {
    this.#sweep();
    return [...this.#byHash.values()].filter((s) => s.identity.name === name).length;
  }

  /** Gives the id for the cookie; it cannot be had again. */
  open(name: string, role: Role): { readonly id: string; readonly session: WebSession } {
    this.#sweep();
    const own = [...this.#byHash].filter(([, s]) => s.identity.name === name);
    if (own.length >= MOST_PER_NAME) this.#endIdlest(own, `${MOST_PER_NAME} sessions of ${name} are open already`);
    else if (this.#byHash.size >= MOST_SESSIONS) this.#endIdlest([...this.#byHash], 'too many sessions');
    const id = randomBytes(32).toString('base64url');
    const session = new Session({ name, role, via: 'session' }, this.#options);
    this.#byHash.set(hashOf(id), session);
    this.#arm();
    return { id, session };
  }

  /** The session of this id while it lasts. Looking is not doing: call `touch` for what a person did. */
  find(id: string): WebSession | undefined {
    const hash = hashOf(id);
    const session = this.#byHash.get(hash);
    if (session === undefined) return undefined;
    if (session.expiresInMs > 0) return session;
    this.#end(hash, session, expired(session));
    return undefined;
  }

  /** Log-out. */
  revoke(id: string): void {
    const hash = hashOf(id);
    const session = this.#byHash.get(hash);
    if (session !== undefined) this.#end(hash, session, 'logged out');
  }

  /** All sessions of an account: its password or role changed, or it is gone. */
  revokeAll(name: string, why: string): void {
    for (const [hash, session] of [...this.#byHash]) if (session.identity.name === name) this.#end(hash, session, why);
  }

  close(): void {
    for (const [hash, session] of [...this.#byHash]) this.#end(hash, session, 'the router stops');
    void this.#timer?.dispose();
    this.#timer = undefined;
  }

  #endIdlest(of: readonly [string, Session][], why: string): void {
    const idlest = of.reduce((a, b) => (b[1].lastTouched < a[1].lastTouched ? b : a));
    this.#end(idlest[0], idlest[1], why);
  }

  #end(hash: string, session: Session, why: string): void {
    this.#byHash.delete(hash);
    session.end(why);
  }

  #sweep(): void {
    for (const [hash, session] of [...this.#byHash]) if (session.expiresInMs === 0) this.#end(hash, session, expired(session));
  }

  /** Ends sessions in time also when nobody asks for them: their WebSockets must close. Often enough for minutes. */
  #arm(): void {
    this.#timer ??= this.#options.clock.every(1000, () => {
      this.#sweep();
      if (this.#byHash.size > 0) return;
      void this.#timer?.dispose();
      this.#timer = undefined;
    });
  }
}

const hashOf = (id: string): string => createHash('sha256').update(id).digest('base64');
const expired = (session: Session): string => (session.old ? `a session lasts ${LONGEST_MS / 3_600_000} hours` : 'nothing was done for too long');
