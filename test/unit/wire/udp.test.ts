import { describe, expect, it } from 'vitest';
import * as udp from '../../../sdk/wire/udp.ts';
import { hex, marked, toHex } from './bytes.ts';

const [src, dst] = [0x9802_3300, 0x9801_5101];

describe('UDP', () => {
  it('is read at its offsets', () => {
    const buf = hex('a5 0035 d431 000a 1234 6162');
    expect([udp.srcPort(buf, 1), udp.dstPort(buf, 1), udp.length(buf, 1), udp.checksum(buf, 1)]).toEqual([53, 54321, 10, 0x1234]);
    expect(udp.fits(buf, 1, 11)).toBe(true);
  });

  it('fits: header and its own length', () => {
    expect(udp.fits(hex('0035 d431 0008 0000'), 0, 8)).toBe(true);
    expect(udp.fits(hex('0035 d431 0008 00'), 0, 7)).toBe(false);
    expect(udp.fits(hex('0035 d431 0007 0000'), 0, 8)).toBe(false);
    expect(udp.fits(hex('0035 d431 0009 0000'), 0, 8)).toBe(false);
    expect(udp.fits(hex('0035 d431 0000 0000'), 0, 8)).toBe(false);
  });

  it('is written whole with its checksum over pseudo-header and odd data', () => {
    const buf = marked(13);
    udp.write(buf, 1, 1087, 13, 11);
    buf.set([0x54, 0x45, 0x53], 9);
    expect(toHex(buf)).toBe('a5' + '043f000d000b0000' + '544553' + 'a5');
    udp.writeChecksum(buf, 1, src, dst);
    // 9802+3300+9801+5101 + 0011 + 000b + 043f+000d+000b + 5445+5300 = 2_5fbc, folded 5fbe
    expect(udp.checksum(buf, 1)).toBe(~0x5fbe & 0xffff);
    expect(udp.checksumOk(buf, 1, src, dst)).toBe(true);
    expect(udp.checksumOk(buf, 1, src, dst + 1)).toBe(false);
  });

  it('a checksum of 0 is none, and a computed 0 is sent as ffff', () => {
    const buf = new Uint8Array(10);
    udp.write(buf, 0, 1, 2, 10);
    expect(udp.checksumOk(buf, 0, 1, 2)).toBe(true);
    // Pseudo-header 1 + 2 + 17 + 10, header 1 + 2 + 10: data that makes the sum ffff.
    udp.setSrcPort(buf, 0, 1);
    buf.set([0xff, 0xff - 43], 8);
    udp.writeChecksum(buf, 0, 1, 2);
    expect(udp.checksum(buf, 0)).toBe(0xffff);
    expect(udp.checksumOk(buf, 0, 1, 2)).toBe(true);
    expect(udp.sentChecksum(5)).toBe(5);
  });

  it('setters write their field', () => {
    const buf = marked(8);
    udp.setSrcPort(buf, 0, 0x0102); udp.setDstPort(buf, 0, 0x0304); udp.setLength(buf, 0, 0x0506); udp.setChecksum(buf, 0, 0x0708);
    expect(toHex(buf)).toBe('0102030405060708');
  });
});
