import { u16, u32 } from './octets.ts';

/**
 * IKE (RFC 2408 §3.1; RFC 7296 §3.1): the header both versions share, in UDP on port 500, and on port 4500 behind a marker of four zeros
 * that tells it from ESP (RFC 3948 §2.2).
 *
 *     0                  8                  16             17        18              19      20           24       28
 *     | initiator cookie | responder cookie | next payload | version | exchange type | flags | message id | length | …
 */
export const HEADER = 28;
export const PORT = 500;
/** NAT traversal (RFC 3947 §4): IKE behind the marker, and ESP. */
export const PORT_NAT_T = 4500;
export const MARKER = 4;
/** RFC 7296 §3.1: makes new keys, those of IKE itself among them. */
export const CREATE_CHILD_SA = 36;
const RESPONSE = 0x20;
/** Payload types of a notification in the clear: RFC 2408 §3.1, RFC 7296 §3.2. */
const NOTIFY_1 = 11;
const NOTIFY_2 = 41;

/** The header, and a version that exists, lie inside [at, end). */
export function fits(buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= HEADER && (buf[at + 17]! >> 4 === 1 || buf[at + 17]! >> 4 === 2);
}

/** The initiator's cookie (IKEv2: SPI), chosen by whoever began the security association and in all of its messages: 16 hex digits. */
export function initiator(buf: Uint8Array, at: number): string {
  return hex(u32(buf, at)) + hex(u32(buf, at + 4));
}

/** The responder has not answered yet. */
export function isFirst(buf: Uint8Array, at: number): boolean {
  return u32(buf, at + 8) === 0 && u32(buf, at + 12) === 0;
}

export function version(buf: Uint8Array, at: number): number {
  return buf[at + 17]! >> 4;
}

/** Begins with a notification that nobody has signed: so a host says that it knows nothing of the other's cookies (RFC 7296 §2.21.4). */
export function isNotice(buf: Uint8Array, at: number): boolean {
  return buf[at + 16] === (version(buf, at) === 1 ? NOTIFY_1 : NOTIFY_2);
}

export function exchange(buf: Uint8Array, at: number): number {
  return buf[at + 18]!;
}

/** Of IKEv2. */
export function isResponse(buf: Uint8Array, at: number): boolean {
  return (buf[at + 19]! & RESPONSE) !== 0;
}

/** On port 4500: four zeros, where ESP has its SPI, which is never 0 (RFC 4303 §2.1). */
export function marked(buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= MARKER && u16(buf, at) === 0 && u16(buf, at + 2) === 0;
}

const hex = (n: number): string => n.toString(16).padStart(8, '0');
