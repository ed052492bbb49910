import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { esnDecimal } from '../../../../plugins/cellular-cards/core/modem/words.ts';
import { parseEsn } from '../../../../plugins/cellular-cards/families/parse-cdma/esn.ts';

const both = (...lines: readonly string[]): readonly [string | undefined, string | undefined] => [parseEsn(lines)?.esn, parseEsn(lines)?.meid];

describe('ESN and MEID', () => {
  it.each([
    ['hex with prefix', ['0x2214A600'], '2214A600', undefined],
    ['leading zero dropped', ['0x6744775'], '06744775', undefined],
    ['leading zero dropped, letters', ['0x80C98A1'], '080C98A1', undefined],
    ['two zeros dropped, no prefix', ['c98a1f'], '00C98A1F', undefined],
    ['hex without prefix', ['6030C012'], '6030C012', undefined],
    ['digits only, still hex', ['60300012'], '60300012', undefined],
    ['tagged', ['+GSN: 12de4fa6'], '12DE4FA6', undefined],
    ['quoted', ['+GSN:"5B90000B"'], '5B90000B', undefined],
    ['nested in the block', ['ESN: +GSN:12de4fa6'], '12DE4FA6', undefined],
    ['label in lower case', ['Esn: EE0C1ABC'], 'EE0C1ABC', undefined],
    ['decimal of 11 digits: maker and serial number', ['09109437195'], '5B90000B', undefined],
    ['decimal of 10 digits: 32 bits', ['2161753034'], '80D9BBCA', undefined],
    ['MEID alone', ['A1000013FB653A'], undefined, 'A1000013FB653A'],
    ['MEID of its own command', ['^MEID:0xA1000013FB653A'], undefined, 'A1000013FB653A'],
    ['MEID of zeros: the card has none', ['^MEID:00000000000000'], undefined, undefined],
    ['MEID in 18 decimal digits', ['270113179516475450'], undefined, 'A1000013FB653A'],
    ['two lines, decimal above hex', ['45317471585658170:2161753034', '0x00A1000013FB653A:0x80D9BBCA'], '80D9BBCA', 'A1000013FB653A'],
    ['the decimal line alone', ['45317471585658170:2161753034'], '80D9BBCA', 'A1000013FB653A'],
    ['an IMEI is no ESN', ['354237065082227'], undefined, undefined],
    ['an IMEI with a serial number', ['356936001568843,NL2A62Z0N5'], undefined, undefined],
    ['an IMEI without its check digit', ['35423706508222'], undefined, undefined],
    ['no number', ['adsfasdfasdfasdf'], undefined, undefined],
    ['no hex', ['0x6030Cfgh'], undefined, undefined],
    ['a level', ['+CSQ: 20,99'], undefined, undefined],
    ['blank memory', ['FFFFFFFF'], undefined, undefined],
    ['nothing', [], undefined, undefined],
  ] as const)('%s', (_, lines, esn, meid) => { expect(both(...lines)).toEqual([esn, meid]); });

  it('say when the ESN was computed from the MEID', () => {
    expect(parseEsn(['80D9BBCA'])?.pseudo).toBe(true);
    expect(parseEsn(['5B90000B'])?.pseudo).toBe(false);
  });

  it('in decimal, as carriers ask for it', () => {
    expect(esnDecimal('5B90000B')).toBe('09109437195');
    fc.assert(fc.property(fc.integer({ min: 1, max: 0xffff_fffe }), n => {
      const hex = n.toString(16).toUpperCase().padStart(8, '0');
      expect(parseEsn([esnDecimal(hex)])?.esn).toBe(hex);
      expect(parseEsn([`0x${hex.replace(/^0{1,2}(?=.{6})/, '')}`])?.esn).toBe(hex);
    }));
  });

  it('never throw', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[+:,0-9A-Fx ]{0,40}$/)), { maxLength: 4 }), lines => { parseEsn(lines); }));
  });
});
