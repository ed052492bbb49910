import type { Clock } from '../../sdk/clock.ts';
import type { Events } from '../../sdk/events.ts';
import type { Link, LinkHost, LinkInfo, LinkKind, Links, LinkStats } from '../../sdk/link.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { emptyStats, sumStats } from './stats.ts';

/** A link on a device that can go away. `dead`: will never carry a packet again. `probe`: look whether carrier, MTU or the device changed. */
export interface DeviceLink extends Link {
  readonly dead: boolean;
  probe(): void;
}

export interface Emitter { emit<K extends keyof Events>(topic: K, event: Events[K]): void }
/** Who waits for descriptors to become readable (kernel/links/readiness.ts). */
export interface Watcher { watch(fd: number): Disposable }
export type Opener = (host: LinkHost) => Link;

const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 30_000;
/** Carrier and MTU of a packet socket's device come without a sign on the socket itself. */
const PROBE_MS = 1_000;

const isDevice = (link: Link): link is DeviceLink => 'probe' in link;

/**
 * All links by number. A number belongs to a name for the life of the process, through closing, retrying and reload. A link
 * that cannot be opened, dies or vanishes is reported and tried again after 1, 2, 4 … 30 s; the others go on.
 */
export class LinkRegistry implements Links {
  /** What is open now, by id; for the engine. */
  readonly opened: (Link | undefined)[] = [];
  readonly #entries: Entry[] = [];
  readonly #ids = new Map<string, number>();
  readonly #wakers = new Set<() => void>();
  readonly #events: Emitter;
  readonly #clock: Clock;
  readonly #watcher: Watcher | undefined;
  #probing: Disposable | undefined;

  constructor(events: Emitter, clock: Clock, watcher?: Watcher) {
    this.#events = events;
    this.#clock = clock;
    this.#watcher = watcher;
  }

  /** Opens now; when that fails, the reason is in the entry's `why` and it is tried again. Throws only when the name is in use. */
  open(name: string, opener: Opener): { readonly id: number } & Disposable {
    const id = this.#ids.get(name) ?? this.#entries.length;
    let entry = this.#entries[id];
    if (entry?.opener) throw new Error(`link ${name}: is in use already`);
    if (!entry) {
      entry = new Entry(id, name);
      this.#ids.set(name, id);
      this.#entries.push(entry);
      this.opened.push(undefined);
    }
    entry.opener = opener;
    entry.waitMs = RETRY_FIRST_MS;
    this.#start(entry);
    const held = entry;
    return {
      id,
      dispose: () => {
        if (held.opener !== opener) return;
        held.opener = undefined;
        void held.retry?.dispose();
        held.retry = undefined;
        this.#stop(held, 'closed');
      },
    };
  }

  /** Closes and opens again at once, or tries now what waits for its next try. */
  reopen(id: number): void {
    const entry = this.#entries[id];
    if (!entry?.opener) return;
    void entry.retry?.dispose();
    entry.retry = undefined;
    this.#stop(entry, 're-opened');
    this.#start(entry);
  }

  /** A link misbehaves (threw, say): closed, reported and tried again later. */
  fail(id: number, why: string): void {
    const entry = this.#entries[id];
    if (!entry?.link) return;
    this.#stop(entry, why);
    this.#retryLater(entry);
  }

  get(id: number): Link | undefined { return this.opened[id]; }

  list(): readonly LinkInfo[] { return this.#entries.filter((e) => e.opener); }

  byName(name: string): LinkInfo | undefined {
    const entry = this.#entries[this.#ids.get(name) ?? -1];
    return entry?.opener ? entry : undefined;
  }

  /** Also of a link that is closed by now. */
  byId(id: number): LinkInfo | undefined { return this.#entries[id]; }

  /** Called when packets wait in a link that has no descriptor to poll. */
  onWake(fn: () => void): Disposable {
    this.#wakers.add(fn);
    return { dispose: () => void this.#wakers.delete(fn) };
  }

  /** Closes everything. */
  close(): void {
    for (const entry of this.#entries) {
      entry.opener = undefined;
      void entry.retry?.dispose();
      entry.retry = undefined;
      this.#stop(entry, 'closed');
    }
  }

  #start(entry: Entry): void {
    const opener = entry.opener;
    if (!opener) return;
    let current: Link | undefined;
    const host: LinkHost = {
      wake: () => { for (const fn of this.#wakers) fn(); },
      changed: (why) => { if (current && entry.link === current) this.#changed(entry, current, why); },
    };
    let link: Link;
    try {
      link = opener(host);
    } catch (error) {
      this.#report(entry, false, error instanceof Error ? error.message : String(error));
      this.#retryLater(entry);
      return;
    }
    current = link;
    entry.waitMs = RETRY_FIRST_MS;
    entry.link = link;
    this.opened[entry.id] = link;
    if (link.fd >= 0) entry.watch = this.#watcher?.watch(link.fd);
    if (isDevice(link)) this.#probing ??= this.#clock.every(PROBE_MS, () => this.#probe());
    this.#changed(entry, link, link.up ? '' : 'no carrier');
    host.wake();
  }

  #stop(entry: Entry, why: string): void {
    const link = entry.link;
    if (link) {
      entry.remember(link);
      entry.link = undefined;
      this.opened[entry.id] = undefined;
      void entry.watch?.dispose();
      entry.watch = undefined;
      try { link.close(); } catch (error) { why += ` (closing: ${String(error)})`; }
      if (!this.opened.some((l) => l && isDevice(l))) {
        void this.#probing?.dispose();
        this.#probing = undefined;
      }
    }
    this.#report(entry, false, why);
  }

  #retryLater(entry: Entry): void {
    entry.retry = this.#clock.after(entry.waitMs, () => {
      entry.retry = undefined;
      this.#start(entry);
    });
    entry.waitMs = Math.min(entry.waitMs * 2, RETRY_MOST_MS);
  }

  #changed(entry: Entry, link: Link, why: string): void {
    if (isDevice(link) && link.dead) {
      this.fail(entry.id, why);
      return;
    }
    if (entry.toldMtu !== link.mtu) {
      const first = entry.toldMtu === 0;
      entry.toldMtu = link.mtu;
      if (!first) this.#events.emit('link/mtu', { link: entry.id, name: entry.name, mtu: link.mtu });
    }
    if (entry.link === link) this.#report(entry, link.up, why);
  }

  /** Tells the rest of the router, once per change. */
  #report(entry: Entry, up: boolean, why: string): void {
    entry.why = up ? '' : why;
    if (entry.toldUp === up) return;
    entry.toldUp = up;
    if (up) this.#events.emit('link/up', { link: entry.id, name: entry.name });
    else this.#events.emit('link/down', { link: entry.id, name: entry.name, why });
  }

  #probe(): void {
    for (const link of this.opened) if (link && isDevice(link)) link.probe();
  }
}

class Entry implements LinkInfo {
  readonly id: number;
  readonly name: string;
  link: Link | undefined = undefined;
  opener: Opener | undefined = undefined;
  retry: Disposable | undefined = undefined;
  watch: Disposable | undefined = undefined;
  waitMs = RETRY_FIRST_MS;
  why = 'not opened yet';
  /** What the last events said. */
  toldUp: boolean | undefined = undefined;
  toldMtu = 0;
  /** As long as no link is open: what the last one was. */
  #kind: LinkKind = 'virtual';
  #framing: 'ether' | 'ip' = 'ether';
  #mac: Uint8Array = new Uint8Array(6);
  #before: LinkStats = emptyStats();

  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
  }

  get kind(): LinkKind { return this.link?.kind ?? this.#kind; }
  get framing(): 'ether' | 'ip' { return this.link?.framing ?? this.#framing; }
  get mac(): Uint8Array { return this.link?.mac ?? this.#mac; }
  get mtu(): number { return this.link?.mtu ?? this.toldMtu; }
  get up(): boolean { return this.link?.up ?? false; }
  /** Since the name was first opened, over all re-openings. */
  get stats(): LinkStats { return this.link ? sumStats(this.#before, this.link.stats) : this.#before; }

  remember(link: Link): void {
    this.#kind = link.kind;
    this.#framing = link.framing;
    this.#mac = link.mac;
    this.#before = sumStats(this.#before, link.stats);
  }
}
