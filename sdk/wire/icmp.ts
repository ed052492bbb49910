import * as sums from './checksum.ts';
import { headerFits, headerLen } from './ipv4.ts';
import { setU16, setU32, u32 } from './octets.ts';

/**
 * ICMP (RFC 792; types and codes also RFC 1122 §3.2.2 and RFC 1812 §5.2.7):
 *
 *     0      1      2          4               6                  8
 *     | type | code | checksum | id            | seq              | echo data …
 *     | type | code | checksum | unused        | next-hop MTU     | IP header and 8 octets …   (RFC 1191 §4)
 *     | type | code | checksum | gateway                          | IP header and 8 octets …   (redirect)
 */
export const HEADER = 8;

export const TYPE_ECHO_REPLY = 0;
export const TYPE_UNREACHABLE = 3;
export const TYPE_SOURCE_QUENCH = 4;
export const TYPE_REDIRECT = 5;
export const TYPE_ECHO = 8;
export const TYPE_TIME_EXCEEDED = 11;
export const TYPE_PARAMETER_PROBLEM = 12;
export const TYPE_TIMESTAMP = 13;
export const TYPE_TIMESTAMP_REPLY = 14;

/** Codes of destination unreachable. */
export const CODE_NET = 0;
export const CODE_HOST = 1;
export const CODE_PROTOCOL = 2;
export const CODE_PORT = 3;
export const CODE_FRAGMENTATION_NEEDED = 4;
export const CODE_SOURCE_ROUTE_FAILED = 5;
export const CODE_NET_PROHIBITED = 9;
export const CODE_HOST_PROHIBITED = 10;
export const CODE_ADMIN_PROHIBITED = 13;
/** Codes of time exceeded. */
export const CODE_TTL = 0;
export const CODE_REASSEMBLY = 1;
/** Code of redirect for the host. */
export const CODE_REDIRECT_HOST = 1;
/** Codes of parameter problem: the pointer says where; a required option is missing. */
export const CODE_POINTER = 0;
export const CODE_OPTION_MISSING = 1;

export function fits(_buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= HEADER;
}

export function type(buf: Uint8Array, at: number): number {
  return buf[at]!;
}

export function code(buf: Uint8Array, at: number): number {
  return buf[at + 1]!;
}

export function checksum(buf: Uint8Array, at: number): number {
  return (buf[at + 2]! << 8) | buf[at + 3]!;
}

/** Identifier of an echo or timestamp message. */
export function id(buf: Uint8Array, at: number): number {
  return (buf[at + 4]! << 8) | buf[at + 5]!;
}

export function seq(buf: Uint8Array, at: number): number {
  return (buf[at + 6]! << 8) | buf[at + 7]!;
}

/** Next-hop MTU of "fragmentation needed"; 0 from routers older than RFC 1191. */
export function mtu(buf: Uint8Array, at: number): number {
  return (buf[at + 6]! << 8) | buf[at + 7]!;
}

/** Gateway address of a redirect. */
export function gateway(buf: Uint8Array, at: number): number {
  return u32(buf, at + 4);
}

/** Octet of the original header that a parameter problem points at. */
export function pointer(buf: Uint8Array, at: number): number {
  return buf[at + 4]!;
}

export function setType(buf: Uint8Array, at: number, v: number): void {
  buf[at] = v;
}

export function setCode(buf: Uint8Array, at: number, v: number): void {
  buf[at + 1] = v;
}

export function setChecksum(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 2, v);
}

export function setId(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 4, v);
}

export function setSeq(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 6, v);
}

export function setMtu(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at + 6, v);
}

/** Errors carry a packet and are never answered with an error (RFC 1122 §3.2.2). */
export function isError(messageType: number): boolean {
  return messageType === TYPE_UNREACHABLE || messageType === TYPE_SOURCE_QUENCH || messageType === TYPE_REDIRECT
    || messageType === TYPE_TIME_EXCEEDED || messageType === TYPE_PARAMETER_PROBLEM;
}

/** Echo request or reply: what has an identifier to translate. */
export function isEcho(messageType: number): boolean {
  return messageType === TYPE_ECHO || messageType === TYPE_ECHO_REPLY;
}

/**
 * Offset of the IP header inside an error message, when all of it and the 8 octets of its payload that RFC 792 promises
 * are there; undefined for other messages and for cut ones. The embedded datagram's own total length reaches further.
 */
export function inner(buf: Uint8Array, at: number, end: number): number | undefined {
  if (end - at < HEADER || !isError(buf[at]!)) return undefined;
  const ip = at + HEADER;
  return headerFits(buf, ip, end) && ip + headerLen(buf, ip) + 8 <= end ? ip : undefined;
}

/** `end` is where the IP datagram ends; the checksum covers all of it. */
export function checksumOk(buf: Uint8Array, at: number, end: number): boolean {
  return sums.fold(sums.sum(buf, at, end)) === 0xffff;
}

export function writeChecksum(buf: Uint8Array, at: number, end: number): void {
  setU16(buf, at + 2, 0);
  setU16(buf, at + 2, sums.finish(sums.sum(buf, at, end)));
}

/** Writes the 8 octets of an echo request or reply; then comes the data, then `writeChecksum`. */
export function writeEcho(buf: Uint8Array, at: number, messageType: number, echoId: number, echoSeq: number): void {
  buf[at] = messageType;
  buf[at + 1] = 0;
  setU16(buf, at + 2, 0);
  setU16(buf, at + 4, echoId);
  setU16(buf, at + 6, echoSeq);
}

/**
 * Writes the 8 octets of an error message; `rest` is the second word: the MTU, the gateway, the pointer << 24, or 0.
 * Then comes the original packet's beginning, then `writeChecksum`.
 */
export function writeError(buf: Uint8Array, at: number, messageType: number, messageCode: number, rest = 0): void {
  buf[at] = messageType;
  buf[at + 1] = messageCode;
  setU16(buf, at + 2, 0);
  setU32(buf, at + 4, rest);
}
