import * as sums from './checksum.ts';
import { setU16, u16 } from './octets.ts';

/**
 * UDP (RFC 768):
 *
 *     0             2                  4        6          8
 *     | source port | destination port | length | checksum | data …
 */
export const HEADER = 8;
const PROTO = 17;

/** The header, and all of it by its own length, lie inside [at, end). */
export function fits(buf: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER) return false;
  const len = (buf[at + 4]! << 8) | buf[at + 5]!;
  return len >= HEADER && len <= end - at;
}

export function srcPort(buf: Uint8Array, at: number): number {
  return (buf[at]! << 8) | buf[at + 1]!;
}

export function dstPort(buf: Uint8Array, at: number): number {
  return (buf[at + 2]! << 8) | buf[at + 3]!;
}

/** Header and data (octets). */
export function length(buf: Uint8Array, at: number): number {
  return (buf[at + 4]! << 8) | buf[at + 5]!;
}

/** 0: the sender made none, and NAT leaves it 0. */
export function checksum(buf: Uint8Array, at: number): number {
  return (buf[at + 6]! << 8) | buf[at + 7]!;
}

export function setSrcPort(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at, v);
}

export function setDstPort(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 2, v);
}

export function setLength(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 4, v);
}

export function setChecksum(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 6, v);
}

/** A computed checksum as it is sent: 0 means "none" on the wire, so it becomes its other form, 0xffff (RFC 768). */
export function sentChecksum(computed: number): number {
  return computed === 0 ? 0xffff : computed;
}

/** True also when the sender made none. Not for a CHECKSUM_PARTIAL packet. */
export function checksumOk(buf: Uint8Array, at: number, src: number, dst: number): boolean {
  if (u16(buf, at + 6) === 0) return true;
  const len = u16(buf, at + 4);
  return sums.fold(sums.sum(buf, at, at + len, sums.pseudo4(src, dst, PROTO, len))) === 0xffff;
}

/** Computes the checksum over pseudo-header, header and data; the length field must be set. */
export function writeChecksum(buf: Uint8Array, at: number, src: number, dst: number): void {
  setU16(buf, at + 6, 0);
  const len = u16(buf, at + 4);
  setU16(buf, at + 6, sentChecksum(sums.finish(sums.sum(buf, at, at + len, sums.pseudo4(src, dst, PROTO, len)))));
}

/** Writes the 8 octets at `at` with checksum 0; `len` is header and data (octets). */
export function write(buf: Uint8Array, at: number, sport: number, dport: number, len: number): void {
  setU16(buf, at, sport);
  setU16(buf, at + 2, dport);
  setU16(buf, at + 4, len);
  setU16(buf, at + 6, 0);
}
