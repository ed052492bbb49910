/** Sequence numbers count modulo 2^32 (RFC 9293 §3.4); a distance is signed, so that "before" is a negative number. */
export const add = (seq: number, n: number): number => (seq + n) >>> 0;
export const distance = (from: number, to: number): number => (to - from) | 0;
