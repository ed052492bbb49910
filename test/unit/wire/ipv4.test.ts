import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse4 } from '../../../sdk/wire/address.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import { hex, marked, toHex } from './bytes.ts';

const a = (text: string) => parse4(text)!;
// RFC 791 appendix A: example 1 (one octet of data) and the header of example 3 (options x, x, NOP, y, end) with x = 7, y = 131.
const example1 = hex('45 00 0015 006f 0000 7b 01 0000 0a000001 0a000002 2a');
const example3 = hex('48 00 0240 006f 0000 7b 06 0000 0a000001 0a000002  07 03 11  07 04 22 33  01  83 03 44  00');

describe('IPv4 header', () => {
  it('is read at its offsets', () => {
    const buf = hex('a5a5 45 b8 0073 1c46 4000 40 11 b861 c0a80001 c0a800c7');
    expect([ipv4.version(buf, 2), ipv4.headerLen(buf, 2), ipv4.tos(buf, 2), ipv4.totalLen(buf, 2), ipv4.id(buf, 2), ipv4.flagsFragment(buf, 2)]).toEqual([4, 20, 0xb8, 115, 0x1c46, 0x4000]);
    expect([ipv4.ttl(buf, 2), ipv4.protocol(buf, 2), ipv4.checksum(buf, 2), ipv4.src(buf, 2), ipv4.dst(buf, 2)]).toEqual([64, ipv4.PROTO_UDP, 0xb861, a('192.168.0.1'), a('192.168.0.199')]);
    expect([ipv4.dontFragment(buf, 2), ipv4.moreFragments(buf, 2), ipv4.fragmentOffset(buf, 2), ipv4.isFragment(buf, 2)]).toEqual([true, false, 0, false]);
  });

  it('fits: version, header length, total length', () => {
    expect(ipv4.fits(example1, 0, 21)).toBe(true);
    expect(ipv4.fits(example1, 0, 20)).toBe(false);
    expect(ipv4.headerFits(example1, 0, 20)).toBe(true);
    const broken = (at: number, v: number) => { const b = example1.slice(); b[at] = v; return ipv4.fits(b, 0, b.length); };
    expect([broken(0, 0x65), broken(0, 0x44), broken(0, 0x46), broken(0, 0x4f), broken(3, 19), broken(3, 22), broken(2, 1)]).toEqual(new Array(7).fill(false));
    expect(ipv4.fits(new Uint8Array(0), 0, 0)).toBe(false);
  });

  it('knows fragments', () => {
    const buf = example1.slice();
    ipv4.setFlagsFragment(buf, 0, ipv4.FLAG_MF | 185);
    expect([ipv4.moreFragments(buf, 0), ipv4.fragmentOffset(buf, 0), ipv4.isFragment(buf, 0)]).toEqual([true, 1480, true]);
    ipv4.setFlagsFragment(buf, 0, 0x1fff);
    expect([ipv4.moreFragments(buf, 0), ipv4.fragmentOffset(buf, 0), ipv4.isFragment(buf, 0)]).toEqual([false, 65528, true]);
    // The reserved bit is no fragment (RFC 3514).
    ipv4.setFlagsFragment(buf, 0, ipv4.FLAG_RESERVED | ipv4.FLAG_DF);
    expect([ipv4.isFragment(buf, 0), ipv4.dontFragment(buf, 0), ipv4.fragmentOffset(buf, 0)]).toEqual([false, true, 0]);
  });

  it('is written whole with its checksum, and nothing else is', () => {
    const buf = marked(24);
    ipv4.write(buf, 2, { src: a('192.168.0.1'), dst: a('192.168.0.199'), proto: ipv4.PROTO_UDP, totalLen: 115, df: true });
    expect(toHex(buf)).toBe('a5a5' + '450000730000400040' + '11b861c0a80001c0a800c7' + 'a5a5');
    expect(ipv4.checksumOk(buf, 2)).toBe(true);
  });

  it('any flipped bit breaks the checksum', () => {
    const buf = new Uint8Array(20);
    ipv4.write(buf, 0, { src: a('10.0.0.1'), dst: a('10.0.0.2'), proto: 6, totalLen: 40, id: 7, ttl: 3, tos: 8 });
    for (let bit = 8; bit < 160; bit++) {
      buf[bit >> 3]! ^= 1 << (bit & 7);
      expect(ipv4.checksumOk(buf, 0)).toBe(false);
      buf[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(ipv4.checksumOk(buf, 0)).toBe(true);
  });

  it('takes a hop off and keeps the checksum right', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.integer({ min: 2, max: 255 }), (data, ttl) => {
      data[0] = 0x45;
      ipv4.setTtl(data, 0, ttl);
      ipv4.writeChecksum(data, 0);
      ipv4.decrementTtl(data, 0);
      expect(ipv4.ttl(data, 0)).toBe(ttl - 1);
      expect(ipv4.checksumOk(data, 0)).toBe(true);
    }), { numRuns: 2000 });
  });

  it('setters write their field and no other', () => {
    const buf = marked(20);
    ipv4.setTos(buf, 0, 1); ipv4.setTotalLen(buf, 0, 0x0203); ipv4.setId(buf, 0, 0x0405); ipv4.setFlagsFragment(buf, 0, 0x0607); ipv4.setTtl(buf, 0, 8);
    ipv4.setProtocol(buf, 0, 9); ipv4.setChecksum(buf, 0, 0x0a0b); ipv4.setSrc(buf, 0, 0xf001_0203); ipv4.setDst(buf, 0, 0xf405_0607);
    expect(toHex(buf)).toBe('a501020304050607' + '08090a0bf0010203' + 'f4050607');
    expect(ipv4.src(buf, 0)).toBe(0xf001_0203);
  });
});

describe('IPv4 options', () => {
  it('are walked (RFC 791 appendix A, example 3)', () => {
    const kinds: [number, number][] = [];
    for (let o = ipv4.firstOption(example3, 0); o >= 0; o = ipv4.nextOption(example3, 0, o)) kinds.push([ipv4.optionKind(example3, o), ipv4.optionLen(example3, o)]);
    expect(kinds).toEqual([[7, 3], [7, 4], [131, 3]]);
    expect(ipv4.optionsOk(example3, 0)).toBe(true);
  });

  const withOptions = (options: string) => {
    const bytes = hex(options);
    const buf = new Uint8Array(20 + bytes.length);
    buf[0] = 0x40 | (buf.length >> 2);
    buf.set(bytes, 20);
    return buf;
  };

  it('end where a length is impossible', () => {
    for (const bad of ['07000000', '07010000', '07050400', '01010107', '44280500 00000000']) {
      const buf = withOptions(bad);
      expect(ipv4.optionsOk(buf, 0)).toBe(false);
      expect(ipv4.firstOption(buf, 0)).toBe(-1);
    }
    expect(ipv4.optionsOk(withOptions('00ffffff'), 0)).toBe(true);
    expect(ipv4.optionsOk(withOptions('01010101'), 0)).toBe(true);
  });

  it('source routes are found', () => {
    expect(ipv4.sourceRouted(withOptions('01 83070408080808'), 0)).toBe(true);
    expect(ipv4.sourceRouted(withOptions('89070408080808 00'), 0)).toBe(true);
    expect(ipv4.sourceRouted(withOptions('94040000'), 0)).toBe(false);
    expect(ipv4.sourceRouted(example1, 0)).toBe(false);
    expect(ipv4.findOption(withOptions('01010101 94040000'), 0, ipv4.OPTION_RA)).toBe(24);
  });

  it('fragments carry the copied ones only', () => {
    const into = marked(44);
    expect(ipv4.copyFragmentOptions(withOptions('07030400 83070408080808 94040000 00'.replace('07030400', '070304 01')), 0, into, 2)).toBe(12);
    expect(toHex(into.subarray(0, 16))).toBe('a5a5' + '83070408080808' + '94040000' + '00' + 'a5a5');
    expect(ipv4.copyFragmentOptions(example1, 0, into, 0)).toBe(0);
  });
});
