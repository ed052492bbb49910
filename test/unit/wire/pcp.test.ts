import { describe, expect, it } from 'vitest';
import * as pcp from '../../../sdk/wire/pcp.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.replace(/\s/g, '').match(/../g)!, h => Number.parseInt(h, 16));
const read = (hex: string) => { const b = bytes(hex); return pcp.parse(b, 0, b.length); };
const HOST = '0000000000000000 0000ffff c0a80121';
const NONCE = '0102030405060708090a0b0c';
/** RFC 6887 §7.1 and §11.1: TCP, inside port 5001, suggested 5002 of any address. */
const MAP = `02 01 0000 00000e10 ${HOST} ${NONCE} 06 000000 1389 138a 00000000000000000000ffff00000000`;
/** §12.1: a MAP's data, then port and address of the other end: 203.0.113.10:443. */
const PEER = `${MAP.replace('02 01', '02 02')} 01bb 0000 00000000000000000000ffffcb00710a`;
const error = (result: number) => ({ error: result, opcode: 1 });

describe('PCP', () => {
  it('reads a request for a mapping', () => {
    expect(read(MAP)).toEqual({ request: {
      opcode: 1, lifetime: 3600, client: 0xc0a80121, map: { nonce: bytes(NONCE), protocol: 6, intPort: 5001, extPort: 5002, external: 0 },
      options: { thirdParty: undefined, preferFailure: false, filters: [] },
    } });
    expect(read(`02 00 0000 00000000 ${HOST}`)).toMatchObject({ request: { opcode: 0, map: undefined } });
  });

  it('reads PEER, and answers it as §12.1 draws it', () => {
    const data = { nonce: bytes(NONCE), protocol: 6, intPort: 5001, extPort: 5002, external: 0, remotePort: 443, remote: 0xcb00710a };
    const options = { thirdParty: 0xc0a80122, preferFailure: false, filters: [] };
    expect(bytes(PEER)).toHaveLength(80);
    expect(read(`${PEER} 01 00 0010 00000000000000000000ffffc0a80122`)).toEqual({ request: { opcode: 2, lifetime: 3600, client: 0xc0a80121, map: undefined, peer: data, options } });
    const answer = pcp.emitPeer({ result: 0, opcode: 2, lifetime: 120, epoch: 77 }, { ...data, external: 0xc6336402 }, options);
    expect(answer).toEqual(bytes(`02 82 00 00 00000078 0000004d ${'00'.repeat(12)} ${NONCE} 06 000000 1389 138a 00000000000000000000ffffc6336402
      01bb 0000 00000000000000000000ffffcb00710a 01 00 0010 00000000000000000000ffffc0a80122`));
    expect(pcp.parseResponse(answer, 0, answer.length)).toMatchObject({ opcode: 2, lifetime: 120, peer: { extPort: 5002, remotePort: 443 } });
    expect(pcp.emitRequest({ opcode: 2, lifetime: 3600, client: 0xc0a80121, peer: data })).toEqual(bytes(PEER));
  });

  it('reads options, and skips those that may be skipped', () => {
    const filter = '03 00 0014 00 80 0000 00000000000000000000ffffcb00710a';
    expect(read(`${MAP} 01 00 0010 00000000000000000000ffffc0a80122 02 00 0000 ${filter} ff 00 0001 aa000000`)).toMatchObject({ request: { options: {
      thirdParty: 0xc0a80122, preferFailure: true, filters: [{ bits: 32, port: 0, address: 0xcb00710a }],
    } } });
    expect(read(`${MAP} 03 00 0014 00 00 0000 00000000000000000000000000000000`)).toMatchObject({ request: { options: { filters: [{ bits: -1 }] } } });
  });

  it('says what is wrong with a request', () => {
    const { Result: R } = pcp;
    expect(read('02')).toBeUndefined();
    expect(read('02 81 0000')).toBeUndefined();
    expect(read('03 01 0000')).toEqual(error(R.UnsuppVersion));
    expect(read('02 01 0000')).toEqual(error(R.MalformedRequest));
    expect(read(MAP.slice(0, -2))).toEqual(error(R.MalformedRequest));
    expect(read(`${MAP}${'00'.repeat(1044)}`)).toEqual(error(R.MalformedRequest));
    expect(read(MAP.replace('02 01', '02 02'))).toEqual({ error: R.MalformedRequest, opcode: 2 });
    expect(read(MAP.replace('02 01', '02 03'))).toEqual({ error: R.UnsuppOpcode, opcode: 3 });
    expect(read(`${PEER} 02 00 0000`)).toEqual({ error: R.UnsuppOption, opcode: 2 });
    expect(read(`${MAP} 04 00 0000`)).toEqual(error(R.UnsuppOption));
    expect(read(`${MAP} 02 00 0004 00000000`)).toEqual(error(R.MalformedOption));
    expect(read(`${MAP} 02 00 0000 02 00 0000`)).toEqual(error(R.MalformedOption));
    expect(read(`${MAP} 01 00 0100 00000000`)).toEqual(error(R.MalformedOption));
    expect(read(`${MAP} 03 00 0014 00 20 0000 00000000000000000000ffffcb00710a`)).toEqual(error(R.MalformedOption));
  });

  it('answers as §7.2 draws it', () => {
    const map = { nonce: bytes(NONCE), protocol: 6, intPort: 5001, extPort: 5002, external: 0xc6336402 };
    const options = { thirdParty: undefined, preferFailure: true, filters: [] };
    expect(pcp.emitMap({ result: 0, opcode: 1, lifetime: 3600, epoch: 77 }, map, options))
      .toEqual(bytes(`02 81 00 00 00000e10 0000004d 000000000000000000000000 ${NONCE} 06 000000 1389 138a 00000000000000000000ffffc6336402 02 00 0000`));
    expect(pcp.emitAnnounce(1)).toEqual(bytes(`02 80 0000 00000000 00000001 ${'00'.repeat(12)}`));
  });

  it('copies the request into an error, at most 1100 octets and a multiple of 4 (§8.2)', () => {
    const answer = { result: pcp.Result.MalformedRequest, opcode: 1, lifetime: 30, epoch: 5 };
    expect(pcp.emitError(answer, bytes('02 01'))).toHaveLength(24);
    expect(pcp.emitError(answer, new Uint8Array(61))).toHaveLength(64);
    expect(pcp.emitError(answer, new Uint8Array(5000))).toHaveLength(1100);
    const e = pcp.emitError(answer, bytes(MAP));
    expect(e.subarray(24)).toEqual(bytes(MAP).subarray(24));
    expect(pcp.parseResponse(e, 0, e.length)).toMatchObject({ ...answer, map: { intPort: 5001 } });
  });
});
