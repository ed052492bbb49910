import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as address from '../../../sdk/wire/address.ts';

describe('addresses', () => {
  it('reads dotted decimal, strictly', () => {
    expect(address.parse4('192.168.1.254')).toBe(0xc0a8_01fe);
    expect(address.parse4('255.255.255.255')).toBe(address.BROADCAST);
    expect(address.parse4('0.0.0.0')).toBe(0);
    for (const bad of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 ', '1..3.4', '-1.2.3.4', '1e1.2.3.4', '0x1.2.3.4']) expect(address.parse4(bad)).toBeUndefined();
  });

  it('formats what it reads', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (n) => { expect(address.parse4(address.format4(n))).toBe(n); }));
  });

  it('reads and formats hardware addresses', () => {
    for (const text of ['00:a0:c5:01:23:4f', '00-A0-C5-01-23-4F', '00a0c501234f']) expect(address.formatMac(address.parseMac(text)!)).toBe('00:a0:c5:01:23:4f');
    for (const bad of ['', '00:a0:c5:01:23', '00:a0:c5:01:23:4g', '00:a0-c5:01:23:4f', '0:a0:c5:01:23:4f', '00:a0:c5:01:23:4f:']) expect(address.parseMac(bad)).toBeUndefined();
    expect(address.formatMac(Uint8Array.of(9, 9, 0, 1, 2, 3, 4, 5), 2)).toBe('00:01:02:03:04:05');
  });

  it('reads prefixes and keeps the host bits', () => {
    expect(address.parsePrefix('192.168.1.1/24')).toEqual({ address: 0xc0a8_0101, bits: 24 });
    expect(address.parsePrefix('0.0.0.0/0')).toEqual({ address: 0, bits: 0 });
    for (const bad of ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/08', '10.0.0/8', '/8']) expect(address.parsePrefix(bad)).toBeUndefined();
    expect(address.formatPrefix({ address: 0x0a00_0000, bits: 8 })).toBe('10.0.0.0/8');
  });

  it('turns lengths into masks and back', () => {
    for (let bits = 0; bits <= 32; bits++) expect(address.bitsOf(address.maskOf(bits))).toBe(bits);
    expect(address.maskOf(0)).toBe(0);
    expect(address.maskOf(32)).toBe(0xffff_ffff);
    expect(address.maskOf(20)).toBe(address.parse4('255.255.240.0'));
    for (const holes of ['255.0.255.0', '0.0.0.1', '127.0.0.0', '255.255.255.253']) expect(address.bitsOf(address.parse4(holes)!)).toBeUndefined();
  });

  it('knows networks', () => {
    const p = address.parsePrefix('192.168.1.77/26')!;
    expect(address.format4(address.network(p.address, p.bits))).toBe('192.168.1.64');
    expect(address.format4(address.broadcastOf(p.address, p.bits))).toBe('192.168.1.127');
    expect(address.contains(p, address.parse4('192.168.1.127')!)).toBe(true);
    expect(address.contains(p, address.parse4('192.168.1.128')!)).toBe(false);
    expect(address.contains({ address: 0, bits: 0 }, 0xffff_ffff)).toBe(true);
    expect(address.overlaps(p, address.parsePrefix('192.168.0.0/16')!)).toBe(true);
    expect(address.overlaps(p, address.parsePrefix('192.168.2.0/24')!)).toBe(false);
  });

  it('knows the special ones', () => {
    const at = (text: string) => address.parse4(text)!;
    expect([at('224.0.0.1'), at('239.255.255.255'), at('240.0.0.0'), at('223.255.255.255')].map(address.isMulticast)).toEqual([true, true, false, false]);
    expect([at('10.1.1.1'), at('172.16.0.1'), at('172.31.255.255'), at('172.32.0.0'), at('192.168.0.0'), at('192.169.0.0')].map(address.isPrivate)).toEqual([true, true, true, false, true, false]);
    expect([at('169.254.1.1'), at('169.253.1.1')].map(address.isLinkLocal)).toEqual([true, false]);
    expect([at('0.1.2.3'), at('127.0.0.1'), at('224.0.0.1'), address.BROADCAST, at('1.1.1.1')].map(address.isMartianSource)).toEqual([true, true, true, true, false]);
    expect([at('0.0.0.0'), at('127.0.0.1'), at('224.0.0.1'), address.BROADCAST, at('241.0.0.1')].map(address.isMartianDestination)).toEqual([true, true, false, false, true]);
    expect(address.isLoopback(at('127.9.9.9'))).toBe(true);
  });
});
