import * as sums from './checksum.ts';
import { setU16, setU32, u16, u32 } from './octets.ts';

export * from './ipv4-options.ts';

/**
 * IPv4 (RFC 791):
 *
 *     0               1     2              4    6                    8     9       10         12    16    20
 *     | version, IHL  | TOS | total length | id | flags, frag offset | TTL | proto | checksum | src | dst | options …
 */
export const HEADER = 20;

export const PROTO_ICMP = 1;
export const PROTO_IGMP = 2;
export const PROTO_TCP = 6;
export const PROTO_UDP = 17;
export const PROTO_GRE = 47;
export const PROTO_ESP = 50;
export const PROTO_AH = 51;

/** Bits of the 16-bit field that also carries the fragment offset. */
export const FLAG_RESERVED = 0x8000;
export const FLAG_DF = 0x4000;
export const FLAG_MF = 0x2000;

export interface Fields {
  readonly src: number;
  readonly dst: number;
  readonly proto: number;
  /** Header and data (octets). */
  readonly totalLen: number;
  /** Default 64. */
  readonly ttl?: number;
  /** Default 0, which suits only datagrams that nobody may fragment (RFC 6864 §4.1). */
  readonly id?: number;
  /** Don't fragment; default false. */
  readonly df?: boolean;
  readonly tos?: number;
}

/** A version-4 header with its options lies inside [at, end). The total length may say more, as within an ICMP error. */
export function headerFits(buf: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER) return false;
  const first = buf[at]!;
  return first >= 0x45 && first <= 0x4f && (first & 0x0f) << 2 <= end - at;
}

/** The header, and the whole datagram by its total length, lie inside [at, end). Link padding may follow. */
export function fits(buf: Uint8Array, at: number, end: number): boolean {
  if (!headerFits(buf, at, end)) return false;
  const total = (buf[at + 2]! << 8) | buf[at + 3]!;
  return total >= (buf[at]! & 0x0f) << 2 && total <= end - at;
}

export function version(buf: Uint8Array, at: number): number {
  return buf[at]! >>> 4;
}

/** Octets, options included. */
export function headerLen(buf: Uint8Array, at: number): number {
  return (buf[at]! & 0x0f) << 2;
}

export function tos(buf: Uint8Array, at: number): number {
  return buf[at + 1]!;
}

/** Header and data (octets). */
export function totalLen(buf: Uint8Array, at: number): number {
  return (buf[at + 2]! << 8) | buf[at + 3]!;
}

export function id(buf: Uint8Array, at: number): number {
  return (buf[at + 4]! << 8) | buf[at + 5]!;
}

/** The whole 16-bit field of flags and fragment offset. */
export function flagsFragment(buf: Uint8Array, at: number): number {
  return (buf[at + 6]! << 8) | buf[at + 7]!;
}

export function dontFragment(buf: Uint8Array, at: number): boolean {
  return (buf[at + 6]! & 0x40) !== 0;
}

export function moreFragments(buf: Uint8Array, at: number): boolean {
  return (buf[at + 6]! & 0x20) !== 0;
}

/** Octets; the field counts units of eight. */
export function fragmentOffset(buf: Uint8Array, at: number): number {
  return (((buf[at + 6]! & 0x1f) << 8) | buf[at + 7]!) << 3;
}

/** Part of a datagram only: more follow, or it is not the first. */
export function isFragment(buf: Uint8Array, at: number): boolean {
  return (((buf[at + 6]! << 8) | buf[at + 7]!) & 0x3fff) !== 0;
}

export function ttl(buf: Uint8Array, at: number): number {
  return buf[at + 8]!;
}

export function protocol(buf: Uint8Array, at: number): number {
  return buf[at + 9]!;
}

export function checksum(buf: Uint8Array, at: number): number {
  return (buf[at + 10]! << 8) | buf[at + 11]!;
}

export function src(buf: Uint8Array, at: number): number {
  return u32(buf, at + 12);
}

export function dst(buf: Uint8Array, at: number): number {
  return u32(buf, at + 16);
}

// Setters leave the checksum to the caller, who knows whether to update or to recompute it.

export function setTos(buf: Uint8Array, at: number, v: number): void {
  buf[at + 1] = v;
}

export function setTotalLen(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 2, v);
}

export function setId(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 4, v);
}

export function setFlagsFragment(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 6, v);
}

export function setTtl(buf: Uint8Array, at: number, v: number): void {
  buf[at + 8] = v;
}

export function setProtocol(buf: Uint8Array, at: number, v: number): void {
  buf[at + 9] = v;
}

export function setChecksum(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 10, v);
}

export function setSrc(buf: Uint8Array, at: number, v: number): void {
  setU32(buf, at + 12, v);
}

export function setDst(buf: Uint8Array, at: number, v: number): void {
  setU32(buf, at + 16, v);
}

/** Takes one hop off the TTL and updates the checksum; the caller has seen that the TTL is above 1. */
export function decrementTtl(buf: Uint8Array, at: number): void {
  const old = u16(buf, at + 8);
  buf[at + 8] = buf[at + 8]! - 1;
  setU16(buf, at + 10, sums.update16(u16(buf, at + 10), old, u16(buf, at + 8)));
}

/** The header has been checked by `headerFits` or `fits`. */
export function checksumOk(buf: Uint8Array, at: number): boolean {
  return sums.fold(sums.sum(buf, at, at + headerLen(buf, at))) === 0xffff;
}

/** Computes the header checksum anew. */
export function writeChecksum(buf: Uint8Array, at: number): void {
  setU16(buf, at + 10, 0);
  setU16(buf, at + 10, sums.finish(sums.sum(buf, at, at + headerLen(buf, at))));
}

/** Writes a 20-octet header with its checksum at `at`. */
export function write(buf: Uint8Array, at: number, fields: Fields): void {
  buf[at] = 0x45;
  buf[at + 1] = fields.tos ?? 0;
  setU16(buf, at + 2, fields.totalLen);
  setU16(buf, at + 4, fields.id ?? 0);
  setU16(buf, at + 6, fields.df === true ? FLAG_DF : 0);
  buf[at + 8] = fields.ttl ?? 64;
  buf[at + 9] = fields.proto;
  setU32(buf, at + 12, fields.src);
  setU32(buf, at + 16, fields.dst);
  writeChecksum(buf, at);
}
