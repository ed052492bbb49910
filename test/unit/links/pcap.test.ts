import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapturedFrame, CaptureReader } from '../../../kernel/links/capture.ts';
import { PcapWriter, readCapture } from '../../../kernel/links/pcap.ts';
import { PcapngWriter } from '../../../kernel/links/pcapng.ts';

const hex = (text: string) => Uint8Array.from(text.replace(/\s|;.*/gm, '').match(/../g) ?? [], (b) => Number.parseInt(b, 16));
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((p) => [...p]));
function all(r: CaptureReader): CapturedFrame[] {
  const out: CapturedFrame[] = [];
  for (let f = r.next(); f; f = r.next()) out.push(f);
  return out;
}

describe('pcap', () => {
  it('reads a little-endian file of microseconds', () => {
    const r = readCapture(hex(`d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000
      15cd5b07 40420f00 04000000 3c000000 deadbeef
      16cd5b07 01000000 00000000 00000000`));
    expect(r.interfaces).toEqual([{ name: undefined, linkType: 1, snapLength: 65535 }]);
    expect(all(r)).toEqual([
      { interface: 0, time: 123456790_000_000_000n, data: hex('deadbeef'), length: 60, comment: undefined },
      { interface: 0, time: 123456790_000_001_000n, data: new Uint8Array(), length: 0, comment: undefined },
    ]);
    expect(r.problem).toBeUndefined();
  });

  it('reads a big-endian file of nanoseconds, with an FCS length in the link type', () => {
    const r = readCapture(hex('a1b23c4d 0002 0004 00000000 00000000 00040000 54000065 00000001 00000002 00000001 00000001 45'));
    expect(r.interfaces[0]?.linkType).toBe(101);
    expect(all(r)).toMatchObject([{ time: 1_000_000_002n, length: 1 }]);
  });

  it('gives what is whole of a file that is cut off, and says so', () => {
    const whole = join(PcapWriter.header(1), PcapWriter.frame(hex('0102030405'), 5n), PcapWriter.frame(hex('06'), 6n));
    expect(all(readCapture(whole)).map((f) => f.data)).toEqual([hex('0102030405'), hex('06')]);
    for (let n = 0; n < whole.length; n++) {
      const r = readCapture(whole.subarray(0, n));
      expect(all(r)).toHaveLength(n < 45 ? 0 : 1);
      if (n !== 24 && n !== 45) expect(r.problem).toMatch(/cut off|too short/);
    }
    expect(readCapture(hex('00112233445566')).problem).toBe('not a capture file');
  });

  it('refuses a record of absurd length', () => {
    const r = readCapture(join(PcapWriter.header(1), hex('00000000 00000000 7fffffff 7fffffff')));
    expect(all(r)).toEqual([]);
    expect(r.problem).toMatch(/2147483647 octets/);
  });
});

describe('pcapng', () => {
  const section = '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c';

  it('reads interfaces, their resolution, comments and simple packets', () => {
    const r = readCapture(hex(`${section}
      00000001 00000028 0001 0000 00000040 0002 0004 6c616e30 0009 0001 03000000 00000000 00000028
      00000bad 00000010 12345678 00000010
      00000006 00000030 00000000 00000000 000003e9 00000002 0000003c abcd0000 0001 0002 68690000 00000000 00000030
      00000003 00000014 00000003 11223300 00000014`));
    expect(all(r)).toEqual([
      { interface: 0, time: 1_001_000_000n, data: hex('abcd'), length: 60, comment: 'hi' },
      { interface: 0, time: 0n, data: hex('112233'), length: 3, comment: undefined },
    ]);
    expect(r.problem).toBeUndefined();
    expect(r.interfaces).toMatchObject([{ name: 'lan0', linkType: 1, snapLength: 64 }]);
  });

  it('takes byte order and interface numbers from each section anew', () => {
    const little = `0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
      01000000 14000000 6500 0000 00000000 14000000
      06000000 24000000 00000000 00000000 40420f00 01000000 01000000 45000000 24000000`;
    const w = new PcapngWriter();
    const r = readCapture(join(w.section(), w.interface('a', 1).bytes, w.frame(0, hex('01'), 7n), hex(little)));
    expect(all(r)).toMatchObject([{ interface: 0, time: 7n }, { interface: 1, time: 1_000_000_000n, data: hex('45') }]);
    expect(r.interfaces[1]?.linkType).toBe(101);
  });

  it('names what is wrong', () => {
    const problem = (text: string) => { const r = readCapture(hex(text)); all(r); return r.problem; };
    expect(problem('0a0d0d0a 0000001c 00000000 00000000 00000000 00000000 0000001c')).toMatch(/byte order/);
    expect(problem(`${section} 00000001 00000009`)).toMatch(/cut off/);
    expect(problem(`${section} 00000001 0000000a 00000000`)).toMatch(/block of 10/);
    expect(problem(`${section} 00000001 0000000c 00000010`)).toMatch(/lengths differ/);
    expect(problem(`${section} 00000006 00000020 00000000 00000000 00000000 00000000 00000000 00000020`)).toMatch(/not described/);
  });

  it('writes what it reads', () => {
    fc.assert(fc.property(
      fc.array(fc.record({ data: fc.uint8Array({ maxLength: 100 }), time: fc.bigInt({ min: 0n, max: 1n << 63n }), comment: fc.option(fc.string(), { nil: undefined }) })),
      (frames) => {
        const w = new PcapngWriter();
        const i = w.interface('wan0', 1);
        const file = join(w.section('about'), i.bytes, ...frames.map((f) => w.frame(i.id, f.data, f.time, f.comment)));
        expect(all(readCapture(file))).toEqual(frames.map((f) => ({ interface: 0, length: f.data.length, ...f })));
      }), { numRuns: 50 });
  });
});

describe('rubbish', () => {
  const w = new PcapngWriter();
  const good = [
    join(PcapWriter.header(1), PcapWriter.frame(new Uint8Array(60), 5n), PcapWriter.frame(new Uint8Array(61), 6n)),
    join(w.section(), w.interface('x', 1).bytes, w.frame(0, new Uint8Array(60), 5n, 'c'), w.frame(0, new Uint8Array(61), 6n)),
  ];
  const ends = (bytes: Uint8Array) => { expect(all(readCapture(bytes)).length).toBeLessThanOrEqual(bytes.length); };

  it('never throws and always ends: one changed octet', () => {
    fc.assert(fc.property(fc.constantFrom(...good), fc.nat(), fc.integer({ min: 1, max: 255 }), (file, at, flip) => {
      const bad = file.slice();
      bad[at % bad.length] = (bad[at % bad.length] ?? 0) ^ flip;
      ends(bad);
    }), { numRuns: 5000 });
  });

  it('never throws and always ends: random octets behind a good beginning', () => {
    fc.assert(fc.property(fc.constantFrom(...good), fc.nat(), fc.uint8Array({ maxLength: 200 }), (file, keep, noise) => {
      ends(join(file.subarray(0, keep % file.length), noise));
    }), { numRuns: 5000 });
  });
});
