/**
 * Many one-to-one: each host has an outside address of its own. With as many addresses as hosts the pairs are fixed; with fewer, the
 * first hosts to come get them, and give them back when they have had no session for a while (the original's "iamt").
 */
export class Pairs {
  readonly #localFirst: number;
  readonly #globalFirst: number;
  readonly #size: number;
  readonly #locals: number;
  readonly #fixed: boolean;
  readonly #byHost = new Map<number, number>();
  /** By place in the range; 0: free. */
  readonly #hosts: number[];
  /** When its last session ended; Infinity while it has some. */
  readonly #idleSince: number[];
  keepMs = 300_000;

  constructor(localFirst: number, localLast: number, globalFirst: number, globalLast: number) {
    this.#localFirst = localFirst;
    this.#globalFirst = globalFirst;
    this.#size = globalLast - globalFirst + 1;
    this.#locals = localLast - localFirst + 1;
    this.#fixed = this.#locals <= this.#size;
    this.#hosts = new Array<number>(this.#size).fill(0);
    this.#idleSince = new Array<number>(this.#size).fill(0);
  }

  /** The host's address, a new one where it has none; 0: all are in use. `now` in ms. */
  of(host: number, now: number): number {
    if (this.#fixed) return this.#globalFirst + host - this.#localFirst;
    const place = this.#byHost.get(host) ?? this.#take(host, now);
    if (place < 0) return 0;
    this.#idleSince[place] = Math.max(this.#idleSince[place]!, now);
    return this.#globalFirst + place;
  }

  /** Who has an address; 0: nobody. */
  hostOf(global: number): number {
    const place = global - this.#globalFirst;
    if (this.#fixed) return place < this.#locals ? this.#localFirst + place : 0;
    return this.#hosts[place] ?? 0;
  }

  /** A host began its first session, or ended its last one. */
  idle(host: number, idle: boolean, now: number): void {
    const place = this.#byHost.get(host);
    if (place !== undefined) this.#idleSince[place] = idle ? now : Number.POSITIVE_INFINITY;
  }

  list(): readonly { readonly host: number; readonly global: number }[] {
    return [...this.#byHost].map(([host, place]) => ({ host, global: this.#globalFirst + place }));
  }

  #take(host: number, now: number): number {
    let place = this.#hosts.indexOf(0);
    if (place < 0) place = this.#idleSince.findIndex(since => now - since >= this.keepMs);
    if (place < 0) return -1;
    this.#byHost.delete(this.#hosts[place]!);
    this.#hosts[place] = host;
    this.#byHost.set(host, place);
    this.#idleSince[place] = now;
    return place;
  }
}
