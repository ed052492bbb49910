import type { Clock } from '../../sdk/index.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';

interface Partial { readonly pieces: { readonly at: number; readonly data: Uint8Array }[]; header: Uint8Array | undefined; total: number | undefined }

const TIMEOUT_MS = 30_000;
const MOST = 16;

/** Puts the fragments of a datagram together (RFC 791 §3.2); overlapping ones spoil it (RFC 5722's lesson). */
export class Reassembly {
  readonly #clock: Clock;
  readonly #partials = new Map<string, Partial>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a packet (checked by ipv4.fits); answers the whole datagram when there is one. */
  take(packet: Uint8Array): Uint8Array | undefined {
    if (!ipv4.isFragment(packet, 0)) return packet;
    const key = `${ipv4.src(packet, 0)} ${ipv4.dst(packet, 0)} ${ipv4.protocol(packet, 0)} ${ipv4.id(packet, 0)}`;
    const have = this.#partials.get(key) ?? this.#start(key);
    if (!have) return undefined;
    const head = ipv4.headerLen(packet, 0);
    const at = ipv4.fragmentOffset(packet, 0);
    const data = packet.slice(head, ipv4.totalLen(packet, 0));
    if (at === 0) have.header = packet.slice(0, head);
    if (!ipv4.moreFragments(packet, 0)) have.total = at + data.length;
    if (!have.pieces.some(p => p.at === at)) have.pieces.push({ at, data });
    return this.#whole(key, have);
  }

  #start(key: string): Partial | undefined {
    if (this.#partials.size >= MOST) return undefined;
    const fresh: Partial = { pieces: [], header: undefined, total: undefined };
    this.#partials.set(key, fresh);
    this.#clock.after(TIMEOUT_MS, () => { if (this.#partials.get(key) === fresh) this.#partials.delete(key); });
    return fresh;
  }

  #whole(key: string, have: Partial): Uint8Array | undefined {
    if (have.header === undefined || have.total === undefined) return undefined;
    have.pieces.sort((a, b) => a.at - b.at);
    let end = 0;
    for (const p of have.pieces) {
      if (p.at > end) return undefined;
      if (p.at < end) { this.#partials.delete(key); return undefined; }
      end += p.data.length;
    }
    if (end < have.total) return undefined;
    this.#partials.delete(key);
    const head = have.header.length;
    if (end !== have.total || head + end > 65_535) return undefined;
    const packet = new Uint8Array(head + end);
    packet.set(have.header);
    for (const p of have.pieces) packet.set(p.data, head + p.at);
    ipv4.setTotalLen(packet, 0, packet.length);
    ipv4.setFlagsFragment(packet, 0, 0);
    ipv4.writeChecksum(packet, 0);
    return packet;
  }
}
