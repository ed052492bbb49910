import type { Attack } from '../../sdk/index.ts';

/** Kinds and senders that are kept apart; the one seen longest ago gives way. */
export const ATTACKS_MOST = 512;
/** A kind and sender is told of at most so often (ms). */
const TELL_MS = 1000;

export interface AttackRow {
  readonly kind: string; readonly src: number;
  dst: number; link: number; detail: string;
  /** How often it was told of. */
  count: number;
  /** Clock time, ms. */
  readonly first: number; last: number;
}

/** Kinds that are summed up apart; there are some two dozen, and what plugins add. */
const KINDS_MOST = 64;

/** One kind of attack, whoever it came from. */
export interface AttackKind {
  readonly kind: string;
  /** How often it was told of, also by senders that are no longer kept. */
  readonly count: number;
  /** Clock time, ms. */
  readonly first: number; readonly last: number;
  /** Senders that are kept, the worst first. */
  readonly senders: readonly AttackRow[];
}

/** Who attacked, how, and how often: what `firewall attacks` shows. Bounded. */
export class Attacks {
  readonly #rows = new Map<string, AttackRow>();
  readonly #kinds = new Map<string, { count: number; readonly first: number; last: number }>();

  note(a: Attack, now: number): void {
    const sum = this.#kinds.get(a.kind);
    if (sum) {
      sum.count++;
      sum.last = now;
    } else if (this.#kinds.size < KINDS_MOST) this.#kinds.set(a.kind, { count: 1, first: now, last: now });
    const key = `${a.kind} ${a.src}`;
    const known = this.#rows.get(key);
    if (known) {
      // Put in again, so that the map's order is that of the last time.
      this.#rows.delete(key);
      Object.assign(known, { dst: a.dst, link: a.link, detail: a.detail, count: known.count + 1, last: now });
      this.#rows.set(key, known);
      return;
    }
    if (this.#rows.size >= ATTACKS_MOST) this.#rows.delete(this.#rows.keys().next().value as string);
    this.#rows.set(key, { kind: a.kind, src: a.src, dst: a.dst, link: a.link, detail: a.detail, count: 1, first: now, last: now });
  }

  /** The latest first. */
  list(): readonly AttackRow[] { return [...this.#rows.values()].reverse(); }

  /** By kind, the kind that was seen latest first. */
  kinds(): readonly AttackKind[] {
    const senders = new Map<string, AttackRow[]>();
    for (const row of this.#rows.values()) {
      const list = senders.get(row.kind);
      if (list) list.push(row);
      else senders.set(row.kind, [row]);
    }
    return [...this.#kinds].map(([kind, sum]) => ({ kind, ...sum, senders: (senders.get(kind) ?? []).sort((a, b) => b.count - a.count || b.last - a.last) })).sort((a, b) => b.last - a.last);
  }

  clear(): void {
    this.#rows.clear();
    this.#kinds.clear();
  }
}

/** Lets what happens for every packet through once a second per kind and sender. Fixed memory: two that share a place share the second. */
export class Sieve {
  readonly #last = new Float64Array(ATTACKS_MOST).fill(Number.NEGATIVE_INFINITY);

  passes(kind: number, src: number, now: number): boolean {
    const at = (Math.imul(src ^ kind * 0x9e3779b1, 0x85ebca6b) >>> 16) % ATTACKS_MOST;
    if (now - this.#last[at]! < TELL_MS) return false;
    this.#last[at] = now;
    return true;
  }
}
