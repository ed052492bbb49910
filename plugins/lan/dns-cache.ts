import * as dns from '../../sdk/wire/dns.ts';
import { put16, put32, type Shape, TC, u32 } from './dns-shape.ts';

interface Entry {
  readonly data: Uint8Array;
  readonly ttls: readonly number[];
  readonly name: string;
  readonly type: number;
  readonly rcode: number;
  readonly answers: number;
  readonly storedAt: number;
  readonly expiresAt: number;
  hits: number;
}

export interface CacheRow { readonly name: string; readonly type: number; readonly negative: boolean; readonly answers: number; readonly ttl: number; readonly hits: number }

export interface CacheLimits {
  readonly entries: number;
  /** Seconds an answer and a refusal are kept at most. */
  readonly positiveSec: number;
  readonly negativeSec: number;
}

/** Answers until their time is over; the one that was asked for longest ago leaves first. */
export class DnsCache {
  readonly #entries = new Map<string, Entry>();
  limits: CacheLimits;

  constructor(limits: CacheLimits) { this.limits = limits; }

  get size(): number { return this.#entries.size; }

  /** Keeps an answer from a server if its kind allows it. */
  store(key: string, data: Uint8Array, shape: Shape, now: number): void {
    const seconds = lifetime(shape, this.limits);
    if (seconds <= 0) return;
    this.#entries.delete(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.limits.entries) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, {
      data, ttls: shape.ttls, name: shape.name, type: shape.type, rcode: shape.rcode, answers: shape.answers,
      storedAt: now, expiresAt: now + seconds * 1000, hits: 0,
    });
  }

  /** A copy with the client's id, its spelling of the question, and times that have run down since. */
  find(key: string, query: Uint8Array, questionEnd: number, now: number): Uint8Array | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= now) return undefined;
    this.#entries.set(key, entry);
    entry.hits++;
    const out = entry.data.slice();
    put16(out, 0, (query[0]! << 8) | query[1]!);
    out.set(query.subarray(dns.HEADER, questionEnd), dns.HEADER);
    const age = Math.floor((now - entry.storedAt) / 1000);
    for (const at of entry.ttls) put32(out, at, Math.max(0, u32(out, at) - age));
    return out;
  }

  /** Says how many there were. */
  flush(): number {
    const { size } = this.#entries;
    this.#entries.clear();
    return size;
  }

  rows(now: number): CacheRow[] {
    return [...this.#entries.values()].filter(e => e.expiresAt > now).map(e => ({
      name: e.name, type: e.type, negative: e.answers === 0, answers: e.answers, ttl: Math.round((e.expiresAt - now) / 1000), hits: e.hits,
    }));
  }
}

/** Seconds the answer may be kept; 0: not at all. Without a SOA record a refusal is not kept (RFC 2308 §5). */
const lifetime = (shape: Shape, limits: CacheLimits): number => {
  if (shape.flags & TC) return 0;
  if (shape.rcode === dns.NOERROR && shape.answers > 0) return Math.min(shape.ttl, limits.positiveSec);
  if (shape.rcode !== dns.NOERROR && shape.rcode !== dns.NXDOMAIN) return 0;
  return Math.min(shape.negativeTtl ?? 0, limits.negativeSec);
};
