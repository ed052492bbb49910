import { swap16, update16 } from './checksum.ts';
import { setU16, setU32, u16, u32 } from './octets.ts';

/**
 * Options of the TCP header (RFC 9293 §3.2): a kind of one octet alone, or kind, length (both included) and data.
 *
 *     for (let o = firstOption(buf, at); o >= 0; o = nextOption(buf, at, o)) …
 */
export const OPTION_END = 0;
export const OPTION_NOP = 1;
export const OPTION_MSS = 2;
export const OPTION_WSCALE = 3;
export const OPTION_SACK_PERMITTED = 4;
export const OPTION_SACK = 5;
export const OPTION_TIMESTAMPS = 8;

/** The options a router has use for, as values. */
export interface Options {
  readonly mss: number | undefined;
  /** Shift count; at most 14 counts (RFC 7323 §2.3). */
  readonly wscale: number | undefined;
  readonly sackPermitted: boolean;
  /** Left and right edges of the blocks. */
  readonly sack: readonly (readonly [number, number])[];
  readonly timestamps: { readonly value: number; readonly echo: number } | undefined;
}

function settle(buf: Uint8Array, o: number, end: number): number {
  let here = o;
  while (here < end && buf[here] === OPTION_NOP) here++;
  if (here + 1 >= end || buf[here] === OPTION_END) return -1;
  const len = buf[here + 1]!;
  return len >= 2 && here + len <= end ? here : -1;
}

function limit(buf: Uint8Array, at: number): number {
  return at + ((buf[at + 12]! >>> 4) << 2);
}

/** Offset of the first option that is no padding; -1: none. The header has been checked by `fits`. */
export function firstOption(buf: Uint8Array, at: number): number {
  return settle(buf, at + 20, limit(buf, at));
}

/** Offset of the option after the one at `o`; -1: no more, or a length that does not fit. */
export function nextOption(buf: Uint8Array, at: number, o: number): number {
  return settle(buf, o + buf[o + 1]!, limit(buf, at));
}

/** Offset of the first option of a kind that has this length; -1: it is not there. */
export function findOption(buf: Uint8Array, at: number, kind: number, len: number): number {
  for (let o = firstOption(buf, at); o >= 0; o = nextOption(buf, at, o)) if (buf[o] === kind && buf[o + 1] === len) return o;
  return -1;
}

/** Maximum segment size of a SYN; undefined: not given. */
export function mss(buf: Uint8Array, at: number): number | undefined {
  const o = findOption(buf, at, OPTION_MSS, 4);
  return o < 0 ? undefined : u16(buf, o + 2);
}

/** Window shift count of a SYN; -1: not given. Allocates nothing. */
export function windowScale(buf: Uint8Array, at: number): number {
  const o = findOption(buf, at, OPTION_WSCALE, 3);
  return o < 0 ? -1 : Math.min(14, buf[o + 2]!);
}

/** Reads all known options; options of a wrong length are as if absent. Allocates: for SYNs, traces and tests. */
export function options(buf: Uint8Array, at: number): Options {
  const scale = windowScale(buf, at);
  const stamps = findOption(buf, at, OPTION_TIMESTAMPS, 10);
  const sack: [number, number][] = [];
  for (let o = firstOption(buf, at); o >= 0; o = nextOption(buf, at, o)) {
    if (buf[o] !== OPTION_SACK) continue;
    for (let block = o + 2; block + 8 <= o + buf[o + 1]!; block += 8) sack.push([u32(buf, block), u32(buf, block + 4)]);
  }
  return {
    mss: mss(buf, at),
    wscale: scale < 0 ? undefined : scale,
    sackPermitted: findOption(buf, at, OPTION_SACK_PERMITTED, 2) >= 0,
    sack,
    timestamps: stamps < 0 ? undefined : { value: u32(buf, stamps + 2), echo: u32(buf, stamps + 6) },
  };
}

/**
 * Lowers the MSS option to `most`. Returns the checksum that the segment then has, for the caller to store — or not, when
 * the packet is CHECKSUM_PARTIAL; -1: nothing was changed (no option, or low enough already).
 */
export function setMss(buf: Uint8Array, at: number, most: number): number {
  const o = findOption(buf, at, OPTION_MSS, 4);
  if (o < 0) return -1;
  const old = u16(buf, o + 2);
  if (old <= most) return -1;
  setU16(buf, o + 2, most);
  const field = u16(buf, at + 16);
  // Nothing aligns options: behind a single NOP the value straddles two words of the sum.
  return ((o - at) & 1) === 0 ? update16(field, old, most) : update16(field, swap16(old), swap16(most));
}

/** Writes an MSS option (4 octets). Returns the offset after it. */
export function writeMss(buf: Uint8Array, o: number, v: number): number {
  buf[o] = OPTION_MSS;
  buf[o + 1] = 4;
  setU16(buf, o + 2, v);
  return o + 4;
}

/** Writes NOP, NOP, timestamps (12 octets, aligned as RFC 7323 appendix A has it). Returns the offset after it. */
export function writeTimestamps(buf: Uint8Array, o: number, value: number, echo: number): number {
  buf[o] = OPTION_NOP;
  buf[o + 1] = OPTION_NOP;
  buf[o + 2] = OPTION_TIMESTAMPS;
  buf[o + 3] = 10;
  setU32(buf, o + 4, value);
  setU32(buf, o + 8, echo);
  return o + 12;
}
