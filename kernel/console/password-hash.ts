import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';

/** RFC 7914 parameters; they stand beside every hash, so that later ones may be dearer. */
export interface PasswordHash { readonly n: number; readonly r: number; readonly p: number; readonly salt: string; readonly hash: string }

/** 32 MiB and about 0.1 s each. */
const COST = { n: 2 ** 15, r: 8, p: 1 } as const;
const LENGTH = 32;
/** At most two of libuv's four threads, so that files and name look-ups of the router never wait behind log-ins; and a core is left for packets. */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1));
const MOST_WAITING = 16;

export type Derive = (password: string, salt: Buffer, cost: { readonly n: number; readonly r: number; readonly p: number }) => Promise<Buffer>;

const derive: Derive = (password, salt, { n, r, p }) => new Promise((resolve, reject) => {
  scrypt(password.normalize('NFC'), salt, LENGTH, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => (error ? reject(error) : resolve(key)));
});

/** Thrown when too many passwords wait to be looked at. */
export class TooBusy extends Error {
  override name = 'TooBusy';
}

/** Computes password hashes in the thread pool, a few at a time; the rest waits in line or is refused. */
export class PasswordHasher {
  readonly #derive: Derive;
  readonly #cost: { readonly n: number; readonly r: number; readonly p: number };
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** `cost` is lower in tests only. */
  constructor(options: { readonly derive?: Derive; readonly cost?: { readonly n: number; readonly r: number; readonly p: number } } = {}) {
    this.#derive = options.derive ?? derive;
    this.#cost = options.cost ?? COST;
  }

  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(16);
    const hash = await this.#turn(() => this.#derive(password, salt, this.#cost), Number.POSITIVE_INFINITY);
    return { ...this.#cost, salt: salt.toString('base64'), hash: hash.toString('base64') };
  }

  /**
   * Whether the password belongs to the hash, in constant time. Without a hash it takes as long and says no: the time does not
   * tell whether an account exists. Rejects with TooBusy.
   */
  async matches(password: string, known: PasswordHash | undefined): Promise<boolean> {
    const against = known ?? { ...this.#cost, salt: 'AAAAAAAAAAAAAAAAAAAAAA==', hash: '' };
    const hash = await this.#turn(() => this.#derive(password, Buffer.from(against.salt, 'base64'), against), MOST_WAITING);
    const right = Buffer.from(against.hash, 'base64');
    return known !== undefined && right.length === hash.length && timingSafeEqual(right, hash);
  }

  async #turn<T>(work: () => Promise<T>, most: number): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= most) throw new TooBusy('too many log-ins at once');
      await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    } else this.#running++;
    try {
      return await work();
    } finally {
      // The place is handed on; it becomes free when nobody waits.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
