import { describe, expect, it } from 'vitest';
import * as isakmp from '../../../sdk/wire/isakmp.ts';
import { hex as bytes } from './bytes.ts';
import { capture, haveCaptures } from './captures.ts';

describe('the ISAKMP header', () => {
  // RFC 7296 §3.1: SPIs, next payload, version 2.0, exchange type, flags, message id, length.
  const request = bytes('0102030405060708 0000000000000000 21 20 22 08 00000000 0000001c');
  const rekey = bytes('0102030405060708 1112131415161718 2e 20 24 00 00000003 0000001c');

  it('says whose association it is, and whether that has a responder', () => {
    expect(isakmp.fits(request, 0, 28)).toBe(true);
    expect([isakmp.initiator(request, 0), isakmp.isFirst(request, 0), isakmp.isFirst(rekey, 0)]).toEqual(['0102030405060708', true, false]);
    expect([isakmp.version(rekey, 0), isakmp.exchange(rekey, 0), isakmp.isResponse(rekey, 0)]).toEqual([2, isakmp.CREATE_CHILD_SA, false]);
  });

  it('is refused when it is cut or of no version', () => {
    expect(isakmp.fits(request, 0, 27)).toBe(false);
    const none = request.slice();
    none[17] = 0x30;
    expect(isakmp.fits(none, 0, 28)).toBe(false);
  });

  it('stands behind four zeros on port 4500 (RFC 3948 §2.2)', () => {
    expect([isakmp.marked(bytes('00000000 ff'), 0, 5), isakmp.marked(bytes('00000001 ff'), 0, 5), isakmp.marked(bytes('000000'), 0, 3)]).toEqual([true, false, false]);
  });

  it.skipIf(!haveCaptures)('has the same initiator cookie in every message of a captured main mode', () => {
    const frames = capture('ike/ISAKMP_sa_setup.pcap').map(f => f.bytes.subarray(f.linkType === 1 ? 14 : 0)).filter(p => p[9] === 17 && isakmp.fits(p, 28, p.length));
    expect(frames.length).toBeGreaterThan(5);
    expect(new Set(frames.map(p => isakmp.initiator(p, 28))).size).toBe(1);
    expect(frames.map(p => isakmp.isFirst(p, 28)).indexOf(false)).toBe(1);
  });
});
