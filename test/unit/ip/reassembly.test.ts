import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fragments } from '../../../sdk/wire/fragment.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import { Reassembly } from '../../../plugins/ip/reassembly.ts';
import { A, bytes, datagram } from './packets.ts';

const shuffled = (n: number) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n });
const write = (r: Reassembly) => {
  const out = new Uint8Array(r.wholeLen());
  r.write(out, 0);
  return out;
};
/** A fragment by hand: offset in octets. */
function piece(offset: number, data: Uint8Array, more: boolean, id = 1, src = A): Uint8Array {
  const f = datagram(data, { id, src });
  ipv4.setFlagsFragment(f, 0, (more ? 0x2000 : 0) | (offset >> 3));
  ipv4.writeChecksum(f, 0);
  return f;
}

describe('reassembly', () => {
  it('gives the original for fragments in any order, some of them twice', () => {
    fc.assert(fc.property(
      bytes(100, 3000), fc.integer({ min: 68, max: 600 }), fc.infiniteStream(fc.nat()),
      (data, mtu, chance) => {
        const original = datagram(data, { options: [7, 7, 4, 0, 0, 0, 0, 0] });
        const parts = fragments(original, mtu);
        if (parts.length < 2) return;
        const order = parts.map((f, i) => ({ f, at: chance.next().value % 1000, i })).sort((a, b) => a.at - b.at || a.i - b.i).map((x) => x.f);
        const r = new Reassembly();
        for (const [i, f] of order.entries()) {
          const last = i === order.length - 1;
          expect(r.add(f, 0, 1, 0)).toBe(last ? 'whole' : 'held');
          if (!last && i % 3 === 0) expect(r.add(f, 0, 1, 0)).toBe('duplicate');
        }
        expect(write(r)).toEqual(original);
        expect([r.size, r.held]).toEqual([0, 0]);
      },
    ), { numRuns: 100 });
  });

  it('is the inverse of fragmenting twice', () => {
    fc.assert(fc.property(bytes(1500, 4000), shuffled(40), (data, order) => {
      const original = datagram(data);
      const parts = fragments(original, 1400).flatMap((f) => { const again = fragments(f, 296); return again.length ? again : [f]; });
      const r = new Reassembly();
      const outcomes = order.filter((i) => i < parts.length).map((i) => r.add(parts[i]!, 0, 1, 0));
      expect(outcomes.at(-1)).toBe('whole');
      expect(write(r)).toEqual(original);
    }), { numRuns: 40 });
  });

  it('drops a datagram with overlaps as a whole, and what comes of it later (RFC 5722)', () => {
    const r = new Reassembly();
    expect(r.add(piece(0, new Uint8Array(64), true), 0, 1, 0)).toBe('held');
    expect(r.add(piece(56, new Uint8Array(64).fill(1), true), 0, 1, 0)).toBe('overlap');
    expect(r.add(piece(64, new Uint8Array(8), false), 0, 1, 0)).toBe('overlap');
    expect(r.add(piece(0, new Uint8Array(64), true), 0, 1, 1)).toBe('overlap');
    // The same place with other data is an overlap, not a duplicate.
    expect(r.add(piece(0, new Uint8Array(64), true, 2), 0, 1, 0)).toBe('held');
    expect(r.add(piece(0, new Uint8Array(64).fill(1), true, 2), 0, 1, 0)).toBe('overlap');
  });

  it('refuses what cannot be: teardrop, ping of death, odd and empty pieces, two ends', () => {
    const r = new Reassembly();
    expect(r.add(piece(0, new Uint8Array(40), true, 1), 0, 1, 0)).toBe('held');
    expect(r.add(piece(24, new Uint8Array(8), false, 1), 0, 1, 0)).toBe('overlap');
    expect(r.add(piece(65_528, new Uint8Array(400), false, 2), 0, 1, 0)).toBe('too-long');
    expect(r.add(piece(0, new Uint8Array(41), true, 3), 0, 1, 0)).toBe('misaligned');
    expect(r.add(piece(8, new Uint8Array(0), false, 4), 0, 1, 0)).toBe('empty');
    expect(r.add(piece(64, new Uint8Array(8), false, 5), 0, 1, 0)).toBe('held');
    expect(r.add(piece(96, new Uint8Array(8), false, 5), 0, 1, 0)).toBe('overlap');
  });

  it('gives up after 30 s and tells of it only when the first fragment came', () => {
    const r = new Reassembly();
    r.add(piece(0, new Uint8Array(16).fill(9), true, 1), 0, 3, 1000);
    r.add(piece(16, new Uint8Array(16), true, 2), 0, 3, 2000);
    expect(r.deadline()).toBe(31_000);
    expect(r.expire(30_999)).toEqual([]);
    const told = r.expire(40_000);
    expect(told).toHaveLength(1);
    expect(told[0]!.link).toBe(3);
    expect([...told[0]!.packet.subarray(20)]).toEqual(new Array(16).fill(9));
    expect([r.size, r.held, r.deadline()]).toEqual([0, 0, undefined]);
  });

  it('does not mix links, ids or sources', () => {
    const r = new Reassembly();
    r.add(piece(0, new Uint8Array(8), true), 0, 1, 0);
    expect(r.add(piece(8, new Uint8Array(8), false), 0, 2, 0)).toBe('held');
    expect(r.add(piece(8, new Uint8Array(8), false, 2), 0, 1, 0)).toBe('held');
    expect(r.add(piece(8, new Uint8Array(8), false, 1, A + 1), 0, 1, 0)).toBe('held');
  });

  it('is bounded in all and per source, and one source cannot push out another', () => {
    const r = new Reassembly({ timeoutMs: 30_000, most: 100_000, mostOfSource: 20_000 });
    r.add(piece(0, new Uint8Array(800), true, 1, A + 1), 0, 1, 0);
    for (let id = 0; id < 500; id++) r.add(piece(0, new Uint8Array(800), true, id), 0, 1, 0);
    expect(r.held).toBeLessThanOrEqual(22_000);
    expect(r.add(piece(800, new Uint8Array(8), false, 1, A + 1), 0, 1, 0)).toBe('whole');
    write(r);
    for (let i = 0; i < 2000; i++) r.add(piece(8, new Uint8Array(800), true, 1, A + 100 + i), 0, 1, 0);
    expect(r.held).toBeLessThanOrEqual(100_000);
    expect(r.evicted).toBeGreaterThan(0);
    r.expire(60_000);
    expect([r.size, r.held]).toEqual([0, 0]);
  });

  it('survives random fragments', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(8191), bytes(0, 64), fc.boolean(), fc.nat(2)), { maxLength: 60 }), (all) => {
      const r = new Reassembly({ timeoutMs: 10, most: 20_000, mostOfSource: 10_000 });
      for (const [i, [offset, data, more, id]] of all.entries()) {
        if (r.add(piece(offset * 8, data, more, id), 0, 1, i) === 'whole') write(r);
        expect(r.held).toBeLessThanOrEqual(20_000);
      }
      r.expire(1e6);
      expect(r.held).toBe(0);
    }), { numRuns: 300 });
  });
});
