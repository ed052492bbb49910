import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as checksum from '../../../sdk/wire/checksum.ts';
import vectors from '../../fixtures/inet-checksum.json' with { type: 'json' };
import { hex } from './bytes.ts';

/** RFC 1071 §4.1, word by word and folded at once: slow and plain. */
function reference(bytes: Uint8Array, start = 0): number {
  const carry = (s: number): number => (s > 0xffff ? carry((s % 0x10000) + Math.floor(s / 0x10000)) : s);
  let s = carry(start);
  for (let i = 0; i < bytes.length; i += 2) s = carry(s + ((bytes[i]! << 8) | (bytes[i + 1] ?? 0)));
  return s;
}

const octets = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
const word = fc.integer({ min: 0, max: 0xffff });
const long = fc.integer({ min: 0, max: 0xffff_ffff });

describe('Internet checksum', () => {
  it('gives the published values (RFC 1071 §3)', () => {
    for (const { data, checksum: want } of vectors.sum) {
      const bytes = hex(data);
      expect(checksum.finish(checksum.sum(bytes, 0, bytes.length))).toBe(Number.parseInt(want, 16));
    }
  });

  it('updates with equation 3, which gives 0000 where equation 2 gave ffff (RFC 1624 §4)', () => {
    for (const v of vectors.update) {
      const [field, old, now, want] = [v.old_checksum, v.old_word, v.new_word, v.new_checksum].map((t) => Number.parseInt(t, 16)) as [number, number, number, number];
      expect(checksum.update16(field, old, now)).toBe(want);
      expect(checksum.update16(field, old, now)).not.toBe(Number.parseInt(v.rfc1141, 16));
    }
  });

  it('sums as the reference does, from every start offset and for every length', () => {
    fc.assert(fc.property(octets(0, 700), fc.nat(7), fc.nat(3), long, (data, lead, view, start) => {
      const room = new Uint8Array(view + lead + data.length + 8).fill(0xa5);
      const buf = room.subarray(view);
      buf.set(data, lead);
      const got = checksum.sum(buf, lead, lead + data.length, start);
      expect(checksum.fold(got)).toBe(reference(data, start));
    }), { numRuns: 2000 });
  });

  it('sums 64 KiB of ones without overflow', () => {
    for (const length of [65535, 65536, 131072]) {
      const bytes = new Uint8Array(length).fill(0xff);
      expect(checksum.fold(checksum.sum(bytes, 0, length))).toBe(reference(bytes));
      expect(checksum.fold(checksum.sum(bytes, 1, length))).toBe(reference(bytes.subarray(1)));
    }
  });

  it('looks again when the buffer is another one, and when its content changed', () => {
    const a = new Uint8Array(1500).fill(1);
    const b = new Uint8Array(1500).fill(2);
    expect(checksum.fold(checksum.sum(a, 0, 1500))).toBe(reference(a));
    expect(checksum.fold(checksum.sum(b, 0, 1500))).toBe(reference(b));
    a[700] = 99;
    expect(checksum.fold(checksum.sum(a, 0, 1500))).toBe(reference(a));
  });

  it('folds what lies beyond 32 bits', () => {
    expect(checksum.fold(0)).toBe(0);
    expect(checksum.fold(0xffff)).toBe(0xffff);
    expect(checksum.fold(0x10000)).toBe(1);
    expect(checksum.fold(0xffff_ffff)).toBe(0xffff);
    expect(checksum.fold(0x8000_0000)).toBe(0x8000);
    expect(checksum.fold(2 ** 52 + 5)).toBe(0x15);
    expect(checksum.fold(Number.MAX_SAFE_INTEGER)).toBe(0x1f);
  });

  it('chains even parts', () => {
    fc.assert(fc.property(octets(0, 300), octets(0, 300), (a, b) => {
      const even = a.subarray(0, a.length & ~1);
      const both = Uint8Array.from([...even, ...b]);
      expect(checksum.fold(checksum.sum(b, 0, b.length, checksum.sum(even, 0, even.length)))).toBe(reference(both));
    }));
  });

  it('incremental update equals recomputation (16 and 32 bits)', () => {
    // One word of the data is not 0, as in every real header: for all-zero data both zeros are right.
    fc.assert(fc.property(octets(20, 60), fc.nat(7), word, long, (data, at, now16, now32) => {
      const bytes = Uint8Array.from([0x45, ...data.subarray(1, data.length & ~1)]);
      const view = new DataView(bytes.buffer);
      const before = checksum.finish(checksum.sum(bytes, 0, bytes.length));
      const o = 2 + 2 * at;
      const old16 = view.getUint16(o);
      view.setUint16(o, now16);
      const between = checksum.finish(checksum.sum(bytes, 0, bytes.length));
      expect(checksum.update16(before, old16, now16)).toBe(between);
      const old32 = view.getUint32(o);
      view.setUint32(o, now32);
      expect(checksum.update32(between, old32, now32)).toBe(checksum.finish(checksum.sum(bytes, 0, bytes.length)));
    }), { numRuns: 5000 });
  });

  it('takes signed 32-bit values as what they mean', () => {
    expect(checksum.update32(0x1234, 0xc0a8_0101, 0x0a00_0001)).toBe(checksum.update32(0x1234, 0xc0a8_0101 | 0, 0x0a00_0001 | 0));
  });

  it('partial update equals recomputation of the pseudo-header', () => {
    fc.assert(fc.property(long, long, long, fc.constantFrom(6, 17), word, word, (src, dst, now, proto, length, shorter) => {
      const before = checksum.fold(checksum.pseudo4(src, dst, proto, length));
      const moved = checksum.fold(checksum.pseudo4(now, dst, proto, length));
      expect(checksum.partialUpdate32(before, src, now)).toBe(moved);
      expect(checksum.partialUpdate16(moved, length, shorter)).toBe(checksum.fold(checksum.pseudo4(now, dst, proto, shorter)));
    }), { numRuns: 5000 });
  });

  it('a partial field, finished over the segment, is the full checksum', () => {
    fc.assert(fc.property(long, long, octets(20, 200), (src, dst, data) => {
      const segment = Uint8Array.from(data);
      const pseudo = checksum.pseudo4(src, dst, 6, segment.length);
      segment[16] = 0;
      segment[17] = 0;
      const full = checksum.finish(checksum.sum(segment, 0, segment.length, pseudo));
      const partial = checksum.fold(pseudo);
      segment[16] = partial >>> 8;
      segment[17] = partial & 0xff;
      expect(checksum.finish(checksum.sum(segment, 0, segment.length))).toBe(full);
    }));
  });
});
