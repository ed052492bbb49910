import { z } from '../../sdk/index.ts';

/** A lease as a file and a reload keep it; times are wall-clock milliseconds. */
export const savedLease = z.object({
  ip: z.number().int().min(0).max(0xffff_ffff),
  key: z.string().max(600),
  mac: z.string().max(17),
  host: z.string().max(255),
  expiresAt: z.number(),
});
export type SavedLease = z.infer<typeof savedLease>;

export interface Lease {
  readonly ip: number;
  /** Who holds it: the client identifier if the client sends one, else its hardware address (RFC 2131 §4.2). */
  readonly key: string;
  readonly mac: string;
  /** A stranger's text without control characters. */
  readonly host: string;
  /** 'offered': held for a request; 'free': over, remembered so that the client gets the same address again. */
  readonly at: 'offered' | 'bound' | 'free' | 'declined';
  /** When this state ends (ms, the machine's clock); for 'free', when it began. */
  readonly until: number;
}

export interface Pool { readonly start: number; readonly size: number }

/** Who has which address. One lease per address and per client; nothing here looks at a clock. */
export class LeaseTable {
  readonly #byIp = new Map<number, Lease>();
  readonly #byKey = new Map<string, Lease>();

  get size(): number { return this.#byIp.size; }
  ofClient(key: string): Lease | undefined { return this.#byKey.get(key); }
  ofAddress(ip: number): Lease | undefined { return this.#byIp.get(ip); }
  list(): readonly Lease[] { return [...this.#byIp.values()].sort((a, b) => a.ip - b.ip); }

  /** Replaces what the client and what the address had. */
  put(lease: Lease): void {
    this.remove(this.#byKey.get(lease.key));
    this.remove(this.#byIp.get(lease.ip));
    this.#byIp.set(lease.ip, lease);
    this.#byKey.set(lease.key, lease);
  }

  remove(lease: Lease | undefined): void {
    if (!lease) return;
    if (this.#byIp.get(lease.ip) === lease) this.#byIp.delete(lease.ip);
    if (this.#byKey.get(lease.key) === lease) this.#byKey.delete(lease.key);
  }

  /** Whether nobody has a claim on the address. */
  available(ip: number, key: string): boolean {
    const lease = this.#byIp.get(ip);
    return !lease || lease.at === 'free' || (lease.key === key && lease.at !== 'declined');
  }

  /** Turns what is over into 'free'; returns the bound ones among them. */
  expire(now: number): Lease[] {
    const over: Lease[] = [];
    for (const lease of this.#byIp.values()) {
      if (lease.at === 'free' || lease.until > now) continue;
      if (lease.at === 'bound') over.push(lease);
      this.end(lease, now);
    }
    return over;
  }

  /** The client does not hold the address any more. An offer or a quarantine that ends leaves nothing to remember. */
  end(lease: Lease, now: number): void {
    if (lease.at === 'bound') this.put({ ...lease, at: 'free', until: now });
    else this.remove(lease);
  }

  /** When the next claim ends. */
  deadline(): number | undefined {
    let next: number | undefined;
    for (const lease of this.#byIp.values()) if (lease.at !== 'free' && (next === undefined || lease.until < next)) next = lease.until;
    return next;
  }

  /**
   * An address of the pool for a new client: one that nobody ever had, else the one whose lease ended first, else the oldest
   * offer that was not taken up since `offersBefore` (a flood of made-up clients must not lock real ones out).
   */
  pick(pool: Pool, excluded: (ip: number) => boolean, offersBefore: number): number | undefined {
    let best: Lease | undefined;
    for (let i = 0; i < pool.size; i++) {
      const ip = pool.start + i;
      if (excluded(ip)) continue;
      const lease = this.#byIp.get(ip);
      if (!lease) return ip;
      const reusable = lease.at === 'free' || (lease.at === 'offered' && lease.until < offersBefore);
      if (reusable && (!best || rank(lease) < rank(best) || (rank(lease) === rank(best) && lease.until < best.until))) best = lease;
    }
    return best?.ip;
  }

  /** `toWall` is added to the machine's times. */
  save(toWall: number): SavedLease[] {
    return this.list().filter(l => l.at === 'bound')
      .map(l => ({ ip: l.ip, key: l.key, mac: l.mac, host: l.host, expiresAt: Math.round(l.until + toWall) }));
  }

  /** Leases whose end has passed come back as remembered ones at the next `expire`. */
  load(saved: readonly SavedLease[], toWall: number): void {
    for (const { expiresAt, ...lease } of saved) this.put({ ...lease, at: 'bound', until: expiresAt - toWall });
  }
}

const rank = (lease: Lease): number => (lease.at === 'free' ? 0 : 1);
