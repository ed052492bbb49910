import { describe, expect, it } from 'vitest';
import { chapMd5, sameSecret } from '../../../../sdk/crypto/chap.ts';
import { desEncrypt, desKey } from '../../../../sdk/crypto/des.ts';
import { md4 } from '../../../../sdk/crypto/md4.ts';
import * as ms from '../../../../sdk/crypto/mschapv2.ts';
import { hex, toHex } from '../../wire/bytes.ts';

const ascii = (text: string) => Uint8Array.from(text, c => c.charCodeAt(0));

describe('crypto of PPP', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'], ['a', 'bde52cb31de33e46245e05fbdbd6fb24'], ['abc', 'a448017aaf21d8525fc10ae87aa6729d'], ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'], ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['12345678901234567890123456789012345678901234567890123456789012345678901234567890', 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('MD4 of %j (RFC 1320 appendix A.5)', (message, digest) => {
    expect(toHex(md4(ascii(message)))).toBe(digest);
  });

  it('DES: first block of FIPS 81 table C1; keys of RFC 2759 §9.3', () => {
    const chained = hex('4e6f772069732074').map((octet, i) => octet ^ hex('1234567890abcdef')[i]!);
    expect(toHex(desEncrypt(hex('0123456789abcdef'), chained))).toBe('e5c7cdde872bf27c');
    expect(toHex(desKey(hex('fc156af7edcd6c')))).toBe('fd0b5b5e7f6e34d9');
    expect(toHex(desKey(hex('0edde3337d427f')))).toBe('0e6e796737ea08fe');
  });

  it('MS-CHAPv2: the example of RFC 2759 §9.2', () => {
    const [authenticator, peer, user] = [hex('5b5d7c7d7b3f2f3e3c2c602132262628'), hex('21402324255e262a28295f2b3a337c7e'), ascii('User')];
    expect(toHex(ms.challengeHash(peer, authenticator, user))).toBe('d02e4386bce91226');
    expect(toHex(ms.ntPasswordHash('clientPass'))).toBe('44ebba8d5312b8d611474411f56989ae');
    const nt = ms.ntResponse(authenticator, peer, user, 'clientPass');
    expect(toHex(nt)).toBe('82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df');
    expect(ms.authenticatorResponse('clientPass', nt, peer, authenticator, user)).toBe('S=407A5589115FD0D6209F510FE9C04566932CDA56');
    expect(toHex(ms.withoutDomain(ascii('DOMAIN\\User')))).toBe(toHex(user));
    expect(toHex(ms.withoutDomain(user))).toBe(toHex(user));
  });

  it('CHAP with MD5', () => {
    expect(toHex(chapMd5(1, ascii('hashcat'), hex('01020304050607080910111213141516')))).toBe('afd09efdd6f8ca9f18ec77c5869788c3');
    expect([sameSecret(hex('01'), hex('01')), sameSecret(hex('01'), hex('02')), sameSecret(hex('01'), hex('0101'))]).toEqual([true, false, false]);
  });
});
