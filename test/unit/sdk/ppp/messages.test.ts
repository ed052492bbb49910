import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as chap from '../../../../sdk/wire/chap.ts';
import * as ipcp from '../../../../sdk/wire/ipcp.ts';
import * as lcp from '../../../../sdk/wire/lcp.ts';
import * as pap from '../../../../sdk/wire/pap.ts';
import * as ppp from '../../../../sdk/wire/ppp.ts';
import { guarded, hex, toHex } from '../../wire/bytes.ts';

const parse = (text: string) => ppp.parse(hex(text), 0, hex(text).length);

describe('PPP control packets', () => {
  it('are read at their offsets, without the padding behind', () => {
    expect(parse('01 b3 0008 01 04 05dc ffff')).toEqual({ code: 1, id: 0xb3, data: hex('010405dc') });
    expect([parse('01b300'), parse('01b30003'), parse('01b30009 01040')]).toEqual([undefined, undefined, undefined]);
    expect(toHex(ppp.emit({ code: 5, id: 7, data: hex('aa') }))).toBe('05070005aa');
  });

  it('options: lists that do not add up are none', () => {
    expect(ppp.parseOptions(hex('010405dc0702'))).toEqual([{ type: 1, data: hex('05dc') }, { type: 7, data: hex('') }]);
    expect([ppp.parseOptions(hex('0101')), ppp.parseOptions(hex('0100')), ppp.parseOptions(hex('01')), ppp.parseOptions(hex('010505dc'))]).toEqual([undefined, undefined, undefined, undefined]);
    const list = [lcp.mru(1492), lcp.accm(0xa0000), lcp.auth('ms-chap-v2'), lcp.auth('pap'), lcp.magic(0xdeadbeef), lcp.pfc, lcp.acfc];
    expect(toHex(ppp.emitOptions(list))).toBe('010405d40206000a00000305c223810304c0230506deadbeef07020802');
    expect(ppp.parseOptions(ppp.emitOptions(list))).toEqual(list);
  });

  it('authentication options by name', () => {
    const option = (data: string) => ({ type: lcp.OPTION_AUTH, data: hex(data) });
    expect(['c023', 'c22305', 'c22381', 'c22380', 'c227', 'c2', 'c02300', 'c223'].map(d => lcp.authMethod(option(d)))).toEqual(['pap', 'chap-md5', 'ms-chap-v2', undefined, undefined, undefined, undefined, undefined]);
    expect(['c023', 'c22305', 'c22380', 'c227', '1234'].map(d => lcp.authName(option(d)))).toEqual(['PAP', 'CHAP-MD5', 'MS-CHAP', 'EAP', '0x1234']);
  });

  it('PAP and CHAP', () => {
    expect(toHex(pap.emitRequest({ user: hex('6162'), password: hex('') }))).toBe('02616200');
    expect(pap.parseRequest(hex('02616200'))).toEqual({ user: hex('6162'), password: hex('') });
    expect([pap.parseRequest(hex('')), pap.parseRequest(hex('0261')), pap.parseRequest(hex('026162')), pap.parseRequest(hex('02616201'))]).toEqual([undefined, undefined, undefined, undefined]);
    expect([pap.parseMessage(hex('')), pap.parseMessage(hex('026869')), pap.parseMessage(hex('ff6869'))].map(toHex)).toEqual(['', '6869', '6869']);
    expect(chap.parse(hex('02aabb6162'))).toEqual({ value: hex('aabb'), name: hex('6162') });
    expect([chap.parse(hex('')), chap.parse(hex('00')), chap.parse(hex('02aa'))]).toEqual([undefined, undefined, undefined]);
    expect(chap.parseMsResponse(new Uint8Array(48))).toBeUndefined();
  });

  it('addresses a host can have', () => {
    expect([0, 0x7f000001, 0xe0000001, 0xffffffff, 0x0a000001, 0x01020304].map(ipcp.usable)).toEqual([false, false, false, false, true, true]);
  });

  it('texts of a peer are shown as plain characters', () => {
    expect(ppp.printable(Uint8Array.from('<b>hi\r\n\u001b[31m\u00ff there', c => c.charCodeAt(0)))).toBe('<b>hi [31m there');
    expect(ppp.printable(new Uint8Array(1000).fill(65))).toHaveLength(120);
  });

  it('random octets are read inside their bounds only', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(5), (data, lead) => {
      const buf = new Uint8Array(lead + data.length + 20).fill(0xa5);
      buf.set(data, lead);
      protocolOf(guarded(buf, lead, lead + data.length), lead, lead + data.length);
      const packet = ppp.parse(buf, lead, lead + data.length);
      for (const part of [data, packet?.data ?? data]) {
        for (const option of ppp.parseOptions(part) ?? []) { lcp.authName(option); lcp.authMethod(option); lcp.number16(option); lcp.number32(option); ipcp.address(option); }
        pap.parseRequest(part);
        pap.parseMessage(part);
        chap.parse(part);
      }
    }), { numRuns: 5000 });
  });
});

const protocolOf = (buf: Uint8Array, at: number, end: number): number => ppp.protocolLength(buf, at, end);
