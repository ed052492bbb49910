import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../sdk/packet.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import { fragment, fragments } from '../../../sdk/wire/fragment.ts';
import { bytes, datagram, room } from '../ip/packets.ts';

describe('fragment', () => {
  it('puts every octet once in its place, each piece within the MTU, with a right header', () => {
    fc.assert(fc.property(bytes(0, 4000), fc.integer({ min: 28, max: 1500 }), (data, mtu) => {
      const pieces = fragments(datagram(data), mtu);
      const got = new Uint8Array(data.length);
      let sum = 0;
      for (const [i, f] of pieces.entries()) {
        expect(f.length).toBeLessThanOrEqual(mtu);
        expect(ipv4.fits(f, 0, f.length) && ipv4.totalLen(f, 0) === f.length && ipv4.checksumOk(f, 0)).toBe(true);
        expect(ipv4.moreFragments(f, 0)).toBe(i < pieces.length - 1);
        got.set(f.subarray(20), ipv4.fragmentOffset(f, 0));
        sum += f.length - 20;
      }
      if (data.length) expect(sum).toBe(data.length);
      expect(got).toEqual(data);
    }), { numRuns: 100 });
  });

  it('respects DF and an MTU too small for eight octets', () => {
    expect(fragments(datagram(new Uint8Array(2000), { df: true }), 1500)).toEqual([]);
    expect(fragments(datagram(new Uint8Array(2000)), 27)).toEqual([]);
  });

  it('copies only options with the copied flag (RFC 791 §3.1)', () => {
    // record route (7, not copied), no-operation, loose source route (131, copied)
    const options = [7, 7, 4, 0, 0, 0, 0, 1, 131, 7, 4, 9, 9, 9, 9, 0];
    const [first, second] = fragments(datagram(new Uint8Array(100), { options }), 80);
    expect([...first!.subarray(20, 36)]).toEqual(options);
    expect(ipv4.headerLen(second!, 0)).toBe(28);
    expect([...second!.subarray(20, 28)]).toEqual([131, 7, 4, 9, 9, 9, 9, 0]);
    expect(ipv4.checksumOk(second!, 0)).toBe(true);
  });

  it('carries the offset and the flag of a fragment on', () => {
    const f = datagram(Uint8Array.from({ length: 64 }, (_, i) => i));
    ipv4.setFlagsFragment(f, 0, 0x2000 | 10);
    ipv4.writeChecksum(f, 0);
    const pieces = fragments(f, 52);
    expect(pieces.map((p) => [ipv4.fragmentOffset(p, 0), ipv4.moreFragments(p, 0)])).toEqual([[80, true], [112, true]]);
  });

  it('keeps the link header in front and says when the pool is dry', () => {
    const src = room();
    src.fill(Uint8Array.of(...new Array(14).fill(7), ...datagram(new Uint8Array(3000))));
    src.l3 = src.off + 14;
    const out: Packet[] = [];
    expect(fragment(src, 1500, () => room(2000), (p) => out.push(p))).toBe(3);
    for (const p of out) expect([...p.bytes().subarray(0, 14)]).toEqual(new Array(14).fill(7));
    expect(out.map((p) => p.l4 !== 0)).toEqual([true, false, false]);
    let left = 1;
    expect(fragment(src, 1500, () => left-- > 0 ? room(2000) : undefined, () => {})).toBe(-1);
  });

  it('does not throw for any bytes', () => {
    fc.assert(fc.property(bytes(0, 200), fc.integer({ min: 0, max: 100 }), (b, mtu) => {
      if (b.length) b[0] = 0x45 + (b[0]! % 11);
      fragments(b, mtu);
    }), { numRuns: 2000 });
  });
});
