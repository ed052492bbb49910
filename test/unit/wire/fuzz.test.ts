import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import { guarded } from './bytes.ts';
import { headers, messages } from './every-parser.ts';

const RUNS = 10_000;

/** First octets that get a random buffer past the first check of a parser. */
const starts: Readonly<Record<string, readonly (readonly number[])[]>> = {
  arp: [[0, 1, 8, 0, 6, 4]],
  ipv4: [[0x45], [0x46], [0x48], [0x4f], [0x4f, 0, 0, 60]],
  icmp: [[3, 4, 0, 0, 0, 0, 5, 0xdc, 0x45], [11, 0, 0, 0, 0, 0, 0, 0, 0x4f], [5], [12]],
  udp: [[0, 67, 0, 68, 0, 8], [0, 53, 0, 53, 0, 16]],
  tcp: [[0, 80, 1, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0xf0], [0, 80, 1, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x60]],
  dns: [[0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0], [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12], [0, 1, 0x80, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 4]],
  'nat-pmp': [[0, 1], [0, 2, 0, 0, 0x10, 0]],
  'nat-pmp answer': [[0, 128], [0, 129, 0, 0], [0, 130]],
  pcp: [[2, 1, 0, 0, 0, 0, 14, 16, ...new Array<number>(16).fill(0), ...new Array<number>(36).fill(0)], [2, 1, 0, 0, ...new Array<number>(56).fill(0), 3, 0, 0, 20], [2, 0]],
  'pcp answer': [[2, 0x81], [2, 0x80]],
  ssdp: [[...new TextEncoder().encode('M-SEARCH * HTTP/1.1\r\n')], [...new TextEncoder().encode('NOTIFY * HTTP/1.1\r\nHOST:')]],
  'describe ip': [[0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17], [0x45, 0, 0, 60, 0, 0, 0, 0, 64, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 3, 4], [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6]],
  'describe ether': [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 8, 6, 0, 1, 8, 0, 6, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x81, 0, 0, 5, 8, 0, 0x45, 0, 0, 30]],
};

function buffers(name: string, max: number): fc.Arbitrary<Uint8Array> {
  const noise = fc.uint8Array({ maxLength: max });
  const known = starts[name];
  if (!known) return noise;
  return fc.oneof(noise, fc.tuple(fc.constantFrom(...known), noise).map(([start, rest]) => Uint8Array.from([...start, ...rest])));
}

describe(`random octets, ${RUNS} buffers for each parser`, () => {
  for (const [name, read] of Object.entries(headers)) {
    it(`${name} reads nothing outside what it was given`, () => {
      fc.assert(fc.property(buffers(name, 100), fc.nat(9), (data, lead) => {
        const buf = new Uint8Array(lead + data.length + 64).fill(0xa5);
        buf.set(data, lead);
        read(guarded(buf, lead, lead + data.length), lead, lead + data.length);
      }), { numRuns: RUNS });
    });
  }

  for (const [name, read] of Object.entries(messages)) {
    it(`${name} says the same whatever lies around its octets`, () => {
      fc.assert(fc.property(buffers(name, 300), fc.nat(9), (data, lead) => {
        const zeros = new Uint8Array(lead + data.length + 300);
        const ones = new Uint8Array(lead + data.length + 300).fill(0xff);
        zeros.set(data, lead);
        ones.set(data, lead);
        expect(read(zeros, lead, lead + data.length)).toEqual(read(ones, lead, lead + data.length));
      }), { numRuns: RUNS });
    });
  }

  it('dhcp reads what begins as DHCP', () => {
    let read = 0;
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(3), (data, overload) => {
      const buf = new Uint8Array(240 + 3 + data.length).fill(0x20);
      buf.set([1, 1, 6], 0);
      buf.set([0x63, 0x82, 0x53, 0x63, 52, 1, overload], 236);
      buf.set(data, 243);
      const msg = dhcp.parse(buf, 0, buf.length);
      if (msg) { read++; dhcp.emit(msg); }
    }), { numRuns: RUNS });
    expect(read).toBeGreaterThan(RUNS / 100);
  });
});
