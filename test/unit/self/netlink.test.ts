import { describe, expect, it } from 'vitest';
import { acknowledged, addAddress, defaultRoute, removeAddress } from '../../../kernel/self/netlink.ts';

const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex').replace(/(.{8})(?=.)/g, '$1 ');

// Written out by hand after the drawings of netlink(7) and rtnetlink(7).
describe('rtnetlink', () => {
  it('adds and removes an address', () => {
    expect(hex(addAddress(7, 2, 0xc0a80101))).toBe('28000000 14000505 07000000 00000000 02200000 02000000 08000200 c0a80101 08000100 c0a80101');
    expect(hex(removeAddress(8, 2, 0xc0a80101))).toBe('28000000 15000500 08000000 00000000 02200000 02000000 08000200 c0a80101 08000100 c0a80101');
  });

  it('makes a default route out of an interface', () => {
    expect(hex(defaultRoute(1, 3))).toBe('24000000 18000505 01000000 00000000 02000000 fe04fd01 00000000 08000400 03000000');
  });

  it('reads what the kernel answers', () => {
    const answer = (errno: number, seq: number): Uint8Array => {
      const out = new Uint8Array(36);
      const view = new DataView(out.buffer);
      view.setUint32(0, 36, true); view.setUint16(4, 2, true); view.setUint32(8, seq, true); view.setInt32(16, -errno, true);
      return out;
    };
    expect(acknowledged(answer(0, 5), 5)).toBe(0);
    expect(acknowledged(answer(17, 5), 5)).toBe(17);
    expect(acknowledged(answer(0, 4), 5)).toBeUndefined();
    expect(acknowledged(new Uint8Array(10), 5)).toBeUndefined();
  });
});
