import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, FrameReader, LONGEST } from '../../../../plugins/cellular-cards/core/qcdm/frame.ts';
import { bestEcIo, parseCallManager, parsePilots } from '../../../../plugins/cellular-cards/core/qcdm/radio.ts';
import { octets } from './bytes.ts';

/** An answer to a pilot sets request as a modem sent it, with its CRC and escapes (published with libqcdm's tests). */
const pilots = octets(`
  40 03 00 01 00 19 f0 00 16 00 21 00 1c 00 d8 00 3f 00 56 01 3f 00 15 00 1a 00 11 01 3f 00 92 01 3f 00 39 00
  3f 00 95 01 3f 00 12 00 3f 00 23 01 3f 00 66 00 3f 00 0b 01 3f 00 ae 00 3f 00 02 01 3f 00 a8 00 3f 00 50 01
  3f 00 f8 01 3f 00 57 00 3f 00 7d 5e 00 3f 00 93 00 3f 00 bd 00 3f 00 77 01 3f 00 b7 00 3f 00 ab 00 3f 00 33
  00 3f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ad de 00 00 00 00 00 00 00 13
  13 50 1f 00 00 ff ff 00 aa 19 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  00 00 00 00 00 00 00 00 b1 c4 7d 5e 7d 5e 7d 5d 5d 04 58 1b 5b 1b 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  00 00 65 69 7e`);
/** A call manager answer from the same place, and the CRC of it. */
const callManager = octets('4b 0f 00 00 00 00 00 00 05 00 00 00 02 00 00 00 02 00 00 00 ff ff ff 3f ff 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 ff ff ff ff');
const CALL_MANAGER_CRC = 0x097a;

const read = (reader: FrameReader, ...chunks: readonly Uint8Array[]): Uint8Array[] => {
  const got: Uint8Array[] = [];
  for (const chunk of chunks) reader.feed(chunk, 0, chunk.length, f => got.push(f));
  return got;
};

describe('diagnostic frames', () => {
  it('are read as a modem sent them', () => {
    const [frame] = read(new FrameReader(), pilots);
    expect(frame?.length).toBe(214);
    const sets = parsePilots(frame);
    expect(sets?.active).toEqual([{ pn: 0xf0, ecIo: -11 }]);
    expect(sets?.neighbour).toHaveLength(25);
    expect(sets?.neighbour[0]).toEqual({ pn: 0x21, ecIo: -14 });
    expect(bestEcIo(sets)).toBe(-11);
  });

  it('carry the CRC that modems use', () => {
    const frame = encode(callManager);
    expect(frame.at(-3)! | (frame.at(-2)! << 8)).toBe(CALL_MANAGER_CRC);
    expect(parseCallManager(read(new FrameReader(), frame)[0])).toMatchObject({ online: true, system: 'CDMA', modePreference: 2, hybrid: true });
    const nvRead = new Uint8Array(133);
    nvRead.set([0x26, 0xb2]);
    const sent = encode(nvRead);
    expect(sent.at(-3)! | (sent.at(-2)! << 8)).toBe(0x6d69);
  });

  it('come back whole in chunks of any size, with anything between them', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 80 }), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 7 }), (payloads, size) => {
      const line = Uint8Array.from(payloads.flatMap(p => [...encode(p)]));
      const chunks = Array.from({ length: Math.ceil(line.length / size) }, (_, i) => line.slice(i * size, (i + 1) * size));
      expect(read(new FrameReader(), ...chunks)).toEqual(payloads);
    }), { numRuns: 200 });
  });

  it('are in step again after noise, without growing', () => {
    const reader = new FrameReader();
    const noise = new Uint8Array(1024 * 1024).fill(0x41);
    expect(read(reader, noise, Uint8Array.of(0x7d, 0x7e), octets('0d 0a 4f 4b 0d 0a'), encode(callManager))).toEqual([callManager]);
    expect(reader.counters).toMatchObject({ frames: 1, aborted: 1, crc: 1 });
    expect(read(reader, new Uint8Array(LONGEST + 10).fill(1), encode(callManager))).toEqual([callManager]);
    expect(reader.counters.long).toBe(1);
  });

  it('with one bit turned over are dropped', () => {
    fc.assert(fc.property(fc.nat(callManager.length * 8 - 1), bit => {
      const frame = encode(callManager);
      frame[1 + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(read(new FrameReader(), frame)).not.toContainEqual(callManager);
    }));
  });
});
