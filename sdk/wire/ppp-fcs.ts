/** FCS-16 (RFC 1662 appendix C.2): the CRC of HDLC, x^16 + x^12 + x^5 + 1, least significant bit first. */
export const FCS_INITIAL = 0xffff;
/** What the FCS over a frame and its own FCS comes to (RFC 1662 appendix C.2). */
export const FCS_GOOD = 0xf0b8;

const REVERSED = 0x8408;

/** Of one octet: `fcs = (fcs >>> 8) ^ table[(fcs ^ octet) & 0xff]`. */
export const fcsTable: Uint16Array = Uint16Array.from({ length: 256 }, (_, octet) => {
  let v = octet;
  for (let bit = 0; bit < 8; bit++) v = (v & 1) === 1 ? (v >>> 1) ^ REVERSED : v >>> 1;
  return v;
});

/** Continues `fcs` over [from, to). A frame ends with the complement of what comes out, low octet first. */
export function fcs16(buf: Uint8Array, from: number, to: number, fcs = FCS_INITIAL): number {
  let v = fcs;
  for (let i = from; i < to; i++) v = (v >>> 8) ^ fcsTable[(v ^ buf[i]!) & 0xff]!;
  return v;
}
