import { createHash } from 'node:crypto';
import { desEncrypt, desKey } from './des.ts';
import { md4 } from './md4.ts';

/** The arithmetic of MS-CHAPv2 (RFC 2759 §8). User names are octets without a domain; passwords are text. */

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, c => c.charCodeAt(0));
/** The two constants of §8.7. */
const MAGIC1 = latin1('Magic server to client signing constant');
const MAGIC2 = latin1('Pad to make it do more than one iteration');

const sha1 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** §8.2: eight octets of both challenges and the name. */
export const challengeHash = (peer: Uint8Array, authenticator: Uint8Array, user: Uint8Array): Uint8Array =>
  sha1(peer, authenticator, user).subarray(0, 8);

/** §8.3: of the password in UTF-16, low octet first. */
export function ntPasswordHash(password: string): Uint8Array {
  const octets = new Uint8Array(2 * password.length);
  for (let i = 0; i < password.length; i++) {
    octets[2 * i] = password.charCodeAt(i) & 0xff;
    octets[2 * i + 1] = password.charCodeAt(i) >>> 8;
  }
  return md4(octets);
}

/** §8.5: the challenge under three DES keys cut from the hash, 24 octets. */
export function challengeResponse(challenge: Uint8Array, passwordHash: Uint8Array): Uint8Array {
  const padded = new Uint8Array(21);
  padded.set(passwordHash);
  const out = new Uint8Array(24);
  for (let i = 0; i < 3; i++) out.set(desEncrypt(desKey(padded.subarray(7 * i, 7 * i + 7)), challenge), 8 * i);
  return out;
}

/** §8.1: what the peer answers, 24 octets. */
export function ntResponse(authenticator: Uint8Array, peer: Uint8Array, user: Uint8Array, password: string): Uint8Array {
  return challengeResponse(challengeHash(peer, authenticator, user), ntPasswordHash(password));
}

/** §8.7: how the authenticator proves that it knows the password as well: 'S=' and forty hexadecimal digits. */
export function authenticatorResponse(password: string, nt: Uint8Array, peer: Uint8Array, authenticator: Uint8Array, user: Uint8Array): string {
  const digest = sha1(md4(ntPasswordHash(password)), nt, MAGIC1);
  const proof = sha1(digest, challengeHash(peer, authenticator, user), MAGIC2);
  return `S=${Array.from(proof, octet => octet.toString(16).padStart(2, '0')).join('').toUpperCase()}`;
}

/** §4: the name without 'DOMAIN\' goes into the hash. */
export function withoutDomain(user: Uint8Array): Uint8Array {
  return user.subarray(user.lastIndexOf(0x5c) + 1);
}
