import { createCipheriv } from 'node:crypto';

/**
 * One block of DES. OpenSSL 3 does not offer it by itself any more, but still as triple DES, which is the same when all three
 * keys are. `key`: 8 octets, of which the lowest bit does not count; `block`: 8 octets.
 */
export function desEncrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('des-ede3-cbc', Uint8Array.from([...key, ...key, ...key]), new Uint8Array(8));
  cipher.setAutoPadding(false);
  return new Uint8Array(cipher.update(block));
}

/** A DES key from 7 octets: seven bits to each octet, and the parity that makes its bits odd (RFC 2759 §8.6). */
export function desKey(seven: Uint8Array): Uint8Array {
  let bits = 0n;
  for (const octet of seven) bits = (bits << 8n) | BigInt(octet);
  return Uint8Array.from({ length: 8 }, (_, i) => {
    const v = Number((bits >> BigInt(49 - 7 * i)) & 0x7fn) << 1;
    let ones = 0;
    for (let bit = v; bit !== 0; bit &= bit - 1) ones++;
    return v | (~ones & 1);
  });
}
