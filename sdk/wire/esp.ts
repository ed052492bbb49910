import { u32 } from './octets.ts';

/**
 * ESP (RFC 4303 §2): what is readable of it.
 *
 *     0     4                 8
 *     | SPI | sequence number | …
 */
export const HEADER = 8;
export const PROTO = 50;

/** Security parameters index: chosen by the receiver, so that each direction has its own. */
export function spi(buf: Uint8Array, at: number): number {
  return u32(buf, at);
}

export function seq(buf: Uint8Array, at: number): number {
  return u32(buf, at + 4);
}

export function fits(_buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= HEADER;
}
