import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../../../../plugins/cellular-cards/sms/manner-text.ts';
import * as sms from '../../../../sdk/wire/sms.ts';

interface Letters { measure(text: string, letters: string): { parts: number; left: number; alphabet: string; odd: string[]; wrong: boolean } }
const { measure } = await import(new URL('../../../../plugins/cellular-cards/sms/gui/letters.js', import.meta.url).href) as Letters;

describe('the counter of the form', () => {
  it('counts as the router cuts', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ minLength: 1, maxLength: 500 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), fc.string({ unit: fc.constantFrom(...'aé€{}|Ω\n @'), minLength: 1, maxLength: 700 })), text => {
      const pieces = sms.split(text);
      const { parts, alphabet } = measure(text, 'all');
      expect([parts, alphabet]).toEqual([pieces.length, pieces[0]!.coding === 'gsm7' ? 'GSM' : 'Unicode']);
    }), { numRuns: 500 });
  });
  it('counts as the router cuts for cards that send ASCII only', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ minLength: 1, maxLength: 700 }), fc.string({ unit: fc.constantFrom(...'abcdef \n'), minLength: 1, maxLength: 700 })), written => {
      expect(measure(written, 'ascii').parts).toBe(text.compose({ to: '5', text: written, reference: 1, reports: false, centre: '' }).length);
    }), { numRuns: 500 });
    expect([measure('', 'ascii'), measure('x'.repeat(160), 'ascii'), measure(`${'x'.repeat(100)} ${'y'.repeat(100)}`, 'ascii')]).toMatchObject([{ parts: 0, left: 160 }, { parts: 1, left: 0 }, { parts: 2, left: 51 }]);
  });
  it('names what a card cannot send', () => { expect(measure('Grüße', 'ascii')).toMatchObject({ odd: ['ü', 'ß'], wrong: true }); });
});
