import { describe, expect, it } from 'vitest';
import * as natPmp from '../../../sdk/wire/nat-pmp.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.replace(/\s/g, '').match(/../g)!, h => Number.parseInt(h, 16));
const read = (hex: string) => { const b = bytes(hex); return natPmp.parse(b, 0, b.length); };

describe('NAT-PMP', () => {
  it('reads requests as the drawings of RFC 6886 §3.2 and §3.3 have them', () => {
    expect(read('00 00')).toEqual({ op: 0 });
    expect(read('00 01 0000 1389 138a 00000e10')).toEqual({ op: 1, intPort: 5001, extPort: 5002, lifetime: 3600 });
    expect(read('00 02 0000 1389 0000 00000000')).toEqual({ op: 2, intPort: 5001, extPort: 0, lifetime: 0 });
    expect(read('00 07')).toEqual({ op: 'unknown', opcode: 7 });
  });

  it('is silent about answers, other versions and what is cut off', () => {
    for (const hex of ['00', '00 80', '00 81 0000 00000000', '01 00', '02 01 0000', '00 01 0000 1389 138a 00000e']) expect(read(hex)).toBeUndefined();
  });

  it('answers in as many octets as the RFC draws', () => {
    expect(natPmp.emit({ op: 0, result: 0, epoch: 258, address: 0xc6336402 })).toEqual(bytes('00 80 0000 00000102 c6336402'));
    expect(natPmp.emit({ op: 2, result: 0, epoch: 1, intPort: 80, extPort: 8080, lifetime: 7200 })).toEqual(bytes('00 82 0000 00000001 0050 1f90 00001c20'));
    expect(natPmp.emit({ op: 'unknown', opcode: 9, result: 5, epoch: 1 })).toEqual(bytes('00 89 0005 00000001'));
  });

  it('reads back what a client reads', () => {
    for (const r of [
      { op: 0, result: 3, epoch: 4_000_000_000, address: 0 }, { op: 1, result: 0, epoch: 9, intPort: 65535, extPort: 1024, lifetime: 4_294_967_295 }, { op: 'unknown', opcode: 100, result: 1, epoch: 0 },
    ] as const) {
      const b = natPmp.emit(r);
      expect(natPmp.parseResponse(b, 0, b.length)).toEqual(r);
    }
    const asked = natPmp.emitRequest({ op: 1, intPort: 1, extPort: 2, lifetime: 3 });
    expect(natPmp.parse(asked, 0, asked.length)).toEqual({ op: 1, intPort: 1, extPort: 2, lifetime: 3 });
  });
});
