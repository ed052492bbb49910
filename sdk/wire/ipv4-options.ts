/**
 * Options of the IPv4 header (RFC 791 §3.1): a kind of one octet alone, or kind, length (both included) and data. Of the
 * kind, bit 7 says whether an option is copied into every fragment.
 *
 *     for (let o = firstOption(buf, at); o >= 0; o = nextOption(buf, at, o)) …
 */
export const OPTION_END = 0;
export const OPTION_NOP = 1;
/** Record route. */
export const OPTION_RR = 7;
/** Internet timestamp. */
export const OPTION_TS = 68;
/** Loose source and record route. */
export const OPTION_LSRR = 131;
/** Strict source and record route. */
export const OPTION_SSRR = 137;
/** Router alert (RFC 2113). */
export const OPTION_RA = 148;

const COPIED = 0x80;

/** Where the options end. */
function limit(buf: Uint8Array, at: number): number {
  return at + ((buf[at]! & 0x0f) << 2);
}

/** Where the option at or after `o` is, NOPs skipped; -1 at the end of the list or where a length does not fit. */
function settle(buf: Uint8Array, o: number, end: number): number {
  let here = o;
  while (here < end && buf[here] === OPTION_NOP) here++;
  return here < end && buf[here] !== OPTION_END && optionWithin(buf, here, end) ? here : -1;
}

function optionWithin(buf: Uint8Array, o: number, end: number): boolean {
  return o + 1 < end && buf[o + 1]! >= 2 && o + buf[o + 1]! <= end;
}

/** Offset of the first option that is no padding; -1: none. The header has been checked by `headerFits` or `fits`. */
export function firstOption(buf: Uint8Array, at: number): number {
  return settle(buf, at + 20, limit(buf, at));
}

/** Offset of the option after the one at `o`; -1: no more. */
export function nextOption(buf: Uint8Array, at: number, o: number): number {
  return settle(buf, o + buf[o + 1]!, limit(buf, at));
}

export function optionKind(buf: Uint8Array, o: number): number {
  return buf[o]!;
}

/** Octets, kind and length included; at least 2. */
export function optionLen(buf: Uint8Array, o: number): number {
  return buf[o + 1]!;
}

/** Offset of the first option of a kind; -1: it is not there. */
export function findOption(buf: Uint8Array, at: number, kind: number): number {
  for (let o = firstOption(buf, at); o >= 0; o = nextOption(buf, at, o)) if (buf[o] === kind) return o;
  return -1;
}

/** Every option's length lies within the header. False: answer with ICMP parameter problem, or drop. */
export function optionsOk(buf: Uint8Array, at: number): boolean {
  const end = limit(buf, at);
  let o = at + 20;
  while (o < end && buf[o] !== OPTION_END) {
    if (buf[o] === OPTION_NOP) o++;
    else if (optionWithin(buf, o, end)) o += buf[o + 1]!;
    else return false;
  }
  return true;
}

/** A source route (loose or strict) is present; routers drop such packets by default today (RFC 7126 §4.3). */
export function sourceRouted(buf: Uint8Array, at: number): boolean {
  if ((buf[at]! & 0x0f) === 5) return false;
  return findOption(buf, at, OPTION_LSRR) >= 0 || findOption(buf, at, OPTION_SSRR) >= 0;
}

/**
 * Copies the options that go into every fragment to `into` at `to`, padded to a multiple of four; returns how many octets
 * that took (at most 40; RFC 791 §3.2, example fragmentation procedure).
 */
export function copyFragmentOptions(buf: Uint8Array, at: number, into: Uint8Array, to: number): number {
  let end = to;
  for (let o = firstOption(buf, at); o >= 0; o = nextOption(buf, at, o)) {
    if ((buf[o]! & COPIED) === 0) continue;
    for (let i = 0; i < buf[o + 1]!; i++) into[end++] = buf[o + i]!;
  }
  while ((end - to) % 4 !== 0) into[end++] = OPTION_END;
  return end - to;
}
