import { RECORD } from './tcp-window.ts';

/**
 * What is kept once per flow, in FLOW 32-bit words:
 *
 *      0         of ICMP: type << 8 | code of the first message
 *      1         second of the first packet
 *      2         seconds it may be without a packet
 *      3         state, bits (an octet each), in link (16 bits)
 *      4  5  6   links of the wheel, and its slot; 4 is the list of free records while the flow does not live
 *      7  8      links of the list it waits in while it is half open, or after it was closed
 *      9 10      links of the list of half-open TCP flows to the same destination
 *     11         who decided: dnat, snat (11 bits each), inspector (10 bits)
 *     12 …       what is known of the TCP connection (tcp-window.ts)
 */
export const FLOW = 12 + RECORD;
export const ASKED = 0;
export const BORN = 1;
export const TIMEOUT = 2;
const META = 3;
export const WHEEL = 4;
export const WAITS = 7;
export const BY = 11;
export const TCP = 12;

/** Offsets of the parts of META in octets, and of the in link in 16-bit units. */
export const STATE_OCTET = META * 4;
export const BITS_OCTET = META * 4 + 1;
export const IN_LINK = META * 2 + 1;

/** Bits. */
export const ALIVE = 1;
/** Made by the router itself. */
export const LOCAL_BIT = 2;
export const HALF_OPEN = 4;
/** Only one direction is seen: followed by its timeouts alone. */
export const ASYMMETRIC = 8;
/** Closed, and kept only for what may still be on its way. */
export const CLOSED = 16;
/** Those who want to know of its end are being told. */
export const ENDING = 32;

const DECIDERS_MOST = 0x7ff;
const INSPECTORS_MOST = 0x3ff;
export const byWord = (dnat: number, snat: number, inspect: number): number => dnat | snat << 11 | inspect << 22;
export const dnatOf = (by: number): number => by & DECIDERS_MOST;
export const snatOf = (by: number): number => by >>> 11 & DECIDERS_MOST;
export const inspectOf = (by: number): number => by >>> 22 & INSPECTORS_MOST;
export { DECIDERS_MOST, INSPECTORS_MOST };
