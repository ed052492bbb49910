import * as ipv4 from './ipv4.ts';

/** What is cut up: an IPv4 packet in a buffer, with whatever link header lies in [off, l3). A `Packet` is one. */
export interface Source {
  readonly buf: Uint8Array;
  readonly off: number;
  readonly len: number;
  readonly l3: number;
  readonly l4: number;
}

/** Where a piece is written, from `off` on. A fresh `Packet` is one; its room is [base, base + room). */
export interface Piece {
  buf: Uint8Array;
  readonly base: number;
  readonly room: number;
  off: number;
  len: number;
  l3: number;
  l4: number;
}

/** Copies [from, to) of one buffer to `at` in another, which may be the same one. */
export function copyBytes(src: Uint8Array, from: number, to: number, dst: Uint8Array, at: number): void {
  // Link headers and IP headers are a few dozen octets: there a loop is cheaper than a view.
  if (to - from <= 64) for (let i = from, o = at; i < to; i++, o++) dst[o] = src[i] as number;
  else if (src === dst) dst.copyWithin(at, from, to);
  else dst.set(src.subarray(from, to), at);
}

const COPIED = 0x80;
const END = 0;
const NOP = 1;

/** Turns the options of a copied header into those of a later fragment (RFC 791 §3.1: the copied flag); returns the new header length. */
function keepCopiedOptions(buf: Uint8Array, l3: number, headerLen: number): number {
  let to = l3 + 20;
  for (let at = l3 + 20; at < l3 + headerLen;) {
    const kind = buf[at] as number;
    if (kind === END) break;
    if (kind === NOP) { at++; continue; }
    const size = at + 1 < l3 + headerLen ? buf[at + 1] as number : 0;
    if (size < 2 || at + size > l3 + headerLen) break;
    if (kind & COPIED) {
      copyBytes(buf, at, at + size, buf, to);
      to += size;
    }
    at += size;
  }
  while ((to - l3) & 3) buf[to++] = END;
  return to - l3;
}

/**
 * Cuts an IPv4 packet into fragments of at most `mtu` octets (RFC 791 §3.2), each with the source's link header in
 * front. `take` gives room for one, `emit` gets it filled (len, l3 and l4 set; the other facts are the caller's). The
 * source must have its transport checksum finished. Says how many were emitted: 0 when the packet must not (DF) or
 * cannot be fragmented, -1 when `take` had no more, so that the pieces emitted so far are worthless.
 */
export function fragment<P extends Piece>(src: Source, mtu: number, take: () => P | undefined, emit: (piece: P) => void): number {
  const { buf, l3 } = src;
  const end = src.off + src.len;
  if (!ipv4.fits(buf, l3, end) || ipv4.dontFragment(buf, l3)) return 0;
  const header = ipv4.headerLen(buf, l3);
  const total = ipv4.totalLen(buf, l3);
  // A fragment may be fragmented again: its offset and its more-fragments flag carry on.
  const before = ipv4.fragmentOffset(buf, l3);
  const last = !ipv4.moreFragments(buf, l3);
  const most = (mtu - header) & ~7;
  if (most < 8) return 0;
  let count = 0;
  for (let done = header; done < total;) {
    const piece = take();
    if (!piece) return -1;
    const at = piece.off + (l3 - src.off);
    copyBytes(buf, src.off, l3 + header, piece.buf, piece.off);
    const own = count === 0 ? header : keepCopiedOptions(piece.buf, at, header);
    const room = (mtu - own) & ~7;
    const size = total - done <= mtu - own ? total - done : room;
    copyBytes(buf, l3 + done, l3 + done + size, piece.buf, at + own);
    const more = !last || done + size < total;
    piece.buf[at] = 0x40 | (own >> 2);
    ipv4.setTotalLen(piece.buf, at, own + size);
    ipv4.setFlagsFragment(piece.buf, at, (more ? 0x2000 : 0) | ((before + done - header) >> 3));
    ipv4.writeChecksum(piece.buf, at);
    piece.l3 = at;
    piece.l4 = before + done - header === 0 ? at + own : 0;
    piece.len = l3 - src.off + own + size;
    done += size;
    count++;
    emit(piece);
  }
  return count;
}

/** The same for bytes that begin with the IP header; for control protocols and tests. [] when it must not or cannot be done. */
export function fragments(packet: Uint8Array, mtu: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  const take = (): Piece => ({ buf: new Uint8Array(mtu), base: 0, room: mtu, off: 0, len: 0, l3: 0, l4: 0 });
  fragment({ buf: packet, off: 0, len: packet.length, l3: 0, l4: 0 }, mtu, take, (p) => out.push(p.buf.subarray(p.off, p.off + p.len)));
  return out;
}
