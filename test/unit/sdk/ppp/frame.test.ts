import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FCS_GOOD, fcs16 } from '../../../../sdk/wire/ppp-fcs.ts';
import { ACCM_ALL, FrameDecoder, FrameEncoder, type Framing, INITIAL_FRAMING, worstCase } from '../../../../sdk/wire/ppp-frame.ts';
import { PROTO_IPV4, PROTO_LCP, protocolLength } from '../../../../sdk/wire/ppp.ts';
import { hex, marked, toHex } from '../../wire/bytes.ts';

const ascii = (text: string) => Uint8Array.from(text, c => c.charCodeAt(0));

function encode(framing: Framing, protocol: number, data: Uint8Array, lead = true): Uint8Array {
  const encoder = new FrameEncoder();
  encoder.framing = framing;
  const out = marked(worstCase(data.length) + 20);
  const end = encoder.encode(out, 10, protocol, data, 0, data.length, lead);
  expect(end - 10).toBeLessThanOrEqual(worstCase(data.length));
  expect(toHex(out.subarray(0, 10)) + toHex(out.subarray(end))).toMatch(/^(a5)*$/);
  return out.slice(10, end);
}

interface Got { readonly protocol: number; readonly data: string }

/** Frames of a stream that comes in chunks of these sizes, then in one. */
function decode(stream: Uint8Array, chunks: readonly number[] = [], accm = 0, room = 1600): { got: Got[]; decoder: FrameDecoder } {
  const decoder = new FrameDecoder();
  const buf = new Uint8Array(room + 10);
  decoder.accm = accm;
  decoder.into(buf, 5, 5 + room);
  const got: Got[] = [];
  let from = 0;
  for (const size of [...chunks, stream.length]) {
    const to = Math.min(stream.length, from + size);
    for (let at = from; at < to;) {
      at = decoder.feed(stream, at, to);
      if (decoder.complete) got.push({ protocol: decoder.protocol, data: toHex(buf.subarray(decoder.start, decoder.end)) });
    }
    from = to;
  }
  return { got, decoder };
}

describe('HDLC-like framing', () => {
  it('has the FCS of RFC 1662', () => {
    expect((fcs16(ascii('123456789'), 0, 9) ^ 0xffff).toString(16)).toBe('906e');
    const frame = hex('ff03c021010100140206000000000506aabbccdd07020802 ffd9');
    expect(fcs16(frame, 0, frame.length)).toBe(FCS_GOOD);
  });

  it('writes and reads a Configure-Request octet for octet', () => {
    const data = hex('010100140206000000000506aabbccdd07020802');
    const wire = '7eff7d23c0217d217d217d207d347d227d267d207d207d207d207d257d26aabbccdd7d277d227d287d22ffd97e';
    // LCP looks the same whatever was agreed.
    for (const framing of [INITIAL_FRAMING, { sendAccm: 0, receiveAccm: 0, pfc: true, acfc: true }]) expect(toHex(encode(framing, PROTO_LCP, data))).toBe(wire);
    expect(decode(hex(wire), [], ACCM_ALL).got).toEqual([{ protocol: PROTO_LCP, data: toHex(data) }]);
  });

  it('leaves out what may be left out, and takes every form', () => {
    const data = hex('4500');
    const short = encode({ sendAccm: 0, receiveAccm: 0, pfc: true, acfc: true }, PROTO_IPV4, data);
    expect(toHex(short.subarray(0, 4))).toBe('7e214500');
    expect(toHex(encode({ sendAccm: 0, receiveAccm: 0, pfc: true, acfc: false }, PROTO_IPV4, data).subarray(0, 5))).toBe('7eff032145');
    expect(toHex(encode({ sendAccm: 1 << 3, receiveAccm: 0, pfc: false, acfc: false }, PROTO_IPV4, data).subarray(0, 6))).toBe('7eff7d230021');
    for (const pfc of [true, false]) for (const acfc of [true, false]) expect(decode(encode({ sendAccm: 0, receiveAccm: 0, pfc, acfc }, PROTO_IPV4, data)).got).toEqual([{ protocol: PROTO_IPV4, data: '4500' }]);
  });

  it('tells protocol numbers of one and two octets apart', () => {
    expect([protocolLength(hex('21'), 0, 1), protocolLength(hex('0021'), 0, 2), protocolLength(hex('c021'), 0, 2), protocolLength(hex('00'), 0, 1), protocolLength(hex('0020'), 0, 2), protocolLength(hex(''), 0, 0)])
      .toEqual([1, 2, 2, 0, 0, 0]);
  });

  it('whatever is sent arrives, in chunks of any size, under any map', () => {
    const packet = fc.tuple(fc.constantFrom(PROTO_IPV4, 0x57, PROTO_LCP, 0x8021), fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.array(fc.constantFrom(0x7e, 0x7d, 0, 0x11, 0x13, 0x5e), { maxLength: 100 }).map(a => Uint8Array.from(a))));
    fc.assert(fc.property(fc.array(packet, { maxLength: 6 }), fc.nat(0xffff_ffff), fc.boolean(), fc.boolean(), fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (packets, accm, pfc, acfc, chunks) => {
      const stream = packets.flatMap(([protocol, data], i) => [...encode({ sendAccm: accm, receiveAccm: accm, pfc, acfc }, protocol, data, i === 0)]);
      const { got, decoder } = decode(Uint8Array.from(stream), chunks, accm);
      expect(got).toEqual(packets.map(([protocol, data]) => ({ protocol, data: toHex(data) })));
      expect(decoder.counters).toMatchObject({ frames: packets.length, octets: stream.length, fcs: 0, aborted: 0, long: 0, short: 0, header: 0 });
    }), { numRuns: 500 });
  });

  it('drops control characters that the line put in, and only those', () => {
    const wire = [...encode(INITIAL_FRAMING, PROTO_IPV4, hex('45000102'))];
    wire.splice(4, 0, 0x11, 0x13);
    expect(decode(Uint8Array.from(wire), [], ACCM_ALL).got).toHaveLength(1);
    expect(decode(Uint8Array.from(wire), [], 0).got).toHaveLength(0);
  });

  it('counts what it drops, and is in step again at the next flag', () => {
    const good = [...encode(INITIAL_FRAMING, PROTO_IPV4, hex('450001'))];
    const noise: readonly (readonly [string, string, string])[] = [
      ['fcs', 'a damaged frame', '7e ff 03 00 21 45 00 00 00 7e'], ['aborted', '7d 7e', '7e ff 03 00 21 45 7d 7e'], ['short', 'too little', '7e 45 7e'], ['long', 'more than there is room', `7e ${'55'.repeat(200)} 7e`],
    ];
    for (const [counter, , octets] of noise) {
      const { got, decoder } = decode(Uint8Array.from([...ascii('CONNECT 7200000\r\n'), ...hex(octets), ...good, ...good.slice(1)]), [], ACCM_ALL, 100);
      expect(got).toHaveLength(2);
      expect(decoder.counters[counter as 'fcs']).toBe(1);
    }
  });

  it('random octets: neither throws nor writes outside its room', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(0xffff_ffff), (noise, accm) => {
      const decoder = new FrameDecoder();
      const buf = marked(60);
      decoder.accm = accm;
      decoder.into(buf, 10, 50);
      const stream = Uint8Array.from([0x7e, ...noise]);
      for (let at = 0; at < stream.length;) {
        const next = decoder.feed(stream, at, stream.length);
        expect(next).toBeGreaterThan(at);
        at = next;
      }
      expect(toHex(buf.subarray(0, 10)) + toHex(buf.subarray(50))).toMatch(/^(a5){20}$/);
    }), { numRuns: 3000 });
  });
});
