/**
 * A tuple: one direction of a flow, in WORDS 32-bit words, a cache line. The key says which packets belong to it; the FlowAction what
 * happens to every further one; the rest counts them. Plain data, so that the same record can be executed here or be written
 * into a kernel map; nothing in it needs JavaScript.
 *
 *      0  1  2  3  key: source, destination, (source port << 16 | destination port), protocol
 *      4           flags; largest IP packet the out link takes << 16
 *      5  6  7     source, destination, ports to write
 *      8           out link (16 bits, signed); neighbour index plus 1 << 16
 *      9           second of the last packet
 *     10           what the new addresses add to a checksum (ones'-complement sum of ~old + new, folded to 16 bits), and << 16 the
 *                  same for the transport checksum: addresses and ports (ICMP: identifier only, it has no pseudo header)
 *     11           epoch of the decision
 *     12 13  14 15 packets, bytes, as 64-bit floating point numbers
 */
export const WORDS = 16;
export const FLAGS = 4;
export const SRC = 5;
export const DST = 6;
export const PORTS = 7;
export const OUT = 8;
export const SEEN = 9;
export const SUMS = 10;
export const EPOCH = 11;

/** Flag bits. */
export const LOCAL = 1;
export const REWRITE = 2;
export const INSPECT = 4;
export const ETHER = 8;
/** There is no way back: packets of this direction are dropped. */
export const UNREACHABLE = 16;

/** The flow's record wants to see every packet: TCP, and what is half open. Others are done with this record alone. */
export const RECORDED = 32;

export const wayOf = (link: number, neighbour: number): number => link & 0xffff | neighbour + 1 << 16;
export const linkOf = (way: number): number => way << 16 >> 16;
export const neighbourOf = (way: number): number => (way >>> 16) - 1;

/** The largest IP packet, from the word with the flags. */
export const mtuOf = (flags: number): number => flags >>> 16;

/** The ones'-complement sum of what replacing 32 bits adds: ~old + new, unfolded (RFC 1624 eq. 3). */
export const delta32 = (before: number, after: number): number =>
  (~before >>> 16 & 0xffff) + (~before & 0xffff) + (after >>> 16 & 0xffff) + (after & 0xffff);

export const fold16 = (n: number): number => {
  const once = (n & 0xffff) + (n >>> 16);
  return (once & 0xffff) + (once >>> 16);
};
