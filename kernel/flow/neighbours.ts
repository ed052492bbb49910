import type { NeighbourView, Neighbours } from '../../sdk/flow.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Packet } from '../../sdk/packet.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { PacketPool } from '../packet/pool.ts';

const MOST = 8192;
/** Packets that wait for one address, and for all together (RFC 1122 §2.3.2.2 asks for at least one). */
const WAIT_EACH = 4;
const WAIT_ALL = 128;
/** A resolver is asked about the same entry at most this often. */
const ASK_MS = 1000;

interface Entry { index: number; readonly link: number; readonly ip: number; mac: string | undefined; permanent: boolean; confirmed: number; asked: number; waiting: Packet[] }

/**
 * Next hops by small numbers that flow actions carry. The kernel owns them, so that established flows do not notice when the
 * plugin that resolves addresses is replaced.
 */
export class NeighbourTable implements Neighbours {
  /** Of the present breath, ms. Here rather than an argument: a number on its way through calls is put on the heap, packet by packet. */
  now = 0;
  /** 6 octets per entry. */
  readonly mac = new Uint8Array(MOST * 6);
  /** 1: mac is known. */
  readonly known = new Uint8Array(MOST);
  /** The wire to send on. */
  readonly port = new Int16Array(MOST);
  /** ms, last packet sent to it. */
  readonly used = new Float64Array(MOST);
  readonly #byKey = new Map<number, Entry>();
  readonly #byIndex: (Entry | undefined)[] = [];
  readonly #free: number[] = [];
  #waiting = 0;
  /** Entries with waiting packets, the longest waiting first. */
  readonly #queue = new Set<Entry>();
  #ask: ((link: number, ip: number) => void) | undefined;
  readonly #clock: Clock;
  readonly #pool: PacketPool;
  /** The engine: packets whose next hop became known, and those that waited in vain. */
  onResolved: ((waiting: readonly Packet[]) => void) | undefined;
  onFailed: ((waiting: readonly Packet[]) => void) | undefined;
  /** Entries beyond the table's size, or packets beyond the queues. */
  overflow = 0;

  constructor(clock: Clock, pool: PacketPool) {
    this.#clock = clock;
    this.#pool = pool;
  }

  index(link: number, ip: number): number {
    return this.#entry(link, ip)?.index ?? -1;
  }

  lookup(link: number, ip: number): NeighbourView | undefined {
    const e = this.#byKey.get(key(link, ip));
    return e && this.#view(e);
  }

  set(link: number, ip: number, mac: Uint8Array, opts: { permanent?: boolean; port?: number } = {}): void {
    const e = this.#entry(link, ip);
    if (!e) return;
    this.mac.set(mac.subarray(0, 6), e.index * 6);
    this.port[e.index] = opts.port ?? link;
    this.known[e.index] = 1;
    e.mac = Array.from(mac.subarray(0, 6), b => b.toString(16).padStart(2, '0')).join(':');
    e.permanent = opts.permanent ?? false;
    e.confirmed = this.#clock.now();
    this.#release(e, this.onResolved);
  }

  invalidate(link: number, ip: number): void {
    const e = this.#byKey.get(key(link, ip));
    if (!e || e.permanent) return;
    this.known[e.index] = 0;
    e.mac = undefined;
    e.asked = Number.NEGATIVE_INFINITY;
    this.#release(e, this.onFailed);
  }

  remove(link: number, ip: number): void {
    const e = this.#byKey.get(key(link, ip));
    if (!e) return;
    this.known[e.index] = 0;
    e.mac = undefined;
    e.permanent = false;
    e.asked = Number.NEGATIVE_INFINITY;
    this.#release(e, this.onFailed);
  }

  list(): readonly NeighbourView[] {
    return [...this.#byKey.values()].filter(e => e.mac !== undefined || e.waiting.length > 0).map(e => this.#view(e));
  }

  resolver(ask: (link: number, ip: number) => void): Disposable {
    this.#ask = ask;
    // Whoever waited while there was no resolver is asked for now.
    for (const e of this.#byKey.values()) if (e.waiting.length > 0) { e.asked = this.#clock.now(); ask(e.link, e.ip); }
    return { dispose: () => { if (this.#ask === ask) this.#ask = undefined; } };
  }

  /** Keeps a copy of a packet until its next hop is known; false when the queues are full (the caller counts the drop). */
  wait(index: number, p: Packet): boolean {
    const e = this.#byIndex[index];
    if (!e) return false;
    const now = this.#clock.now();
    if (now - e.asked >= ASK_MS) { e.asked = now; this.#ask?.(e.link, e.ip); }
    if (this.known[index]) { // the resolver knew at once
      const again = this.#pool.take();
      if (!again) return false;
      again.copyFrom(p);
      this.onResolved?.([again]);
      return true;
    }
    if (e.waiting.length >= WAIT_EACH) { this.overflow++; return false; }
    if (this.#waiting >= WAIT_ALL) this.#crowdOut();
    const copy = this.#pool.take();
    if (!copy) return false;
    copy.copyFrom(p);
    if (e.waiting.length === 0) this.#queue.add(e);
    e.waiting.push(copy);
    this.#waiting++;
    return true;
  }

  /** Whoever waits longest gives way: a host that is there answers at once, and a flood to absent ones must not shut it out. */
  #crowdOut(): void {
    const oldest = this.#queue.values().next().value;
    if (!oldest) return;
    this.overflow += oldest.waiting.length;
    this.#release(oldest, undefined);
  }

  #release(e: Entry, to: ((waiting: readonly Packet[]) => void) | undefined): void {
    if (e.waiting.length === 0) return;
    const waiting = e.waiting;
    e.waiting = [];
    this.#queue.delete(e);
    this.#waiting -= waiting.length;
    if (to) to(waiting); else for (const p of waiting) this.#pool.free(p);
  }

  #entry(link: number, ip: number): Entry | undefined {
    const k = key(link, ip);
    const have = this.#byKey.get(k);
    if (have) return have;
    let index = this.#free.pop();
    if (index === undefined && this.#byIndex.length < MOST) index = this.#byIndex.length;
    if (index === undefined) index = this.#evict();
    if (index === undefined) { this.overflow++; return undefined; }
    const e: Entry = { index, link, ip, mac: undefined, permanent: false, confirmed: 0, asked: Number.NEGATIVE_INFINITY, waiting: [] };
    this.#byIndex[index] = e;
    this.#byKey.set(k, e);
    this.port[index] = link;
    return e;
  }

  /** The number of an unresolved entry that nobody waits for. Flows that still carry the number find another address behind it,
   *  so such an entry is only taken when no packet used it for a minute; they are decided again by then (see `reused`). */
  #evict(): number | undefined {
    const now = this.#clock.now();
    for (const e of this.#byKey.values()) {
      if (e.permanent || e.waiting.length > 0 || now - this.used[e.index]! < 60_000) continue;
      this.#byKey.delete(key(e.link, e.ip));
      this.known[e.index] = 0;
      this.reused?.();
      return e.index;
    }
    return undefined;
  }
  /** An entry's number got another meaning: flows must be decided again. */
  reused: (() => void) | undefined;

  #view(e: Entry): NeighbourView {
    const now = this.#clock.now();
    return { link: e.link, ip: e.ip, mac: e.mac, permanent: e.permanent, port: this.port[e.index]!, ageMs: now - e.confirmed, idleMs: now - this.used[e.index]! };
  }
}

/** link and address in one exact number (links stay below 2^15). */
const key = (link: number, ip: number): number => link * 0x1_0000_0000 + (ip >>> 0);
