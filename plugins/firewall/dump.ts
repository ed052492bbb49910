import type { Packet } from '../../sdk/index.ts';
import { describe } from '../../sdk/wire/describe.ts';

/** Packets that are kept, and octets of each. */
const DUMP_KEPT = 32;
const OCTETS_KEPT = 2048;
/** Octets that are shown in hexadecimal, as the original does. */
const OCTETS_SHOWN = 64;
const LINE = 16;

export interface Dumped {
  /** Clock time, ms. */
  readonly at: number;
  readonly link: number;
  /** Numbers of zones, and the reason, as in Refusal. */
  readonly from: number; readonly to: number; readonly why: number;
  /** One line, in the manner of tcpdump. */
  readonly words: string;
  /** The first octets from the IP header on. */
  readonly octets: Uint8Array;
}

interface Kept { at: number; link: number; from: number; to: number; why: number; len: number; kept: number; ip: number }

/** The last packets that the firewall refused, as they came in: a ring that has memory only while it is switched on. */
export class PacketDump {
  #ring: Uint8Array | undefined;
  #kept: Kept[] = [];
  #n = 0;

  get active(): boolean { return this.#ring !== undefined; }

  switch(on: boolean): void {
    if (on === this.active) return;
    this.#ring = on ? new Uint8Array(DUMP_KEPT * OCTETS_KEPT) : undefined;
    this.clear();
  }

  clear(): void {
    this.#kept = [];
    this.#n = 0;
  }

  put(p: Packet, at: number, from: number, to: number, why: number): void {
    const ring = this.#ring;
    if (!ring) return;
    const place = this.#n++ % DUMP_KEPT;
    const kept = Math.min(p.len, OCTETS_KEPT);
    ring.set(p.buf.subarray(p.off, p.off + kept), place * OCTETS_KEPT);
    this.#kept[place] = { at, link: p.inLink, from, to, why, len: p.len, kept, ip: Math.max(0, p.l3 - p.off) };
  }

  /** The latest first. */
  list(): Dumped[] {
    const found: Dumped[] = [];
    for (let n = this.#n - 1; n >= 0 && n >= this.#n - DUMP_KEPT; n--) found.push(this.#at(n % DUMP_KEPT));
    return found;
  }

  #at(place: number): Dumped {
    const { ip, len, kept, ...rest } = this.#kept[place]!;
    const start = place * OCTETS_KEPT;
    const ring = this.#ring!;
    const words = describe(ring, start, start + kept, ip === 0 ? 'ip' : 'ether');
    return { ...rest, words: kept < len ? `${words}; ${kept} of ${len} octets kept` : words, octets: ring.slice(start + ip, start + Math.min(kept, ip + OCTETS_SHOWN)) };
  }
}

/** '0000  45 00 00 28 …  E..(', sixteen octets a line. */
export function hexLines(octets: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += LINE) {
    const part = [...octets.subarray(at, at + LINE)];
    const hex = part.map((o) => o.toString(16).padStart(2, '0')).join(' ');
    const text = part.map((o) => o >= 0x20 && o < 0x7f ? String.fromCharCode(o) : '.').join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(LINE * 3 - 1)}  ${text}`);
  }
  return lines;
}
