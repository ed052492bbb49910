import * as sums from './checksum.ts';
import { setU16, setU32, u32 } from './octets.ts';

export * from './tcp-options.ts';

/**
 * TCP (RFC 9293 §3.1):
 *
 *     0             2                  4     8     12            13      14       16         18       20
 *     | source port | destination port | seq | ack | data offset | flags | window | checksum | urgent | options …
 */
export const HEADER = 20;
const PROTO = 6;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

export interface Fields {
  readonly sport: number;
  readonly dport: number;
  readonly seq: number;
  readonly ack?: number;
  readonly flags: number;
  /** Default 0. */
  readonly window?: number;
  /** Octets, options included; default 20. The caller writes the options. */
  readonly dataOffset?: number;
}

/** The header with its options lies inside [at, end). */
export function fits(buf: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER) return false;
  const header = (buf[at + 12]! >>> 4) << 2;
  return header >= HEADER && header <= end - at;
}

export function srcPort(buf: Uint8Array, at: number): number {
  return (buf[at]! << 8) | buf[at + 1]!;
}

export function dstPort(buf: Uint8Array, at: number): number {
  return (buf[at + 2]! << 8) | buf[at + 3]!;
}

export function seq(buf: Uint8Array, at: number): number {
  return u32(buf, at + 4);
}

export function ack(buf: Uint8Array, at: number): number {
  return u32(buf, at + 8);
}

/** Octets, options included. */
export function dataOffset(buf: Uint8Array, at: number): number {
  return (buf[at + 12]! >>> 4) << 2;
}

export function flags(buf: Uint8Array, at: number): number {
  return buf[at + 13]!;
}

export function window(buf: Uint8Array, at: number): number {
  return (buf[at + 14]! << 8) | buf[at + 15]!;
}

export function checksum(buf: Uint8Array, at: number): number {
  return (buf[at + 16]! << 8) | buf[at + 17]!;
}

export function urgent(buf: Uint8Array, at: number): number {
  return (buf[at + 18]! << 8) | buf[at + 19]!;
}

export function setSrcPort(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at, v);
}

export function setDstPort(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 2, v);
}

export function setSeq(buf: Uint8Array, at: number, v: number): void {
  setU32(buf, at + 4, v);
}

export function setAck(buf: Uint8Array, at: number, v: number): void {
  setU32(buf, at + 8, v);
}

export function setFlags(buf: Uint8Array, at: number, v: number): void {
  buf[at + 13] = v;
}

export function setWindow(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 14, v);
}

export function setChecksum(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 16, v);
}

/** `end` is where the IP datagram ends. Not for a CHECKSUM_PARTIAL packet. */
export function checksumOk(buf: Uint8Array, at: number, end: number, src: number, dst: number): boolean {
  return sums.fold(sums.sum(buf, at, end, sums.pseudo4(src, dst, PROTO, end - at))) === 0xffff;
}

/** Computes the checksum over pseudo-header, header and data up to `end`. */
export function writeChecksum(buf: Uint8Array, at: number, end: number, src: number, dst: number): void {
  setU16(buf, at + 16, 0);
  setU16(buf, at + 16, sums.finish(sums.sum(buf, at, end, sums.pseudo4(src, dst, PROTO, end - at))));
}

/** Writes the first 20 octets at `at` with checksum 0. */
export function write(buf: Uint8Array, at: number, fields: Fields): void {
  setU16(buf, at, fields.sport);
  setU16(buf, at + 2, fields.dport);
  setU32(buf, at + 4, fields.seq);
  setU32(buf, at + 8, fields.ack ?? 0);
  buf[at + 12] = ((fields.dataOffset ?? HEADER) >>> 2) << 4;
  buf[at + 13] = fields.flags;
  setU16(buf, at + 14, fields.window ?? 0);
  setU32(buf, at + 16, 0);
}
