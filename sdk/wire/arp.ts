import { copyMac, setU16, setU32, takeMac, u16, u32 } from './octets.ts';

/**
 * ARP for IPv4 over Ethernet (RFC 826):
 *
 *     0       2       4      5      6    8     14    18    24    28
 *     | htype | ptype | hlen | plen | op | sha | spa | tha | tpa |
 */
export const LENGTH = 28;
export const OP_REQUEST = 1;
export const OP_REPLY = 2;

/** Offsets of the hardware addresses, for comparing in place. */
export const SHA = 8;
export const THA = 18;

export interface Fields {
  readonly op: number;
  readonly sha: Uint8Array;
  readonly spa: number;
  readonly tha: Uint8Array;
  readonly tpa: number;
}

/** Long enough, and for the one kind of hardware and protocol read here (Ethernet 1, IPv4, lengths 6 and 4). */
export function fits(buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= LENGTH && u16(buf, at) === 1 && u16(buf, at + 2) === 0x0800 && buf[at + 4] === 6 && buf[at + 5] === 4;
}

export function op(buf: Uint8Array, at: number): number {
  return (buf[at + 6]! << 8) | buf[at + 7]!;
}

/** Sender hardware address; a copy. */
export function sha(buf: Uint8Array, at: number): Uint8Array {
  return takeMac(buf, at + SHA);
}

/** Sender protocol address. */
export function spa(buf: Uint8Array, at: number): number {
  return u32(buf, at + 14);
}

/** Target hardware address; a copy. Meaningless in a request. */
export function tha(buf: Uint8Array, at: number): Uint8Array {
  return takeMac(buf, at + THA);
}

/** Target protocol address. */
export function tpa(buf: Uint8Array, at: number): number {
  return u32(buf, at + 24);
}

export function setOp(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 6, v);
}

/** The sender speaks of its own address, as request or as reply (RFC 5944 §4.6; an announcement in RFC 5227). */
export function isGratuitous(buf: Uint8Array, at: number): boolean {
  return spa(buf, at) === tpa(buf, at) && spa(buf, at) !== 0;
}

/** The sender asks whether an address is free and must not be learnt from (RFC 5227 §1.1). */
export function isProbe(buf: Uint8Array, at: number): boolean {
  return op(buf, at) === OP_REQUEST && spa(buf, at) === 0;
}

/** Writes the 28 octets at `at`. In a request `tha` is all zeros (ethernet.ZERO). */
export function write(buf: Uint8Array, at: number, fields: Fields): void {
  setU16(buf, at, 1);
  setU16(buf, at + 2, 0x0800);
  buf[at + 4] = 6;
  buf[at + 5] = 4;
  setU16(buf, at + 6, fields.op);
  copyMac(buf, at + SHA, fields.sha);
  setU32(buf, at + 14, fields.spa);
  copyMac(buf, at + THA, fields.tha);
  setU32(buf, at + 24, fields.tpa);
}
