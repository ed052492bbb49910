import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decoded, decode } from '../../../gui/src/pages/capture/decode/frame.ts';
import type { Field } from '../../../gui/src/pages/capture/decode/octets.ts';
import { keyOf, keysOf } from '../../../gui/src/pages/capture/packets.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.replace(/\s/g, '').match(/../g) ?? [], (x) => Number.parseInt(x, 16));
/** A SYN and a DNS answer as Linux hosts sent them. */
const syn = bytes('021ab0000001 021ab0000102 0800 4500003c3e0240004006fee4c0a80122cb00710a 9c9e00505ce49f9e00000000a002faf0fe030000 020405b40402080a7a7d05a10000000001030 30a');
const answer = bytes('021ab0000101 021ab0000001 0800 450000433eeb00004011b84cc0a80101c0a80121 0035ab80002f7f65 b38381800001000100000000 05696e65743100 00010001 c00c 00010001 00000014 0004 cb00710a');
const value = (d: Decoded, layer: string, name: string): string | undefined => d.layers.find((l) => l.name === layer)?.fields.find((f) => f.name === name)?.value;

describe('the decoder', () => {
  it('reads a SYN with its options', () => {
    const d = decode(syn, 'ether');
    expect([d.from, d.to, d.protocol]).toEqual(['192.168.1.34:40094', '203.0.113.10:80', 'TCP']);
    expect([value(d, 'IPv4', 'Header checksum'), value(d, 'TCP', 'Flags'), value(d, 'TCP', 'Sequence number')]).toEqual(['0xfee4, right', 'SYN (0x02)', '1558486942']);
    expect(d.layers.find((l) => l.name === 'TCP')!.fields.at(-1)!.fields!.map((f) => [f.name, f.value])).toContainEqual(['Maximum segment size', '1460']);
  });
  it('follows the pointer in a DNS answer', () => {
    expect(value(decode(answer, 'ether'), 'DNS', 'Answer')).toBe('A inet1 = 203.0.113.10, for 20 s');
  });
  it('tells a wrong checksum', () => {
    const broken = syn.slice();
    broken[24]! ^= 1;
    expect(decode(broken, 'ether').layers.find((l) => l.name === 'IPv4')!.bad).toBe(true);
  });
  it('never throws, and tells only of octets that are there', () => {
    const inside = (fields: readonly Field[], length: number): boolean => fields.every((f) => f.from >= 0 && f.from <= f.to && f.to <= length && inside(f.fields ?? [], length));
    const check = (b: Uint8Array, framing: string): void => {
      for (const layer of decode(b, framing).layers) {
        expect(layer.from <= layer.to && layer.to <= b.length).toBe(true);
        expect(inside(layer.fields, b.length)).toBe(true);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom('ether', 'ip'), check));
    fc.assert(fc.property(fc.constantFrom(syn, answer), fc.nat(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), (whole, cut, flips) => {
      const b = whole.slice(0, cut % (whole.length + 1));
      for (const [at, to] of flips) if (b.length > 0) b[at % b.length] = to;
      check(b, 'ether');
    }), { numRuns: 3000 });
  });
});

describe('following a flow', () => {
  const ends = decode(syn, 'ether').ends!;
  it('takes both directions as one', () => {
    expect(keyOf({ ...ends, src: ends.dst, dst: ends.src, sport: ends.dport, dport: ends.sport })).toBe(keyOf(ends));
  });
  it('finds the other side of a translation', () => {
    const original = { src: 0xc0a80122, dst: 0xcb00710a, sport: 40094, dport: 80, proto: 6 };
    const outside = { src: '198.51.100.2', dst: '203.0.113.10', sport: 50000, dport: 80, proto: 6 };
    expect(keysOf(ends, [{ original, reply: { src: 0xcb00710a, dst: 0xc6336402, sport: 80, dport: 50000, proto: 6 } }])).toContain(keyOf(outside));
  });
});
