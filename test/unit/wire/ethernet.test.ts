import { describe, expect, it } from 'vitest';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as vlan from '../../../sdk/wire/vlan.ts';
import { hex, marked, toHex } from './bytes.ts';

const a = hex('02 00 00 00 00 0a');
const b = hex('02 00 00 00 00 0b');

describe('Ethernet header', () => {
  it('is read at its offsets', () => {
    const frame = hex('ffff ffff ffff  0200 0000 000a  0806  0001');
    expect(ethernet.etherType(frame, 0)).toBe(ethernet.TYPE_ARP);
    expect(ethernet.dst(frame, 0)).toEqual(ethernet.BROADCAST);
    expect(ethernet.src(frame, 0)).toEqual(a);
    expect(ethernet.toBroadcast(frame, 0)).toBe(true);
    expect(ethernet.toGroup(frame, 0)).toBe(true);
    expect(ethernet.sameMac(frame, ethernet.SRC, a)).toBe(true);
    expect(ethernet.sameMac(frame, ethernet.SRC, b)).toBe(false);
    expect(ethernet.fits(frame, 0, 14)).toBe(true);
    expect(ethernet.fits(frame, 0, 13)).toBe(false);
  });

  it('is written whole, and nothing else is', () => {
    const buf = marked(20);
    ethernet.write(buf, 3, b, a, ethernet.TYPE_IPV4);
    expect(toHex(buf)).toBe('a5a5a5' + '02000000000b' + '02000000000a' + '0800' + 'a5a5a5');
    ethernet.setDst(buf, 3, a);
    ethernet.setSrc(buf, 3, b);
    ethernet.setEtherType(buf, 3, ethernet.TYPE_IPV6);
    expect(toHex(buf)).toBe('a5a5a5' + '02000000000a' + '02000000000b' + '86dd' + 'a5a5a5');
  });

  it('refuses source addresses nobody can have', () => {
    const frame = new Uint8Array(14);
    expect(ethernet.sourceValid(frame, 0)).toBe(false);
    ethernet.setSrc(frame, 0, hex('01 00 5e 00 00 01'));
    expect(ethernet.sourceValid(frame, 0)).toBe(false);
    ethernet.setSrc(frame, 0, a);
    expect(ethernet.sourceValid(frame, 0)).toBe(true);
  });

  it('copies addresses out of a Node buffer too', () => {
    const frame = Buffer.from(hex('ffff ffff ffff  0200 0000 000a  0806'));
    const mac = ethernet.src(frame, 0);
    frame.fill(0);
    expect(mac).toEqual(a);
  });
});

describe('802.1Q tag', () => {
  const tagged = hex('02000000000b 02000000000a 8100 b064 0800 45');

  it('is read', () => {
    const at = ethernet.HEADER;
    expect([vlan.vid(tagged, at), vlan.pcp(tagged, at), vlan.dropEligible(tagged, at), vlan.etherType(tagged, at)]).toEqual([100, 5, true, 0x0800]);
    expect([vlan.fits(tagged, at, at + 4), vlan.fits(tagged, at, at + 3)]).toEqual([true, false]);
  });

  it('is put in and taken out within the headroom', () => {
    const buf = marked(30);
    buf.set(hex('02000000000b 02000000000a 0800 45'), 8);
    const start = vlan.push(buf, 8, 4094, 7);
    expect(start).toBe(4);
    expect(toHex(buf.subarray(0, 24))).toBe('a5a5a5a5' + '02000000000b02000000000a' + '8100' + 'effe' + '0800' + '45' + 'a5');
    expect(vlan.pop(buf, start)).toBe(8);
    expect(toHex(buf.subarray(8, 23))).toBe('02000000000b02000000000a080045');
  });
});
