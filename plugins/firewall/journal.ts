import type { Logger } from '../../sdk/index.ts';

/** Categories of the original's log that the firewall writes. */
export type Category = 'Access Control' | 'Attacks' | 'TCP Reset' | 'ICMP' | 'Traffic';

export interface Entry {
  readonly category: Category;
  readonly message: string;
  /** What tells this happening from another of the same message: 'wan 203.0.113.9'. */
  readonly about: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly alert: boolean;
}

interface Kept { readonly entry: Entry; readonly until: number; again: number }

/** Happenings that are held back at once; what comes beyond is written only as a number. */
export const KEPT_MOST = 1024;

/** Writes what happens once per consolidation period, and at its end how often it happened again. */
export class Journal {
  readonly #log: Logger;
  readonly #kept = new Map<string, Kept>();
  #unwritten = 0;
  periodMs: number;

  constructor(log: Logger, periodMs: number) {
    this.#log = log;
    this.periodMs = periodMs;
  }

  /** How many happenings are held back. */
  get size(): number { return this.#kept.size; }

  note(entry: Entry, now: number): void {
    if (this.periodMs === 0) return this.#write(entry, 0);
    const key = `${entry.message} ${entry.about}`;
    const kept = this.#kept.get(key);
    if (kept) {
      kept.again++;
      return;
    }
    if (this.#kept.size >= KEPT_MOST) {
      this.#unwritten++;
      return;
    }
    this.#kept.set(key, { entry, until: now + this.periodMs, again: 0 });
    this.#write(entry, 0);
  }

  /** Ends periods that are over; call it about once a second. */
  tick(now: number): void {
    // In the order in which they began, so the first that is not over ends it; a period that was changed costs a little patience.
    for (const [key, kept] of this.#kept) {
      if (kept.until > now) break;
      this.#kept.delete(key);
      if (kept.again > 0) this.#write(kept.entry, kept.again);
    }
    if (this.#unwritten > 0 && this.#kept.size < KEPT_MOST) {
      this.#log.warn({ category: 'Access Control', count: this.#unwritten }, 'more happened than was written down');
      this.#unwritten = 0;
    }
  }

  #write(e: Entry, again: number): void {
    const fields = { category: e.category, ...e.fields, ...(again > 0 ? { count: again } : {}), ...(e.alert ? { alert: true } : {}) };
    const message = again > 0 ? `${e.message}; ${again} more` : e.message;
    if (e.alert) this.#log.warn(fields, message);
    else this.#log.info(fields, message);
  }
}
