import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PptpCalls } from '../../../../plugins/nat/pptp-calls.ts';
import { PptpStream } from '../../../../plugins/nat/pptp-stream.ts';
import * as pptp from '../../../../sdk/wire/pptp.ts';

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(p => [...p]));
/** Every own id becomes the next one; every id of the other side the one before. */
const shift = () => new PptpStream((_type, own, id) => (id & 0xff00) | ((id + (own ? 1 : -1)) & 0xff));

/** What arrives when the stream is cut at these places. */
function through(stream: PptpStream, bytes: Uint8Array, cuts: readonly number[], first = 1000): Uint8Array {
  const out = bytes.slice();
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const piece = bytes.slice(from, to);
    for (const p of stream.segment(piece, 0, piece.length, first + from) ?? []) out[from + p.at] = p.value;
    from = to;
  }
  return out;
}
const request = pptp.emit(pptp.OUTGOING_CALL_REQUEST, 168, { callId: 0x1234 });
const reply = pptp.emit(pptp.OUTGOING_CALL_REPLY, 32, { callId: 0x4444, peerCallId: 0x1235 });
const link = pptp.emit(pptp.SET_LINK_INFO, 24, { peerCallId: 0x1235 });
const echo = pptp.emit(5, 16);

describe('a PPTP control stream', () => {
  it('knows where each message has its ids (RFC 2637 §2)', () => {
    expect([7, 8, 9, 10, 11, 12, 13, 14, 15].map(t => [pptp.callIdAt(t), pptp.peerCallIdAt(t)])).toEqual([[12, 0], [12, 14], [12, 0], [12, 14], [0, 12], [12, 0], [12, 0], [0, 12], [0, 12]]);
    expect([...request.subarray(0, 14)]).toEqual([0, 168, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 7, 0, 0, 0x12, 0x34]);
  });

  it('changes ids and nothing else, wherever segments are cut', () => {
    const bytes = joined(echo, request, reply, link, echo);
    const s = shift();
    s.begin(999);
    const whole = through(s, bytes, []);
    expect(pptp.id(whole, 16 + 12)).toBe(0x1235);
    expect([pptp.id(whole, 184 + 12), pptp.id(whole, 184 + 14), pptp.id(whole, 216 + 12)]).toEqual([0x4445, 0x1234, 0x1234]);
    expect([...whole].filter((v, i) => v !== bytes[i])).toHaveLength(4);
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), cuts => {
      const t = shift();
      t.begin(999);
      expect(through(t, bytes, cuts.sort((a, b) => a - b))).toEqual(whole);
    }), { numRuns: 200 });
  });

  it('changes what is sent again again, and lets nothing pass over a gap', () => {
    const s = shift();
    s.begin(0xffff_fffe); // sequence numbers wrap
    expect(s.segment(request, 0, 20, 0xffff_ffff)).toEqual([{ at: 13, value: 0x35 }]);
    expect(s.segment(request, 0, 168, 0xffff_ffff)).toEqual([{ at: 13, value: 0x35 }]);
    expect(s.segment(reply, 0, 32, 300)).toBeUndefined();
    expect(s.segment(reply, 0, 32, 167)).toEqual([{ at: 13, value: 0x45 }, { at: 15, value: 0x34 }]);
  });

  it('leaves a stream alone that is not PPTP, and finds its place after a reload', () => {
    const s = shift();
    s.begin(0);
    const http = new TextEncoder().encode('GET / HTTP/1.0\r\nhost: here\r\n\r\n');
    expect(s.segment(http, 0, http.length, 1)).toEqual([]);
    const t = shift();
    expect(t.segment(http, 0, http.length, 77)).toEqual([]);
    expect(t.segment(link, 0, 24, 177)).toEqual([{ at: 13, value: 0x34 }]);
  });

  it('takes any octets', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat()), { maxLength: 20 }), segments => {
      const s = shift();
      for (const [bytes, seq] of segments) s.segment(bytes, 0, bytes.length, seq >>> 0);
    }), { numRuns: 200 });
  });
});

describe('PPTP calls', () => {
  it('gives two hosts with the same id two ids with the same high octet, and knows whose is whose', () => {
    const calls = new PptpCalls();
    expect(calls.outsideId(9, 1, 100, 0x01ff, 1)).toBe(0x01ff);
    expect(calls.outsideId(9, 1, 101, 0x01ff, 2)).toBe(0x0100);
    expect(calls.outsideId(9, 1, 100, 0x01ff, 1)).toBe(0x01ff);
    expect([calls.find(9, 1, 0x01ff)?.host, calls.find(9, 1, 0x0100)?.host, calls.find(9, 1, 0x0100)?.id]).toEqual([100, 101, 0x01ff]);
    calls.end(9, 2);
    expect(calls.find(9, 1, 0x0100)).toBeUndefined();
    expect(new PptpCalls(calls.list()).has(9, 100, 0x01ff)).toBe(true);
  });
});
