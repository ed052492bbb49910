import { copyBytes } from '../../sdk/wire/fragment.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';

/** Puts fragments together again (RFC 815, strict about overlaps as RFC 5722 is). Bounded in time, octets and per source. */
export interface Limits {
  /** From the first fragment to arrive until the datagram is given up (RFC 1122 §3.3.2 says 60–120 s, hosts use 30 s). */
  readonly timeoutMs: number;
  /** Octets held, with an allowance for book-keeping: of all, and of one source. */
  readonly most: number;
  readonly mostOfSource: number;
}
const defaultLimits: Limits = { timeoutMs: 30_000, most: 4 << 20, mostOfSource: 1 << 20 };

/** What a fragment led to. Everything but 'held' and 'whole' is a reason to drop it. */
export type Outcome = 'held' | 'whole' | 'duplicate' | 'overlap' | 'too-long' | 'misaligned' | 'empty';

interface Part { readonly from: number; readonly to: number; readonly data: Uint8Array }
interface Datagram {
  readonly key: string;
  readonly src: number;
  readonly link: number;
  readonly until: number;
  /** In order, without overlap. */
  parts: Part[];
  /** Header (with options) of the first fragment, once it came. */
  header: Uint8Array | undefined;
  /** Octets of data in all, once the last fragment came; -1 before. */
  size: number;
  have: number;
  cost: number;
  /** Overlapped or impossible: kept only so that the rest of it is dropped as well. */
  dead: boolean;
}
/** A datagram given up whose first fragment had come: header and data for the ICMP error. */
export interface Expired { readonly link: number; readonly packet: Uint8Array }

const DATAGRAM_COST = 256;
const PART_COST = 128;
const LARGEST = 65_535;

export class Reassembly {
  readonly #limits: Limits;
  /** Oldest first, for a Map keeps the order of insertion. */
  readonly #all = new Map<string, Datagram>();
  readonly #costOfSource = new Map<number, number>();
  #cost = 0;
  #whole: Datagram | undefined;
  /** Datagrams thrown out for want of room. */
  evicted = 0;

  constructor(limits: Limits = defaultLimits) {
    this.#limits = limits;
  }

  /** Datagrams begun and not ended. */
  get size(): number { return this.#all.size; }
  /** Octets held. */
  get held(): number { return this.#cost; }

  deadline(): number | undefined {
    for (const d of this.#all.values()) return d.until;
    return undefined;
  }

  /** Takes a fragment whose IP header is at l3 and was checked. After 'whole', `write` gives the datagram. */
  add(buf: Uint8Array, l3: number, link: number, now: number): Outcome {
    const headerLen = ipv4.headerLen(buf, l3);
    const size = ipv4.totalLen(buf, l3) - headerLen;
    const from = ipv4.fragmentOffset(buf, l3);
    const to = from + size;
    const more = ipv4.moreFragments(buf, l3);
    if (size <= 0) return 'empty';
    if (more && size & 7) return 'misaligned';
    const d = this.#find(buf, l3, link, now);
    if (d.dead) return 'overlap';
    // The ping of death: offset and size beyond what an IP packet can be.
    if (to + 20 > LARGEST) return this.#kill(d, 'too-long');
    const reach = d.parts.length ? (d.parts[d.parts.length - 1] as Part).to : 0;
    if (d.size >= 0 ? to > d.size || (!more && to !== d.size) : !more && reach > to) return this.#kill(d, 'overlap');
    const at = position(d.parts, from);
    const before = d.parts[at - 1];
    const behind = d.parts[at];
    if (behind && behind.from === from && behind.to === to) {
      // The network may double a packet (RFC 8200 §4.5 allows to ignore that); other data at the same place is an attack.
      return same(behind.data, buf, l3 + headerLen) ? 'duplicate' : this.#kill(d, 'overlap');
    }
    if ((before && before.to > from) || (behind && behind.from < to)) return this.#kill(d, 'overlap');
    if (!more) d.size = to;
    if (from === 0) d.header = buf.slice(l3, l3 + headerLen);
    d.parts.splice(at, 0, { from, to, data: buf.slice(l3 + headerLen, l3 + headerLen + size) });
    d.have += size;
    this.#charge(d, size + PART_COST);
    if (d.have === d.size && d.header) {
      if (d.header.length + d.size > LARGEST) return this.#kill(d, 'too-long');
      this.#remove(d);
      this.#whole = d;
      return 'whole';
    }
    this.#makeRoom(d);
    return 'held';
  }

  /** Octets of the datagram that just became whole. */
  wholeLen(): number {
    const d = this.#whole;
    return d?.header ? d.header.length + d.size : 0;
  }

  /** Writes it to buf at `at`, with a header that says so; the caller has looked for room. Once. */
  write(buf: Uint8Array, at: number): void {
    const d = this.#whole;
    this.#whole = undefined;
    if (!d?.header) return;
    const headerLen = d.header.length;
    buf.set(d.header, at);
    for (const part of d.parts) copyBytes(part.data, 0, part.data.length, buf, at + headerLen + part.from);
    ipv4.setTotalLen(buf, at, headerLen + d.size);
    // Don't-fragment goes as well: its sender let it be fragmented, so it may be again.
    ipv4.setFlagsFragment(buf, at, 0);
    ipv4.writeChecksum(buf, at);
  }

  /** Gives up what is too old; tells which of it deserves an ICMP time exceeded, code 1. */
  expire(now: number): readonly Expired[] {
    const out: Expired[] = [];
    for (const d of this.#all.values()) {
      if (d.until > now) break;
      this.#remove(d);
      const first = d.parts[0];
      if (!d.header || d.dead || !first || first.from !== 0) continue;
      const packet = new Uint8Array(d.header.length + first.data.length);
      packet.set(d.header);
      packet.set(first.data, d.header.length);
      out.push({ link: d.link, packet });
    }
    return out;
  }

  #find(buf: Uint8Array, l3: number, link: number, now: number): Datagram {
    const src = ipv4.src(buf, l3);
    const key = `${src} ${ipv4.dst(buf, l3)} ${ipv4.id(buf, l3)} ${ipv4.protocol(buf, l3)} ${link}`;
    const known = this.#all.get(key);
    if (known && known.until > now) return known;
    if (known) this.#remove(known);
    const d: Datagram = { key, src, link, until: now + this.#limits.timeoutMs, parts: [], header: undefined, size: -1, have: 0, cost: 0, dead: false };
    this.#all.set(key, d);
    this.#charge(d, DATAGRAM_COST);
    return d;
  }

  #kill(d: Datagram, why: Outcome): Outcome {
    d.dead = true;
    d.parts = [];
    d.header = undefined;
    this.#charge(d, DATAGRAM_COST - d.cost);
    this.#makeRoom(d);
    return why;
  }

  #charge(d: Datagram, cost: number): void {
    d.cost += cost;
    this.#cost += cost;
    const sum = (this.#costOfSource.get(d.src) ?? 0) + cost;
    if (sum > 0) this.#costOfSource.set(d.src, sum);
    else this.#costOfSource.delete(d.src);
  }

  #remove(d: Datagram): void {
    this.#all.delete(d.key);
    this.#charge(d, -d.cost);
  }

  /** The oldest goes: of the source that has too much, then of all. The datagram just added to goes last. */
  #makeRoom(present: Datagram): void {
    const { most, mostOfSource } = this.#limits;
    const tooMuch = () => (this.#costOfSource.get(present.src) ?? 0) > mostOfSource;
    if (!tooMuch() && this.#cost <= most) return;
    for (const d of this.#all.values()) {
      if (!tooMuch() && this.#cost <= most) return;
      if (d === present || (tooMuch() && d.src !== present.src)) continue;
      this.#remove(d);
      this.evicted++;
    }
    if (tooMuch() || this.#cost > most) {
      this.#remove(present);
      this.evicted++;
    }
  }
}

/** Index of the first part that begins at `from` or later. */
function position(parts: readonly Part[], from: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((parts[mid] as Part).from < from) low = mid + 1;
    else high = mid;
  }
  return low;
}

function same(data: Uint8Array, buf: Uint8Array, at: number): boolean {
  for (let i = 0; i < data.length; i++) if (data[i] !== buf[at + i]) return false;
  return true;
}
