import { setU16, u16 } from './octets.ts';

/**
 * GRE as PPTP uses it (RFC 2637 §4.1), version 1:
 *
 *     0                   2               4                8
 *     | C R K S s | version | protocol      | length | call id | (sequence number) | (acknowledgement)
 *
 * The call id is the one that the receiver of the packet has given out; each direction has its own. Version 0 (RFC 2784) has none.
 */
export const HEADER = 8;
export const PROTO = 47;
export const PROTOCOL_PPP = 0x880b;

export function version(buf: Uint8Array, at: number): number {
  return buf[at + 1]! & 7;
}

export function protocol(buf: Uint8Array, at: number): number {
  return u16(buf, at + 2);
}

export function callId(buf: Uint8Array, at: number): number {
  return u16(buf, at + 6);
}

/** No checksum covers it. */
export function setCallId(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 6, v);
}

/** Whether all of the header is there that says what the packet is: 4 octets, 8 of version 1. */
export function fits(buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= 4 && (version(buf, at) !== 1 || end - at >= HEADER);
}
