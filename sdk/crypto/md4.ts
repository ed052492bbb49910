/** MD4 (RFC 1320): broken as a hash, but MS-CHAPv2 is built on it and OpenSSL 3 does not offer it any more. */
const SHIFTS: readonly (readonly number[])[] = [[3, 7, 11, 19], [3, 5, 9, 13], [3, 9, 11, 15]];
const ADDED: readonly number[] = [0, 0x5a82_7999, 0x6ed9_eba1];
/** In which order each round takes the 16 words of a block (§3.4). */
const ORDER: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
];
const MIX: readonly ((x: number, y: number, z: number) => number)[] = [
  (x, y, z) => (x & y) | (~x & z),
  (x, y, z) => (x & y) | (x & z) | (y & z),
  (x, y, z) => x ^ y ^ z,
];

/** 16 octets. */
export function md4(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((message.length + 8 >>> 6) * 64 + 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, message.length << 3, true);
  view.setUint32(padded.length - 4, Math.floor(message.length / 2 ** 29), true);

  const state = Int32Array.of(0x6745_2301, 0xefcd_ab89 | 0, 0x98ba_dcfe | 0, 0x1032_5476);
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 16; i++) {
        const shift = SHIFTS[round]![i & 3]!;
        const sum = (a + MIX[round]!(b, c, d) + view.getUint32(block + 4 * ORDER[round]![i]!, true) + ADDED[round]!) | 0;
        [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
      }
    }
    for (const [i, v] of [a, b, c, d].entries()) state[i] = (state[i]! + v) | 0;
  }
  const out = new Uint8Array(16);
  const digest = new DataView(out.buffer);
  for (const [i, v] of state.entries()) digest.setInt32(4 * i, v, true);
  return out;
}
