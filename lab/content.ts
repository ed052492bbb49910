import { createHash } from 'node:crypto';

/** A prime length, so that lost or repeated pieces of a power of two cannot leave the hash as it was. */
const BLOCK = 65_521;

/** Octets that look random and are the same everywhere (a linear congruential generator, Numerical Recipes). */
const block: Buffer = (() => {
  const bytes = Buffer.alloc(BLOCK);
  let x = 1;
  for (let i = 0; i < BLOCK; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
})();

/** What `/bytes/<n>` answers, in pieces; pieces are shared memory, to be read only. */
export function* content(n: number): Generator<Buffer> {
  for (let left = n; left > 0; left -= BLOCK) yield left >= BLOCK ? block : block.subarray(0, left);
}

/** SHA-256 of content(n), as hexadecimal digits. */
export function contentHash(n: number): string {
  const hash = createHash('sha256');
  for (const piece of content(n)) hash.update(piece);
  return hash.digest('hex');
}

/** The lab servers' pages; the same in both labs. `from` is the address the server sees. */
export const page = (server: string, from: string): string => `lancell lab: this is ${server}\nyou are ${from}\n`;

/** n of `/bytes/<n>` or `/sha256/<n>`; undefined when the path is something else or n is not a count up to 2^40. */
export function countIn(path: string, kind: 'bytes' | 'sha256'): number | undefined {
  const digits = new RegExp(`^/${kind}/(\\d{1,13})$`).exec(path)?.[1];
  const n = Number(digits ?? Number.NaN);
  return n <= 2 ** 40 ? n : undefined;
}

/** Up to this many octets `/bytes/<n>` carries its hash in the header x-sha256; for more ask `/sha256/<n>`. */
export const HASHED_AT_ONCE = 1 << 26;
