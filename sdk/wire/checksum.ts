/**
 * The Internet checksum (RFC 1071), its incremental update (RFC 1624), and updates of a CHECKSUM_PARTIAL field.
 *
 * A partial sum is a plain number below 2^53; it is folded to 16 bits once, at the end.
 */

/** From here on, reading four octets at a time pays for its set-up (octets). */
const LONG = 192;
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

// The 32-bit view of the buffer summed last: packets of an arena share one, and a view per packet would cost more than it saves.
let viewed: ArrayBufferLike | undefined;
let words: Uint32Array = new Uint32Array(0);

/**
 * Adds the 16-bit words of [from, to) to `start`. Words are counted from `from`, whatever its own parity; an odd last octet
 * is the high half of a word (RFC 1071 §1). When sums are chained, all parts but the last must have an even length.
 */
export function sum(buf: Uint8Array, from: number, to: number, start = 0): number {
  if (to - from >= LONG && ((buf.byteOffset + from) & 1) === 0) return sumLong(buf, from, to, start);
  // High and low octets apart: neither column leaves the small integers below 16 MiB, so no addition has to carry.
  let high = 0;
  let low = 0;
  let i = from;
  for (const last = to - 7; i < last; i += 8) {
    high += buf[i]! + buf[i + 2]! + buf[i + 4]! + buf[i + 6]!;
    low += buf[i + 1]! + buf[i + 3]! + buf[i + 5]! + buf[i + 7]!;
  }
  for (const last = to - 1; i < last; i += 2) {
    high += buf[i]!;
    low += buf[i + 1]!;
  }
  if (i < to) high += buf[i]!;
  return start + high * 256 + low;
}

/** The same for a long run at an even address, 16 octets a turn in the machine's own byte order (RFC 1071 §2 B). */
function sumLong(buf: Uint8Array, from: number, to: number, start: number): number {
  if (buf.buffer !== viewed) {
    viewed = buf.buffer;
    words = new Uint32Array(viewed, 0, viewed.byteLength >>> 2);
  }
  const w = words;
  const aligned = from + ((buf.byteOffset + from) & 2);
  const first = (buf.byteOffset + aligned) >>> 2;
  const end = first + ((to - aligned) >>> 2);
  let high = 0;
  let low = 0;
  let i = first;
  for (const last = end - 3; i < last; i += 4) {
    const a = w[i]!;
    const b = w[i + 1]!;
    const c = w[i + 2]!;
    const d = w[i + 3]!;
    high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
    low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
  }
  for (; i < end; i++) {
    high += w[i]! >>> 16;
    low += w[i]! & 0xffff;
  }
  const folded = fold(high + low);
  let total = start + (LITTLE_ENDIAN ? swap16(folded) : folded);
  if (aligned > from) total += (buf[from]! << 8) | buf[from + 1]!;
  // At most three octets are left.
  const rest = aligned + ((end - first) << 2);
  if (rest + 1 < to) total += (buf[rest]! << 8) | buf[rest + 1]!;
  return ((to - rest) & 1) === 0 ? total : total + (buf[to - 1]! << 8);
}

/** A partial sum as 16 bits, with end-around carry. */
export function fold(n: number): number {
  let s = n;
  // 2^32 is 1 modulo 0xffff, as 2^16 is; below it, the bit operations are exact (>>> takes the value as unsigned).
  while (s > 0xffff_ffff) s = (s % 0x1_0000_0000) + Math.floor(s / 0x1_0000_0000);
  s = (s & 0xffff) + (s >>> 16);
  return (s & 0xffff) + (s >>> 16);
}

/** The checksum field for a partial sum: its complement. */
export function finish(n: number): number {
  return ~fold(n) & 0xffff;
}

/** RFC 1624 eq. 3: the checksum after a 16-bit word changed. Not the older eq. 2, which gives 0xffff where 0 is right. */
export function update16(field: number, old: number, now: number): number {
  return ~fold((~field & 0xffff) + (~old & 0xffff) + (now & 0xffff)) & 0xffff;
}

/** The same for a 32-bit value at an even offset (an address). */
export function update32(field: number, old: number, now: number): number {
  return ~fold((~field & 0xffff) + (~old >>> 16) + (~old & 0xffff) + (now >>> 16) + (now & 0xffff)) & 0xffff;
}

/**
 * CHECKSUM_PARTIAL: the field holds the uncomplemented sum of the pseudo-header only, so an address change is a plain
 * ones'-complement addition, and a change of ports is none of its business.
 */
export function partialUpdate32(field: number, old: number, now: number): number {
  return fold(field + (~old >>> 16) + (~old & 0xffff) + (now >>> 16) + (now & 0xffff));
}

/** The same for a 16-bit part of the pseudo-header: the length, when a segment is cut or grows. */
export function partialUpdate16(field: number, old: number, now: number): number {
  return fold(field + (~old & 0xffff) + (now & 0xffff));
}

/** Partial sum of the pseudo-header for UDP and TCP over IPv4; `length` is the transport header and data (octets). */
export function pseudo4(src: number, dst: number, proto: number, length: number): number {
  return (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + proto + length;
}

/** A word as it counts when it lies at an odd offset of the summed data (RFC 1071 §2 B). */
export function swap16(word: number): number {
  return ((word & 0xff) << 8) | ((word >>> 8) & 0xff);
}
