import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frames, framed } from '../../../plugins/lan/dns-frames.ts';

const message = (n: number, length = 12): Uint8Array => new Uint8Array(length).fill(n);
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(p => [...p]));

describe('DNS messages in a stream', () => {
  it('are two octets of length and the message (RFC 1035 §4.2.2)', () => {
    expect([...framed(Uint8Array.of(1, 2, 3))]).toEqual([0, 3, 1, 2, 3]);
    expect([...framed(new Uint8Array(300)).subarray(0, 2)]).toEqual([1, 44]);
  });

  it('come out whole, however the stream was cut', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 12, maxLength: 80 }), { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), (messages, cuts) => {
      const stream = joined(...messages.map(framed));
      const frames = new Frames(4096);
      const got: Uint8Array[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const n = cuts[i % cuts.length]!;
        got.push(...frames.take(stream.slice(at, at + n)) ?? []);
        at += n;
      }
      expect(got.map(g => [...g])).toEqual(messages.map(m => [...m]));
      expect(frames.waiting).toBe(0);
    }));
  });

  it('several at once', () => {
    expect(new Frames(4096).take(joined(framed(message(1)), framed(message(2)), Uint8Array.of(0)))?.map(m => m[0])).toEqual([1, 2]);
  });

  it('hostile lengths end it: none, shorter than a header, longer than may be', () => {
    for (const length of [0, 1, 11, 4097, 0xffff]) expect(new Frames(4096).take(Uint8Array.of(length >> 8, length & 255, 1, 2, 3))).toBeUndefined();
    expect(new Frames(0xffff).take(Uint8Array.of(0xff, 0xff))).toEqual([]);
  });

  it('never throw, and hold no more than one message', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 }), parts => {
      const frames = new Frames(512);
      for (const part of parts) if (frames.take(part) === undefined) break;
      expect(frames.waiting).toBeLessThan(2 + 512);
    }));
  });
});
