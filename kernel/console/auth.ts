import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../sdk/clock.ts';
import type { Identity, Role } from './roles.ts';
import type { WebSession } from './sessions.ts';

export interface Key {
  /** 'admin', 'viewer': the author of what is done with it. */
  readonly name: string;
  readonly token: string;
  readonly access: 'read' | 'write';
  /** Default: administrator or viewer, by access. */
  readonly role?: Role;
  /** Parts of the router that the token is confined to; undefined: all. */
  readonly areas?: readonly string[];
  /** Ends when the key is good for nothing any more; undefined: it lasts as long as the router runs. */
  readonly tenure?: WebSession;
}

export const identityOfKey = ({ name, access, role, areas }: Key): Identity =>
  ({ name, role: role ?? (access === 'write' ? 'admin' : 'viewer'), via: 'token', ...(areas === undefined ? {} : { areas }) });

/** The first failed attempt delays the next by so much; every further one doubles it. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** After so long without a failure an address starts again with the first delay. */
const FORGET_MS = 10 * 60_000;
const MOST_ADDRESSES = 1024;
/** Attempts of one address that wait for their turn; more are refused at once. */
const MOST_WAITING = 8;

interface Record { failures: number; freeAt: number; last: number; waiting: number }

/** Compares tokens in constant time, and lets an address that guessed wrong wait longer and longer. */
export class Gate {
  readonly #keys: readonly { readonly key: Key; readonly digest: Buffer }[];
  readonly #clock: Clock;
  readonly #records = new Map<string, Record>();
  readonly #more: (token: string) => Key | undefined;

  /** @param more keys that come and go, known by their hashes only (see Tokens) */
  constructor(keys: readonly Key[], clock: Clock, more: (token: string) => Key | undefined = () => undefined) {
    this.#more = more;
    this.#keys = keys.filter((k) => k.token !== '').map((key) => ({ key, digest: digestOf(key.token) }));
    this.#clock = clock;
  }

  /**
   * `answer` gets the key, or why not; at once, or when the delay that `from` has earned is over. Also a right token waits:
   * otherwise somebody who guesses in parallel would not be slowed down. The delay counts from the turn of the attempt before.
   */
  check(token: string, from: string, answer: (result: Key | string) => void): void {
    const now = this.#clock.now();
    const record = this.#record(from, now);
    if (record.waiting >= MOST_WAITING) {
      answer('too many attempts at once');
      return;
    }
    if (record.freeAt <= now) {
      answer(this.#judge(token, record));
      return;
    }
    record.waiting++;
    this.#clock.after(record.freeAt - now, () => {
      record.waiting--;
      // Another attempt of this address may have had its turn, and failed, at this moment.
      this.check(token, from, answer);
    });
  }

  /** The same as a promise: who it is and for how long, or why not. */
  identify(token: string, from: string): Promise<{ readonly identity: Identity; readonly tenure: WebSession | undefined } | string> {
    return new Promise((resolve) => this.check(token, from, (result) => resolve(typeof result === 'string' ? result : { identity: identityOfKey(result), tenure: result.tenure })));
  }

  #judge(token: string, record: Record): Key | string {
    const digest = digestOf(token);
    let found: Key | undefined;
    // No early exit: the time does not tell which key was nearest.
    for (const entry of this.#keys) if (timingSafeEqual(entry.digest, digest)) found = entry.key;
    found ??= this.#more(token);
    const now = this.#clock.now();
    if (found !== undefined) {
      record.failures = 0;
      return found;
    }
    record.last = now;
    record.freeAt = now + Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** record.failures++);
    return 'the token is wrong';
  }

  #record(from: string, now: number): Record {
    const known = this.#records.get(from);
    if (known !== undefined) {
      if (now - known.last > FORGET_MS) known.failures = 0;
      return known;
    }
    for (const [address, r] of this.#records) {
      if (this.#records.size < MOST_ADDRESSES) break;
      if (r.waiting === 0) this.#records.delete(address);
    }
    const record: Record = { failures: 0, freeAt: now, last: now, waiting: 0 };
    this.#records.set(from, record);
    return record;
  }
}

// Digests have equal lengths, which timingSafeEqual wants.
const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const files = [['admin', 'console.token', 'write'], ['viewer', 'console-viewer.token', 'read']] as const;

/**
 * The keys of the state directory, made on the first start (mode 0600). Without a directory they live as long as the
 * process.
 */
export function loadKeys(directory: string | undefined): Key[] {
  return files.map(([name, file, access]) => ({ name, access, token: directory === undefined ? newToken() : tokenIn(directory, file) }));
}

function tokenIn(directory: string, file: string): string {
  const path = join(directory, file);
  if (existsSync(path)) {
    const token = readFileSync(path, 'utf8').trim();
    chmodSync(path, 0o600);
    if (token.length >= 20) return token;
  }
  const token = newToken();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}

const newToken = (): string => randomBytes(24).toString('base64url');

/**
 * Browsers tell in Host and Origin whom they mean and where the page came from. Only loopback names and those in `hosts`
 * pass: a page on the internet can then neither rebind its own name to us nor connect from its own origin.
 * Programs send no Origin. Gives the reason of a refusal.
 */
export function refuseOrigin(host: string | undefined, origin: string | undefined, hosts: readonly string[]): string | undefined {
  const allowed = (name: string): boolean => isLoopback(name) || hosts.some((h) => h.toLowerCase() === name);
  const asked = host === undefined ? undefined : nameOf(`http://${host}`);
  if (asked === undefined || !allowed(asked)) return `the host '${host ?? ''}' is not one of this router`;
  if (origin === undefined) return undefined;
  const page = nameOf(origin);
  return page !== undefined && allowed(page) ? undefined : `pages of '${origin}' may not talk to this router`;
}

const isLoopback = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);

function nameOf(url: string): string | undefined {
  try {
    const name = new URL(url).hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
    return name === '' ? undefined : name;
  } catch {
    return undefined;
  }
}
