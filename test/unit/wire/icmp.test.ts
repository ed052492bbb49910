import { describe, expect, it } from 'vitest';
import { parse4 } from '../../../sdk/wire/address.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import { hex, marked, toHex } from './bytes.ts';

// "Fragmentation needed" as RFC 1191 §4 draws it: MTU 1400 for a UDP datagram of 1500 octets.
const needed = hex('03 04 0000 0000 0578  4500 05dc 0001 4000 3f 11 0000 0a000001 08080808  1234 0035 05c8 0000');

describe('ICMP', () => {
  it('echo is read at its offsets', () => {
    const echo = hex('08 00 4d5a 0001 0002 61 62');
    expect([icmp.type(echo, 0), icmp.code(echo, 0), icmp.checksum(echo, 0), icmp.id(echo, 0), icmp.seq(echo, 0)]).toEqual([8, 0, 0x4d5a, 1, 2]);
    expect([icmp.fits(echo, 0, 8), icmp.fits(echo, 0, 7)]).toEqual([true, false]);
    expect(icmp.inner(echo, 0, echo.length)).toBeUndefined();
  });

  it('echo is written whole, odd data included', () => {
    const buf = marked(13);
    icmp.writeEcho(buf, 1, icmp.TYPE_ECHO, 1, 2);
    buf.set([0x61, 0x62, 0x63], 9);
    icmp.writeChecksum(buf, 1, 12);
    // 0800 + 0001 + 0002 + 6162 + 6300 = cc65
    expect(toHex(buf)).toBe('a5' + '0800339a00010002' + '616263' + 'a5');
    expect(icmp.checksumOk(buf, 1, 12)).toBe(true);
    buf[11]! ^= 1;
    expect(icmp.checksumOk(buf, 1, 12)).toBe(false);
  });

  it('errors give the MTU and the packet inside', () => {
    expect(icmp.mtu(needed, 0)).toBe(1400);
    const ip = icmp.inner(needed, 0, needed.length)!;
    expect([ip, ipv4.dst(needed, ip), ipv4.totalLen(needed, ip)]).toEqual([8, parse4('8.8.8.8'), 1500]);
  });

  it('an error without all it promised has nothing inside', () => {
    for (const end of [0, 7, 8, 27, 28, 35]) expect(icmp.inner(needed, 0, end)).toBeUndefined();
    const optioned = needed.slice();
    optioned[8] = 0x46;
    expect(icmp.inner(optioned, 0, optioned.length)).toBeUndefined();
    optioned[8] = 0x65;
    expect(icmp.inner(optioned, 0, optioned.length)).toBeUndefined();
  });

  it('errors are written', () => {
    const buf = marked(10);
    icmp.writeError(buf, 1, icmp.TYPE_UNREACHABLE, icmp.CODE_FRAGMENTATION_NEEDED, 1400);
    expect(toHex(buf)).toBe('a5' + '0304000000000578' + 'a5');
    icmp.writeError(buf, 1, icmp.TYPE_REDIRECT, icmp.CODE_REDIRECT_HOST, 0xc0a8_0102);
    expect(icmp.gateway(buf, 1)).toBe(0xc0a8_0102);
    icmp.writeError(buf, 1, icmp.TYPE_PARAMETER_PROBLEM, icmp.CODE_POINTER, 20 << 24);
    expect(icmp.pointer(buf, 1)).toBe(20);
    icmp.setType(buf, 1, 0); icmp.setCode(buf, 1, 1); icmp.setChecksum(buf, 1, 0x0203); icmp.setId(buf, 1, 0x0405); icmp.setSeq(buf, 1, 0x0607);
    expect(toHex(buf)).toBe('a5' + '0001020304050607' + 'a5');
    icmp.setMtu(buf, 1, 576);
    expect(icmp.mtu(buf, 1)).toBe(576);
  });

  it('tells errors from queries', () => {
    expect([0, 3, 4, 5, 8, 11, 12, 13].map(icmp.isError)).toEqual([false, true, true, true, false, true, true, false]);
    expect([0, 3, 8, 13].map(icmp.isEcho)).toEqual([true, false, true, false]);
  });
});
