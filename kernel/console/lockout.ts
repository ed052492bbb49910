import type { Clock } from '../../sdk/clock.ts';

/** So many wrong passwords cost nothing: people mistype. */
const FREE = 2;
const FIRST_DELAY_MS = 1000;
/** An address may be made to wait long. A name only shortly: else anybody could lock its owner out. */
const LONGEST_MS = { address: 15 * 60_000, name: 30_000 } as const;
/** After so long without a failure it starts again. */
const FORGET_MS = 30 * 60_000;
const MOST_RECORDS = 4096;
const MOST_FRIENDS = 1024;

interface Record { failures: number; freeAt: number; last: number }

/**
 * Delays that double with every wrong password, per address and per name. An attempt counts as wrong when it begins, and is
 * forgiven when it was right: guessing in parallel gains nothing. An address from which a name logged in before is not
 * held up by what others do to that name.
 */
export class Lockout {
  readonly #clock: Clock;
  readonly #pauseMs: () => number;
  readonly #records = new Map<string, Record>();
  readonly #friends = new Set<string>();

  /** pauseMs: the wait after three wrong passwords that `sys pwderrtm` sets; 0: only the growing delay. */
  constructor(clock: Clock, pauseMs: () => number = () => 0) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
  }

  /** Begins an attempt. Gives 0, or the ms to wait before the next one is looked at; then the attempt must not be. */
  begin(name: string, address: string): number {
    const now = this.#clock.now();
    const [byAddress, byName] = keysOf(name, address);
    const ofAddress = this.#record(byAddress, now);
    // An address that has to wait makes no further records: it could push its own out.
    if (ofAddress.freeAt > now) return ofAddress.freeAt - now;
    const records: ['address' | 'name', Record][] = [['address', ofAddress]];
    if (!this.#friends.has(`${address} ${name}`)) records.push(['name', this.#record(byName, now)]);
    const wait = Math.max(...records.map(([, r]) => r.freeAt - now));
    if (wait > 0) return wait;
    for (const [kind, r] of records) {
      r.last = now;
      r.failures++;
      if (r.failures <= FREE) continue;
      const delay = Math.min(LONGEST_MS[kind], FIRST_DELAY_MS * 2 ** Math.min(20, r.failures - FREE - 1));
      r.freeAt = now + Math.max(delay, this.#pauseMs());
    }
    return 0;
  }

  /** The attempt that began last was right. */
  forgive(name: string, address: string): void {
    for (const key of keysOf(name, address)) this.#records.delete(key);
    this.#friends.delete(`${address} ${name}`);
    this.#friends.add(`${address} ${name}`);
    if (this.#friends.size > MOST_FRIENDS) this.#friends.delete(this.#friends.values().next().value!);
  }

  /** The attempt that began was not looked at after all (too busy): it counts for nothing. */
  abandon(name: string, address: string): void {
    for (const key of keysOf(name, address)) {
      const r = this.#records.get(key);
      if (r === undefined) continue;
      r.failures = Math.max(0, r.failures - 1);
      r.freeAt = this.#clock.now();
    }
  }

  #record(key: string, now: number): Record {
    const known = this.#records.get(key);
    if (known !== undefined) {
      if (now - known.last > FORGET_MS && now >= known.freeAt) known.failures = 0;
      this.#records.delete(key);
      this.#records.set(key, known);
      return known;
    }
    // The one that was used longest ago goes. An attacker with thousands of addresses is slowed down by the names.
    if (this.#records.size >= MOST_RECORDS) this.#records.delete(this.#records.keys().next().value!);
    const record: Record = { failures: 0, freeAt: now, last: now };
    this.#records.set(key, record);
    return record;
  }
}

const keysOf = (name: string, address: string): [string, string] => [`a ${address}`, `n ${name.toLowerCase()}`];
