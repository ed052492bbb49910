import { createHash, timingSafeEqual } from 'node:crypto';

/** The response to a CHAP challenge with MD5 (RFC 1994 §4.1): over identifier, secret and challenge. */
export function chapMd5(id: number, secret: Uint8Array, challenge: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('md5').update(Uint8Array.of(id)).update(secret).update(challenge).digest());
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
