import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcome, whyNot } from '../../../../plugins/cellular-cards/sms/cms-errors.ts';
import { textLength } from '../../../../plugins/cellular-cards/core/at/reports.ts';
import { huawei, readHuawei } from '../../../../plugins/cellular-cards/sms/manner-huawei.ts';
import { listed } from '../../../../plugins/cellular-cards/sms/manner-pdu.ts';
import { readText, text } from '../../../../plugins/cellular-cards/sms/manner-text.ts';
import { mannerOf } from '../../../../plugins/cellular-cards/sms/manners.ts';
import { standardReport } from '../../../../plugins/cellular-cards/families/three-gpp.ts';
import { messageReport } from '../../../../plugins/cellular-cards/families/parse/messages.ts';

describe('messages of CDMA cards', () => {
  it.each([
    // Multi-Tech's guide of a CDMA modem; other makers leave fields out.
    [['+CMGR: "REC UNREAD","8585551212","98/10/01,18:22:11+00",1,2,0,0,0,"8585550000",9', 'ABCdefGHI'], { state: 0, from: '8585551212', text: 'ABCdefGHI', atMs: Date.UTC(2098, 9, 1, 18, 22, 11) }],
    [['+CMGR: "REC READ","8585551212","08/10/01,18:22:11",1,2,0,0,0,"8585550000",9', 'two', 'lines'], { state: 1, from: '8585551212', text: 'two\nlines', atMs: Date.UTC(2008, 9, 1, 18, 22, 11), zoneless: true }],
    [['+CMGR: "REC READ","5551230000",,"20261124010203"', 'x'], { state: 1, from: '5551230000', text: 'x', atMs: Date.UTC(2026, 10, 24, 1, 2, 3), zoneless: true }],
    [['+CMGR: "REC READ","5551230000"', '4F60597D'], { state: 1, from: '5551230000', text: '你好', atMs: undefined }],
    [['+CMGR: "REC READ","5551230000"', '20261124'], { state: 1, text: '20261124' }],
  ])('in text mode: %j', (lines, expected) => {
    const { state, ...received } = expected;
    expect(readText(lines)).toMatchObject({ state, received: { kind: 'deliver', ...received } });
  });

  it.each([
    // The header line is one that a Huawei card gave.
    [['^HCMGR:15369364554,2015,04,09,21,33,10,0,1,12,1,0,0,1', 'Hello there!\x1a'], { state: 1, from: '15369364554', text: 'Hello there!', atMs: Date.UTC(2015, 3, 9, 21, 33, 10) }],
    [['^HCMGR:"5551230000",26,11,24,1,2,3,0,6,4,0,0,0,0', 'O`Y}\u00fd'], { state: 0, from: '5551230000', text: '(letters that this card cannot tell)', atMs: Date.UTC(2026, 10, 24, 1, 2, 3) }],
    [['^HCMGR:5551230000,26,11,24,1,2,3,0,6,4,0,0,0,0', 'Hi'], { state: 0, from: '5551230000', text: 'Hi' }],
  ])('in Huawei\'s: %j', (lines, expected) => {
    const { state, ...received } = expected;
    expect(readHuawei(lines)).toMatchObject({ state, received: { kind: 'deliver', zoneless: true, ...received } });
  });

  it('say how long their text is', () => {
    expect(['+CMGR: "REC READ","5551230000","26/11/24,01:02:03",1,2,0,0,0,"5551230000",9', '^HCMGR:15369364554,2015,04,09,21,33,10,0,1,12,1,0,0,1', '+CMGL: 0,"REC UNREAD","5551230000",1,2,5', '+CMGL: 1,1,,23', '+CMGR: 1,,23', '+CMGR: "REC READ","5551230000"', '+CSQ: 1,2'].map(textLength)).toEqual([9, 12, 5, undefined, undefined, undefined, undefined]);
  });

  it('that are none are left', () => {
    for (const lines of [[], ['OK'], ['+CMGR: 0,,23', '00'], ['+CMGR: "REC READ"'], ['^HCMGR:1,2'], ['^HCMGR:5551230000,99999999999,11,24,1,2,3,0,6,4,0,0,0,0', 'no such year']]) expect([readText(lines), readHuawei(lines)]).toEqual([undefined, undefined]);
    fc.assert(fc.property(fc.array(fc.string(), { maxLength: 4 }), lines => {
      readText(['+CMGR: ', ...lines]);
      readText([`+CMGR: "REC READ",${lines[0]}`]);
      readHuawei([`^HCMGR:${lines[0]}`, ...lines]);
      listed(lines);
      messageReport(lines.join('\n'));
    }), { numRuns: 2000 });
  });

  it('go out in plain letters, long ones in several that say which they are', () => {
    const draft = { to: '5551230000', reference: 1, reports: true, centre: '' };
    expect(text.compose({ ...draft, text: 'short\x1aé' })).toEqual([{ line: 'AT+CMGS="5551230000"', body: 'short??', text: 'short??' }]);
    const long = huawei.compose({ ...draft, text: 'some words '.repeat(40) });
    expect(long.map(m => [m.line, m.body.slice(0, 4), m.body.length <= 160])).toEqual([['AT^HCMGS="5551230000"', '1/3 ', true], ['AT^HCMGS="5551230000"', '2/3 ', true], ['AT^HCMGS="5551230000"', '3/3 ', true]]);
    expect(long.map(m => m.body.slice(4)).join(' ').replace(/\s+/g, ' ').trim()).toBe('some words '.repeat(40).trim());
    expect(text.compose({ ...draft, text: 'x'.repeat(400) }).map(m => m.body.length)).toEqual([156, 156, 100]);
  });

  it('are handled as the family says', () => {
    const dialect = (o: object) => mannerOf({ system: '3gpp', ...o } as Parameters<typeof mannerOf>[0]);
    expect([dialect({}), dialect({ system: 'cdma' }), dialect({ system: 'cdma', messages: 'huawei-cdma' }), dialect({ messages: { none: 'why' } })]).toMatchObject([{ mode: 'AT+CMGF=0' }, text, huawei, { none: 'why' }]);
  });
});

describe('what cards tell of messages', () => {
  it.each([
    ['+CMTI: "SM",4', { sms: { memory: 'SM', index: 4 } }], ['+CDSI: "SR",2', { sms: { memory: 'SR', index: 2 } }], ['+CMT: ,23\n0791AB', { smsPdu: '0791AB' }], ['+CMT: "Bob",23\n0791AB', { smsPdu: '0791AB' }], ['+CDS: 25\n0006', { smsPdu: '0006' }],
    ['^SMMEMFULL: "SM"', { sms: { memory: 'SM', index: 0 } }], ['+CMT: ,23', { ignored: true }], ['+CMT: "+4912",,"26/11/24"\nHello', { ignored: true }],
  ])('%j', (line, report) => { expect(standardReport(line)).toEqual(report); });
});

describe('why a message did not go or arrive', () => {
  it.each([
    ['+CMS ERROR: 322', 322, 'wwan sms clear'], ['+CMS ERROR: 330', 330, 'settings of SMS'], ['+CMS ERROR: 8', 8, 'bars'], ['+CMS ERROR: 38', 38, 'later'], ['+CMS ERROR: 512', 512, 'refused it (+CMS ERROR: 512)'], ['ERROR', undefined, 'the card says ERROR'], ['online', undefined, 'connection is down'],
  ])('%s', (final, error, words) => { expect(whyNot(final, error)).toContain(words); });

  it('is said by the network', () => {
    expect([0, 2, 0x1f, 0x20, 0x3f, 0x40, 0x46, 0x60, 0x7f, 0xff].map(s => outcome(s).kind)).toEqual(['arrived', 'arrived', 'arrived', 'trying', 'trying', 'lost', 'lost', 'lost', 'lost', 'lost']);
    expect(outcome(0x46).words).toBe('it could not be delivered in time');
    expect(outcome(0x62).words).toBe('the other side does not answer');
  });
});
