import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { hex, marked, toHex } from './bytes.ts';

// A SYN as Linux sends it: MSS 1460, SACK permitted, timestamps, NOP, window scale 7.
const syn = hex('c350 0050 89abcdef 00000000 a0 02 faf0 0000 0000  020405b4 0402 080a 8000000100000000 01 030307');

const withOptions = (options: string) => {
  const bytes = hex(options);
  const buf = new Uint8Array(20 + bytes.length);
  tcp.write(buf, 0, { sport: 1, dport: 2, seq: 3, flags: tcp.SYN, dataOffset: buf.length });
  buf.set(bytes, 20);
  return buf;
};

describe('TCP header', () => {
  it('is read at its offsets', () => {
    expect([tcp.srcPort(syn, 0), tcp.dstPort(syn, 0), tcp.seq(syn, 0), tcp.ack(syn, 0), tcp.dataOffset(syn, 0), tcp.flags(syn, 0), tcp.window(syn, 0), tcp.urgent(syn, 0)])
      .toEqual([50000, 80, 0x89ab_cdef, 0, 40, tcp.SYN, 64240, 0]);
  });

  it('fits: header and its data offset', () => {
    expect([tcp.fits(syn, 0, 40), tcp.fits(syn, 0, 39), tcp.fits(syn, 0, 19)]).toEqual([true, false, false]);
    const short = syn.slice();
    short[12] = 0x40;
    expect(tcp.fits(short, 0, 40)).toBe(false);
  });

  it('is written whole with its checksum, and nothing else is', () => {
    const buf = marked(23);
    tcp.write(buf, 1, { sport: 0x0102, dport: 0x0304, seq: 0xf506_0708, ack: 0x090a_0b0c, flags: tcp.ACK | tcp.PSH, window: 0x0d0e });
    buf[21] = 0x61;
    tcp.writeChecksum(buf, 1, 22, 0x0a00_0001, 0x0a00_0002);
    expect(toHex(buf.subarray(0, 17))).toBe('a5' + '01020304f5060708090a0b0c5018' + '0d0e');
    expect([toHex(buf.subarray(19)), tcp.checksumOk(buf, 1, 22, 0x0a00_0001, 0x0a00_0002)]).toEqual(['000061a5', true]);
    buf[21]! ^= 4;
    expect(tcp.checksumOk(buf, 1, 22, 0x0a00_0001, 0x0a00_0002)).toBe(false);
  });

  it('setters write their field', () => {
    const buf = marked(20);
    tcp.setSrcPort(buf, 0, 0x0102); tcp.setDstPort(buf, 0, 0x0304); tcp.setSeq(buf, 0, 0xf506_0708); tcp.setAck(buf, 0, 0xf90a_0b0c);
    tcp.setFlags(buf, 0, 0x0d); tcp.setWindow(buf, 0, 0x0e0f); tcp.setChecksum(buf, 0, 0x1011);
    expect(toHex(buf)).toBe('01020304f5060708f90a0b0ca50d0e0f1011a5a5');
    expect([tcp.seq(buf, 0), tcp.ack(buf, 0)]).toEqual([0xf506_0708, 0xf90a_0b0c]);
  });
});

describe('TCP options', () => {
  it('are read', () => {
    expect(tcp.options(syn, 0)).toEqual({ mss: 1460, wscale: 7, sackPermitted: true, sack: [], timestamps: { value: 0x8000_0001, echo: 0 } });
    expect(tcp.options(withOptions('0101 050a 00000001 ffffffff'), 0).sack).toEqual([[1, 0xffff_ffff]]);
    expect(tcp.windowScale(withOptions('03030f00'), 0)).toBe(14);
  });

  it('of wrong lengths are as if absent, and the walk ends', () => {
    for (const bad of ['02000000', '02010000', '020605b4', '02030500', '01010102', '00020405 b4000000', '0303']) {
      expect(tcp.mss(withOptions(bad.padEnd(8, '0')), 0)).toBeUndefined();
    }
  });

  it('are written', () => {
    const buf = marked(20);
    expect(tcp.writeMss(buf, 1, 1400)).toBe(5);
    expect(tcp.writeTimestamps(buf, 5, 0x8000_0001, 2)).toBe(17);
    expect(toHex(buf)).toBe('a5' + '02040578' + '0101080a8000000100000002' + 'a5a5a5');
  });

  it('the MSS is lowered, never raised, and the checksum follows at even and odd offsets', () => {
    fc.assert(fc.property(fc.nat(3), fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xffff }), (nops, mss, most) => {
      const buf = withOptions(`${'01'.repeat(nops)}0204${mss.toString(16).padStart(4, '0')}${'00'.repeat((4 - nops) % 4)}`);
      tcp.writeChecksum(buf, 0, buf.length, 10, 20);
      const changed = tcp.setMss(buf, 0, most);
      expect(tcp.mss(buf, 0)).toBe(Math.min(mss, most));
      if (mss <= most) expect(changed).toBe(-1);
      else tcp.setChecksum(buf, 0, changed);
      expect(tcp.checksumOk(buf, 0, buf.length, 10, 20)).toBe(true);
    }), { numRuns: 2000 });
    expect(tcp.setMss(withOptions('01010101'), 0, 500)).toBe(-1);
  });
});
