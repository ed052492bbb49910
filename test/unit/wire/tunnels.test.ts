import { describe, expect, it } from 'vitest';
import * as esp from '../../../sdk/wire/esp.ts';
import * as gre from '../../../sdk/wire/gre.ts';

describe('GRE as PPTP has it (RFC 2637 §4.1)', () => {
  // Key and sequence number present, version 1, PPP, 4 octets of payload, call id 0x00c8, sequence number 1.
  const packet = Uint8Array.of(0x30, 0x01, 0x88, 0x0b, 0, 4, 0, 0xc8, 0, 0, 0, 1, 0xff, 3, 0xc0, 0x21);
  it('is read at its offset', () => {
    const buf = new Uint8Array(40).fill(0xa5);
    buf.set(packet, 7);
    expect([gre.version(buf, 7), gre.protocol(buf, 7), gre.callId(buf, 7)]).toEqual([1, gre.PROTOCOL_PPP, 200]);
    gre.setCallId(buf, 7, 0xbeef);
    expect([...buf.subarray(11, 17)]).toEqual([0, 4, 0xbe, 0xef, 0, 0]);
  });
  it('has 8 octets at least, of version 0 four', () => {
    expect([3, 7, 8].map(n => gre.fits(packet, 0, n))).toEqual([false, false, true]);
    expect(gre.fits(Uint8Array.of(0, 0, 8, 0), 0, 4)).toBe(true);
  });
});

describe('ESP (RFC 4303 §2)', () => {
  it('shows its SPI and sequence number', () => {
    const buf = Uint8Array.of(9, 0xde, 0xad, 0xbe, 0xef, 0, 0, 1, 2);
    expect([esp.spi(buf, 1), esp.seq(buf, 1)]).toEqual([0xdead_beef, 258]);
    expect([esp.fits(buf, 1, 9), esp.fits(buf, 1, 8)]).toEqual([true, false]);
  });
});
