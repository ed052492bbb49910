/**
 * A FlowAction: what happens to every further packet of one direction of a flow. Plain data in WORDS 32-bit words, so that the
 * same record can be executed here or be written into a kernel map; nothing in it needs JavaScript.
 *
 *      0        flags
 *      1  2  3  source, destination, (source port << 16 | destination port) to write
 *      4  5     out link, neighbour index
 *      6        what the new addresses add to a checksum (ones'-complement sum of ~old + new, folded to 16 bits)
 *      7        the same for the transport checksum: addresses and ports (ICMP: identifier only, it has no pseudo header)
 *      8        largest IP packet the out link takes
 *      9        epoch of the decision
 *     10 11     decider ids of dnat (low half) and snat (high half); inspector id
 */
export const WORDS = 12;
export const FLAGS = 0;
export const SRC = 1;
export const DST = 2;
export const PORTS = 3;
export const OUT = 4;
export const NEIGHBOUR = 5;
export const SUM_L3 = 6;
export const SUM_L4 = 7;
export const MTU = 8;
export const EPOCH = 9;
export const NAT_BY = 10;
export const INSPECT_BY = 11;

/** Flag bits. */
export const LOCAL = 1;
export const REWRITE = 2;
export const INSPECT = 4;
export const ETHER = 8;
/** There is no way back: packets of this direction are dropped. */
export const UNREACHABLE = 16;

/** The ones'-complement sum of what replacing 32 bits adds: ~old + new, unfolded (RFC 1624 eq. 3). */
export const delta32 = (before: number, after: number): number =>
  (~before >>> 16 & 0xffff) + (~before & 0xffff) + (after >>> 16 & 0xffff) + (after & 0xffff);

export const fold16 = (n: number): number => {
  const once = (n & 0xffff) + (n >>> 16);
  return (once & 0xffff) + (once >>> 16);
};
