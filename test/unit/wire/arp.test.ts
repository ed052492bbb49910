import { describe, expect, it } from 'vitest';
import { parse4 } from '../../../sdk/wire/address.ts';
import * as arp from '../../../sdk/wire/arp.ts';
import { ZERO } from '../../../sdk/wire/ethernet.ts';
import { hex, marked, toHex } from './bytes.ts';

const request = hex('0001 0800 06 04 0001  00a0c501234f c0a80101  000000000000 c0a80121');
const sha = hex('00a0c501234f');

describe('ARP', () => {
  it('is read at its offsets', () => {
    expect(arp.fits(request, 0, 28)).toBe(true);
    expect(arp.op(request, 0)).toBe(arp.OP_REQUEST);
    expect(arp.sha(request, 0)).toEqual(sha);
    expect(arp.spa(request, 0)).toBe(parse4('192.168.1.1'));
    expect(arp.tha(request, 0)).toEqual(ZERO);
    expect(arp.tpa(request, 0)).toBe(parse4('192.168.1.33'));
    expect([arp.isGratuitous(request, 0), arp.isProbe(request, 0)]).toEqual([false, false]);
  });

  it('is written whole, and nothing else is', () => {
    const buf = marked(32);
    arp.write(buf, 2, { op: arp.OP_REQUEST, sha, spa: parse4('192.168.1.1')!, tha: ZERO, tpa: parse4('192.168.1.33')! });
    expect(toHex(buf)).toBe(`a5a5${toHex(request)}a5a5`);
    arp.setOp(buf, 2, arp.OP_REPLY);
    expect(arp.op(buf, 2)).toBe(2);
  });

  it('takes only Ethernet and IPv4 with their lengths', () => {
    expect(arp.fits(request, 0, 27)).toBe(false);
    for (const [at, v] of [[1, 6], [2, 0x86], [4, 8], [5, 16]] as const) {
      const other = request.slice();
      other[at] = v;
      expect(arp.fits(other, 0, 28)).toBe(false);
    }
  });

  it('tells announcements from probes (RFC 5227)', () => {
    const announcement = hex('0001 0800 06 04 0001  00a0c501234f c0a80101  000000000000 c0a80101');
    const probe = hex('0001 0800 06 04 0001  00a0c501234f 00000000  000000000000 c0a80101');
    expect([arp.isGratuitous(announcement, 0), arp.isProbe(announcement, 0)]).toEqual([true, false]);
    expect([arp.isGratuitous(probe, 0), arp.isProbe(probe, 0)]).toEqual([false, true]);
  });
});
