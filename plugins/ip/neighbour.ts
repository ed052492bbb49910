import type { Machine } from '../../sdk/index.ts';
import * as arp from '../../sdk/wire/arp.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import { Bucket, Buckets } from './bucket.ts';
import type { In, Known, Options, Out, Reason, Surroundings } from './neighbour-messages.ts';

interface Asking { readonly how: 'broadcast' | 'unicast'; /** No answer leaves the entry as it was. */ readonly keep: boolean; tries: number; due: number }
interface Entry { readonly link: number; readonly ip: number; mac: Uint8Array | undefined; port: number; permanent: boolean; confirmed: number; asking: Asking | undefined; failedUntil: number | undefined; wanted: boolean }

const RETRY_MS = 1000;
const TRIES = 3;
const NEGATIVE_MS = 3000;
/** RFC 5227 §1.1. */
const ANNOUNCE_NUM = 2;
const ANNOUNCE_INTERVAL_MS = 2000;
const DEFEND_INTERVAL_MS = 10_000;

const key = (link: number, ip: number): number => link * 0x1_0000_0000 + ip;
const sameMac = (a: Uint8Array, b: Uint8Array): boolean => ethernet.sameMac(a, 0, b);

/** ARP (RFC 826) as a machine: asks, answers for own addresses, ages, and never learns what it did not ask for. */
export class NeighbourMachine implements Machine<In, Out> {
  options: Options;
  readonly #around: Surroundings;
  readonly #entries = new Map<number, Entry>();
  readonly #announcing: { readonly link: number; readonly ip: number; left: number; due: number }[] = [];
  readonly #defended = new Map<number, number>();
  /** Limits per link: packets looked at, and broadcasts sent. */
  readonly #heard = new Buckets(500, 500, 64);
  readonly #asked = new Buckets(100, 100, 64);
  readonly #gratuitous = new Bucket(20, 20);
  #due = Number.POSITIVE_INFINITY;
  #out: Out[] = [];

  constructor(options: Options, around: Surroundings, carried: readonly Omit<Known, 'state'>[] = []) {
    this.options = options;
    this.#around = around;
    for (const c of carried) {
      if (!c.mac) continue;
      this.#entries.set(key(c.link, c.ip), { ...c, asking: undefined, failedUntil: undefined, wanted: false });
      if (!c.permanent) this.#wake(c.confirmed + options.ageMs);
    }
  }

  deadline(): number | undefined {
    return this.#due === Number.POSITIVE_INFINITY ? undefined : this.#due;
  }

  list(): Known[] {
    return [...this.#entries.values()].map(({ link, ip, mac, port, permanent, confirmed, asking }) => ({
      link, ip, mac, port, permanent, confirmed,
      state: permanent ? 'permanent' : asking ? (mac ? 'confirming' : 'asking') : mac ? 'known' : 'failed',
    }));
  }

  step(input: In, now: number): readonly Out[] {
    this.#out = [];
    switch (input.kind) {
      case 'arp': this.#arp(input, now); break;
      case 'need': this.#need(input.link, input.ip, now); break;
      case 'resolve': this.#resolve(input.link, input.ip, now); break;
      case 'permanent': this.#permanent(input.link, input.ip, input.mac, now); break;
      case 'forget': this.#forget(this.#entries.get(key(input.link, input.ip))); break;
      case 'flush': for (const e of [...this.#entries.values()]) if (!e.permanent && (input.link ?? e.link) === e.link) this.#forget(e); break;
      case 'announce': this.#announce(input.link, input.ip, now); break;
      case 'recheck': for (const e of [...this.#entries.values()]) if (e.link === input.link) this.#aged(e, now); break;
      case 'tick': this.#tick(now); break;
    }
    return this.#out;
  }

  #arp(a: Extract<In, { kind: 'arp' }>, now: number): void {
    const mine = this.#around.mac(a.link);
    if (!mine || (a.sha[0] as number) & 1 || sameMac(a.sha, ethernet.ZERO)) { this.#count('arp: bad sender'); return; }
    if (a.op === arp.OP_REPLY && this.#answer(a, now)) return;
    if (!this.#heard.take(a.link, now)) { this.#count('arp: storm'); return; }
    if (this.#around.owns(a.link, a.spa)) {
      if (sameMac(a.sha, mine)) this.#count('arp: own echo');
      else this.#conflict(a, now);
      return;
    }
    if (a.spa !== 0 && a.spa === a.tpa) { this.#gratuitousFrom(a, now); return; }
    if (a.op === arp.OP_REPLY) { this.#count('arp: unasked'); return; }
    if (a.op !== arp.OP_REQUEST || !this.#around.owns(a.link, a.tpa)) { this.#count('arp: not for us'); return; }
    // RFC 5227 §1.1: a probe has no sender address, and is answered like any other request.
    // Providers ask from gateways in other networks; an answer teaches us nothing, and goes where packets to the sender would go anyway.
    if (a.spa !== 0 && !this.#local(a) && !this.#around.routed(a.link, a.spa)) { this.#count('arp: other network'); return; }
    this.#out.push({ kind: 'send', link: a.link, op: arp.OP_REPLY, dstMac: a.sha, spa: a.tpa, tha: a.sha, tpa: a.spa });
    const e = this.#entries.get(key(a.link, a.spa));
    // A host that came back with another card or on another wire: it is asked, not believed.
    if (e?.mac && !e.permanent && !e.asking && (!sameMac(e.mac, a.sha) || e.port !== a.port)) this.#ask(e, 'unicast', false, now);
  }

  /** True when this is an answer to a question of ours. */
  #answer(a: Extract<In, { kind: 'arp' }>, now: number): boolean {
    const e = this.#entries.get(key(a.link, a.spa));
    if (!e?.asking || e.asking.tries === 0 || e.permanent || !this.#around.owns(a.link, a.tpa) || this.#around.owns(a.link, a.spa)) return false;
    // Asked by unicast, only the one that was asked can answer.
    if (e.asking.how === 'unicast' && !(e.mac && sameMac(e.mac, a.sha))) return false;
    e.mac = a.sha.slice();
    e.port = a.port;
    e.confirmed = now;
    e.asking = undefined;
    e.failedUntil = undefined;
    e.wanted = false;
    this.#wake(now + this.options.ageMs);
    this.#out.push({ kind: 'set', link: e.link, ip: e.ip, mac: e.mac, port: e.port, permanent: false });
    return true;
  }

  /** The table of the original's manual: whatever is learnt comes from the answer to an own request. */
  #gratuitousFrom(a: Extract<In, { kind: 'arp' }>, now: number): void {
    const { active, forceUpdate } = this.options.ackGratuitous;
    if (!active) { this.#count('arp: gratuitous ignored'); return; }
    if (!this.#local(a)) { this.#count('arp: other network'); return; }
    const known = this.#entries.get(key(a.link, a.spa));
    if (known?.mac && (known.permanent || !forceUpdate)) { this.#count('arp: gratuitous kept'); return; }
    if (known?.asking?.how === 'broadcast') return;
    if (!this.#gratuitous.take(now)) { this.#count('arp: storm'); return; }
    const e = known ?? this.#make(a.link, a.spa, now);
    if (e) this.#ask(e, 'broadcast', true, now);
  }

  #conflict(a: Extract<In, { kind: 'arp' }>, now: number): void {
    const k = key(a.link, a.spa);
    const last = this.#defended.get(k);
    if (last !== undefined && now - last < DEFEND_INTERVAL_MS) return;
    this.#defended.set(k, now);
    this.#out.push({ kind: 'conflict', link: a.link, ip: a.spa, mac: a.sha });
    this.#sendAnnouncement(a.link, a.spa);
  }

  #need(link: number, ip: number, now: number): void {
    const e = this.#entries.get(key(link, ip)) ?? this.#make(link, ip, now);
    if (!e) return;
    if (e.mac) {
      this.#out.push({ kind: 'set', link, ip, mac: e.mac, port: e.port, permanent: e.permanent });
      return;
    }
    if (e.failedUntil !== undefined) e.wanted = true;
    else if (!e.asking) this.#ask(e, 'broadcast', false, now);
  }

  #resolve(link: number, ip: number, now: number): void {
    const e = this.#entries.get(key(link, ip)) ?? this.#make(link, ip, now);
    if (!e || e.permanent) return;
    e.failedUntil = undefined;
    this.#ask(e, 'broadcast', e.mac !== undefined, now);
  }

  #permanent(link: number, ip: number, mac: Uint8Array, now: number): void {
    const e = this.#entries.get(key(link, ip)) ?? this.#make(link, ip, now);
    if (!e) return;
    Object.assign(e, { mac: mac.slice(), port: link, permanent: true, confirmed: now, asking: undefined, failedUntil: undefined });
    this.#out.push({ kind: 'set', link, ip, mac, port: link, permanent: true });
  }

  #forget(e: Entry | undefined): void {
    if (!e) return;
    this.#entries.delete(key(e.link, e.ip));
    this.#out.push({ kind: 'remove', link: e.link, ip: e.ip });
  }

  #announce(link: number, ip: number, now: number): void {
    this.#sendAnnouncement(link, ip);
    this.#announcing.push({ link, ip, left: ANNOUNCE_NUM - 1, due: now + ANNOUNCE_INTERVAL_MS });
    this.#wake(now + ANNOUNCE_INTERVAL_MS);
  }

  #sendAnnouncement(link: number, ip: number): void {
    if (!this.#around.owns(link, ip)) return;
    this.#out.push({ kind: 'send', link, op: arp.OP_REQUEST, dstMac: ethernet.BROADCAST, spa: ip, tha: ethernet.ZERO, tpa: ip });
  }

  #ask(e: Entry, how: Asking['how'], keep: boolean, now: number): void {
    e.asking = { how, keep, tries: 0, due: now };
    this.#try(e, e.asking, now);
  }

  #try(e: Entry, asking: Asking, now: number): void {
    asking.due = now + RETRY_MS;
    this.#wake(asking.due);
    const spa = this.#around.source(e.link, e.ip);
    if (spa === 0) {
      asking.tries++;
      return;
    }
    if (asking.how === 'broadcast' && !this.#asked.take(e.link, now)) { this.#count('arp: request limited'); return; }
    asking.tries++;
    const dstMac = asking.how === 'unicast' && e.mac ? e.mac : ethernet.BROADCAST;
    this.#out.push({ kind: 'send', link: e.link, op: arp.OP_REQUEST, dstMac, spa, tha: ethernet.ZERO, tpa: e.ip });
  }

  #tick(now: number): void {
    this.#due = Number.POSITIVE_INFINITY;
    for (const e of [...this.#entries.values()]) {
      if (e.permanent) continue;
      if (e.asking) {
        if (e.asking.due <= now) this.#unanswered(e, e.asking, now);
        else this.#wake(e.asking.due);
      } else if (e.failedUntil !== undefined) {
        if (e.failedUntil > now) this.#wake(e.failedUntil);
        else if (!e.wanted) this.#entries.delete(key(e.link, e.ip));
        else {
          e.failedUntil = undefined;
          e.wanted = false;
          this.#ask(e, 'broadcast', false, now);
        }
      } else if (e.confirmed + this.options.ageMs <= now) this.#aged(e, now);
      else this.#wake(e.confirmed + this.options.ageMs);
    }
    for (const a of [...this.#announcing]) {
      if (a.due > now) { this.#wake(a.due); continue; }
      this.#sendAnnouncement(a.link, a.ip);
      a.due = now + ANNOUNCE_INTERVAL_MS;
      if (--a.left > 0) this.#wake(a.due);
      else this.#announcing.splice(this.#announcing.indexOf(a), 1);
    }
  }

  #unanswered(e: Entry, asking: Asking, now: number): void {
    if (asking.tries < TRIES) { this.#try(e, asking, now); return; }
    if (asking.how === 'unicast') { this.#ask(e, 'broadcast', false, now); return; }
    e.asking = undefined;
    if (asking.keep && e.mac) {
      this.#wake(Math.max(e.confirmed + this.options.ageMs, now + RETRY_MS));
      return;
    }
    e.mac = undefined;
    e.failedUntil = now + NEGATIVE_MS;
    this.#wake(e.failedUntil);
    this.#out.push({ kind: 'failed', link: e.link, ip: e.ip });
  }

  /** In use: confirmed by unicast (RFC 1122 §2.3.2.1), while packets go on to the old address. */
  #aged(e: Entry, now: number): void {
    if (e.permanent || e.asking || !e.mac) return;
    if (this.#around.idleMs(e.link, e.ip) < this.options.ageMs) this.#ask(e, 'unicast', false, now);
    else this.#forget(e);
  }

  #make(link: number, ip: number, now: number): Entry | undefined {
    if (this.#entries.size >= this.options.most && !this.#evict(now)) {
      this.#count('arp: table full');
      return undefined;
    }
    const e: Entry = { link, ip, mac: undefined, port: link, permanent: false, confirmed: 0, asking: undefined, failedUntil: undefined, wanted: false };
    this.#entries.set(key(link, ip), e);
    return e;
  }

  /** What failed goes first, then what was not used for longest; what is being asked stays. */
  #evict(now: number): boolean {
    let worst: Entry | undefined;
    let idlest = 0;
    for (const e of this.#entries.values()) {
      if (e.permanent || e.asking) continue;
      const idle = e.mac ? Math.min(this.#around.idleMs(e.link, e.ip), now - e.confirmed) : Number.POSITIVE_INFINITY;
      if (idle > idlest || !worst) { worst = e; idlest = idle; }
    }
    this.#forget(worst);
    return worst !== undefined;
  }

  #local(a: { readonly link: number; readonly spa: number }): boolean {
    return this.options.attpret || this.#around.inSubnet(a.link, a.spa);
  }

  #wake(at: number): void {
    if (at < this.#due) this.#due = at;
  }

  #count(why: Reason): void {
    this.#out.push({ kind: 'count', why });
  }
}
