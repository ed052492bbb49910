import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gate, hushed } from '../../../../plugins/cellular-cards/sms/gate.ts';
import { Mailbox, mailboxState } from '../../../../plugins/cellular-cards/sms/mailbox.ts';
import { listed } from '../../../../plugins/cellular-cards/sms/manner-pdu.ts';
import { forms, same } from '../../../../plugins/cellular-cards/sms/numbers.ts';
import { fitting } from '../../../../plugins/cellular-cards/sms/outbox.ts';
import { settings, verify } from '../../../../plugins/cellular-cards/sms/settings.ts';
import * as sms from '../../../../sdk/wire/sms.ts';

const HOUR = 3_600_000;
const message = (text: string, o: Partial<sms.Deliver> = {}): sms.Deliver => ({ kind: 'deliver', from: '+4917012345', text, coding: 'gsm7', atMs: 1000, part: undefined, flash: false, ...o });

describe('the mailbox', () => {
  it('puts a text together, in whatever order its parts come, each twice', () => {
    const text = 'Das Pferd frisst keinen Gurkensalat. '.repeat(20);
    const pieces = sms.split(text).map((piece, i, all) => sms.parseReceived(sms.fromHex(sms.emitDeliver({ from: '+49', piece, atMs: 1_800_000_000_000 + i * 1000, part: { reference: 7, total: all.length, number: i + 1 } })!.hex)!) as sms.Deliver);
    fc.assert(fc.property(fc.shuffledSubarray([...pieces, ...pieces], { minLength: pieces.length * 2 }), order => {
      const box = new Mailbox(undefined);
      const whole = order.map(p => box.arrived(1, p, 5000)).filter(a => a.whole && !a.known);
      expect(whole).toHaveLength(1);
      expect(box.list()).toEqual([expect.objectContaining({ text, parts: pieces.length, missing: 0 })]);
    }), { numRuns: 50 });
  });

  it('takes a reference that is used again a day later for another text', () => {
    const box = new Mailbox(undefined);
    const part = (number: number, text: string, atMs: number) => message(text, { atMs, part: { reference: 1, total: 2, number } });
    box.arrived(1, part(1, 'a', 0), 0);
    box.arrived(1, part(2, 'z', 30 * HOUR), 30 * HOUR);
    expect(box.list().map(m => [m.text, m.missing])).toEqual([['a…', 1], ['…z', 1]]);
  });

  it('does not mix senders, and keeps no more than 500', () => {
    const box = new Mailbox(undefined);
    for (let i = 0; i < 600; i++) box.arrived(1, message('x', { from: String(i), part: { reference: 1, total: 2, number: 1 } }), i);
    expect(box.list()).toHaveLength(500);
    expect(mailboxState.safeParse(JSON.parse(JSON.stringify(box.save()))).success).toBe(true);
  });

  it('shows octets as such, and half characters as what they are', () => {
    const box = new Mailbox(undefined);
    box.arrived(1, message('00ff', { coding: 'octets' }), 0);
    box.arrived(1, message('a\ud83d', { coding: 'ucs2' }), 0);
    expect(box.list().map(m => m.text)).toEqual(['(data: 00ff)', 'a\ufffd']);
  });

  it('tells references of one octet from those of two', () => {
    const box = new Mailbox(undefined);
    box.arrived(1, message('a', { part: { reference: 7, total: 2, number: 1 } }), 0);
    box.arrived(1, message('z', { part: { reference: 7, total: 2, number: 2, wide: true } }), 0);
    expect(box.list().map(m => m.missing)).toEqual([1, 1]);
  });

  it('puts a text together that another network sent in two parts', () => {
    // Bytes of a real message, from the tests of ModemManager.
    const pdus = [
      '07912160130320F5440B916171056429F5000021405291650569A00500034C0201A9E8F41C949E83C2207B599E07B1DFEE33885E9ED341E4F23C7D7697C920FA1B54C697E5E3F4BC0C6AD7D9F434081E96D341E3303C2C4EB3D3F4BC0B94A483E6E8779D4D06CDD1EF3BA80E0785E7A0B7BB0C6A97E7F3F0B9CC02B9DF7450780EA2DFDF2C50780EA2A3CBA0BA9B5C96B3F369F71954768FDFE4B4FB0C9297E1F2F2BCECA6CF41',
      '07912160130320F6440B916171056429F5000021405291651569320500034C0202E9E8301D44479741F0B09C3E0785E56590BCCC0ED3CB6410FD0D7ABBCBA0B0FB4D4797E52E10',
    ];
    for (const order of [pdus, pdus.toReversed()]) {
      const box = new Mailbox(undefined);
      for (const hex of [...order, ...order]) box.arrived(1, sms.parseReceived(sms.fromHex(hex)!) as sms.Deliver, 0);
      expect(box.list()).toMatchObject([{ number: '+16175046925', missing: 0, text: expect.stringMatching(/^This is a very long test.*encoding represents that the parts are related to one another\. $/) }]);
    }
  });

  it('waits a day for missing parts, shows what is there, and takes what comes later all the same', () => {
    const box = new Mailbox(undefined);
    const part = (number: number, atMs: number) => message(`part ${number} `, { atMs, part: { reference: 3, total: 3, number } });
    box.arrived(1, part(1, 0), 0);
    box.arrived(1, part(3, 0), 0);
    expect(box.list()).toMatchObject([{ text: 'part 1 …part 3 ', missing: 1, givenUp: false, read: false }]);
    expect([box.giveUp(HOUR), box.giveUp(24 * HOUR), box.giveUp(25 * HOUR), box.giveUp(26 * HOUR)]).toMatchObject([[], [], [{ missing: 1, givenUp: true }], []]);
    expect(new Mailbox(mailboxState.parse(JSON.parse(JSON.stringify(box.save())))).list()).toEqual(box.list());
    // The service centre had it within the hour, and tried for two days.
    expect(box.arrived(1, part(2, HOUR), 48 * HOUR)).toMatchObject({ whole: true, known: false });
    expect(box.list()).toMatchObject([{ text: 'part 1 part 2 part 3 ', missing: 0, givenUp: false }]);
  });

  it('is read again whatever a card says about a message that did not go whole', () => {
    const box = new Mailbox(undefined);
    box.sent(1, '+49', ['a', 'b'], 0, [], `1 of 2 parts were sent, then: +CMS ERROR: ${'x'.repeat(8000)}`);
    expect(new Mailbox(mailboxState.parse(JSON.parse(JSON.stringify(box.save())))).list()).toMatchObject([{ trouble: expect.stringMatching(/^1 of 2 parts were sent/) }]);
  });

  it('reads what was kept before messages could be unread', () => {
    const old = { next: 2, reference: 0, messages: [{ id: 1, slot: 1, way: 'in', number: '5', pieces: ['old'], reference: null, atMs: 0, sentMs: 0 }] };
    expect(new Mailbox(mailboxState.parse(old)).list()).toMatchObject([{ text: 'old', read: true, missing: 0 }]);
  });

  it('knows what became of each part that was sent', () => {
    const box = new Mailbox(undefined);
    const report = (reference: number, status: number, to = '+4917012345'): sms.StatusReport => ({ kind: 'status', reference, to, atMs: 5000, status });
    box.sent(1, '017012345', ['a', 'b'], 0, [8, 9]);
    expect(box.reported(2, report(8, 0), 0)).toBeUndefined();
    expect(box.reported(1, report(8, 0, '+4999999999'), 0)).toBeUndefined();
    expect(box.reported(1, report(8, 0x30), 0)).toMatchObject({ trouble: expect.stringContaining('goes on trying'), arrivedMs: undefined });
    expect(box.reported(1, report(8, 0), 0)?.arrivedMs).toBeUndefined();
    expect(box.reported(1, report(9, 1), 0)).toMatchObject({ arrivedMs: 5000, trouble: undefined });
    expect(box.reported(1, report(9, 1), 0)).toBeUndefined();
    box.sent(1, '+4917012345', ['a', 'b'], 0, [8, 9]);
    expect(box.reported(1, report(8, 0x46), 0)).toMatchObject({ trouble: 'it could not be delivered in time' });
    expect(box.reported(1, report(9, 0), 0)).toBeUndefined();
    // One that overtakes the card's answer; one of long ago.
    box.reported(1, report(40, 0), 1000);
    expect(box.sent(1, '+4917012345', ['c'], 2000, [40])).toMatchObject({ arrivedMs: 5000 });
    box.reported(1, report(41, 0), 1000);
    expect(box.sent(1, '+4917012345', ['c'], HOUR, [41])).toMatchObject({ arrivedMs: undefined });
    box.delete(3);
    box.delete(4);
    expect(box.list().at(-1)).toMatchObject({ arrivedMs: undefined, trouble: 'it could not be delivered in time' });
  });
});

describe('the list of a card', () => {
  it('is read with and without the alpha field', () => {
    const hex = '079100F40D1101000F001000B917118336058F300001954747A0E4ACF41F27298CDCE83C6EF371B0402814020';
    expect(listed(['+CMGL: 17,3,35', hex, '+CMGL: 2,1,,35', hex, '+CMGL: 3,0,"Bob, jr",35', hex])).toMatchObject([{ index: 17, state: 3, raw: hex }, { index: 2, state: 1, raw: hex }, { index: 3, state: 0, raw: hex }]);
  });
  it('leaves out what is cut', () => { expect(listed(['+CMGL: 1,0,,35', '+CMGL: 2,0,,5', 'nonsense', '+CMGL: 3,0'])).toEqual([]); });
});

describe('who may tell the router what', () => {
  const all = settings.parse({ commands: { enabled: true, numbers: ['+4917012345'], perHour: 3 } });
  const s = { ...all.commands, countryCode: '' };
  const words = ['status', 'connect'];
  const said = (text: string, number = '+4917012345', sentMs: number | undefined = undefined) => ({ text, number, sentMs, missing: 0, zoneless: false });

  it('is off unless it is switched on, and needs a number then', () => {
    expect(settings.parse({}).commands.enabled).toBe(false);
    expect(verify(settings.parse({ commands: { enabled: true } }))).toHaveLength(1);
    expect(new Gate().judge(said('status'), { ...s, enabled: false }, words, 0, 0).kind).toBe('message');
  });
  it('is on the list, by the whole number', () => {
    for (const number of ['+491701234', '4917012345', '+49170123456', '', 'Bank']) expect(new Gate().judge(said('status', number), s, words, 0, 0).kind).toBe('message');
    expect(new Gate().judge(said(' STATUS '), s, words, 0, 0)).toEqual({ kind: 'command', word: 'status' });
  });
  it('says one known word', () => { for (const text of ['', 'status now', 'reboot', '__proto__', 'constructor']) expect(new Gate().judge(said(text), s, words, 0, 0).kind).toBe('message'); });
  it('is not late', () => { expect(new Gate().judge(said('status', s.numbers[0], 0), s, words, 2 * HOUR, 0)).toMatchObject({ kind: 'refused', why: expect.stringContaining('long') }); });
  it('is not tired of it: so many in one hour', () => {
    const gate = new Gate();
    expect([0, 1, 2, 3, HOUR + 1].map(now => gate.judge(said('status'), s, words, 0, now).kind)).toEqual(['command', 'command', 'command', 'refused', 'command']);
  });
  it('knows the password, where there is one, and cannot guess for long', () => {
    const gate = new Gate();
    const secret = { ...s, password: 'Gurke' };
    expect(gate.judge(said('Gurke status'), secret, words, 0, 0)).toEqual({ kind: 'command', word: 'status' });
    for (const guess of ['status', 'gurke status']) expect(gate.judge(said(guess), secret, words, 0, 1).kind).toBe('refused');
    expect(gate.judge(said('Gurke status'), secret, words, 0, 2)).toMatchObject({ kind: 'refused', why: expect.stringContaining('too many') });
  });

  it('is not repeated: the same message again is refused, another one a second later is not', () => {
    const gate = new Gate();
    const at = (sentMs: number) => gate.judge(said('status', '+4917012345', sentMs), s, words, 1000, 0);
    expect([at(0), at(0), at(1000)]).toMatchObject([{ kind: 'command' }, { kind: 'refused', why: 'it came before' }, { kind: 'command' }]);
  });
  it('may have come in parts, if all of them came', () => {
    const long = `${'  '.repeat(100)}status`;
    expect(new Gate().judge(said(long), s, words, 0, 0)).toEqual({ kind: 'command', word: 'status' });
    expect(new Gate().judge({ ...said('status'), missing: 1 }, s, words, 0, 0)).toEqual({ kind: 'message' });
  });
  it('has until tomorrow where its card names no zone', () => {
    expect(new Gate().judge({ ...said('status', '+4917012345', 0), zoneless: true }, s, words, 10 * HOUR, 0).kind).toBe('command');
    expect(new Gate().judge({ ...said('status', '+4917012345', 0), zoneless: true }, s, words, 20 * HOUR, 0).kind).toBe('refused');
  });
  it('is known by every form of the number', () => {
    const german = { ...s, countryCode: '49' };
    for (const number of ['+4917012345', '004917012345', '017012345', '17012345']) expect(new Gate().judge(said('status', number), german, words, 0, 0).kind, number).toBe('command');
    for (const number of ['017012345', '17012345', '+117012345', 'Status', '4917012345', '12345']) expect(new Gate().judge(said('status', number), s, words, 0, 0).kind, number).toBe('message');
    for (const written of ['0049 170 12345', '+49 (170) 12345', '0170-12345', '0170 12345']) {
      const listed = settings.parse({ countryCode: '49', commands: { enabled: true, numbers: [written] } });
      expect(new Gate().judge(said('status'), { ...listed.commands, countryCode: '49' }, words, 0, 0).kind, written).toBe('command');
    }
    expect([same('5551234567', '+15551234567', '1'), same('15551234567', '5551234567', '1'), same('5551234567', '+495551234567', '1'), same('Bank', 'Bank', '49')]).toEqual([true, true, false, false]);
    expect(forms('72404', '49')).toEqual(['72404']);
  });
  it('needs a country code for numbers without one', () => {
    const listed = (countryCode: string) => verify(settings.parse({ countryCode, commands: { enabled: true, numbers: ['+491701', '0170 123456'] } }));
    expect(listed('')).toMatchObject([{ path: ['commands', 'numbers', 1] }]);
    expect(listed('49')).toEqual([]);
  });
  it('gets an answer that fits into one message, in letters that every phone has', () => {
    expect(fitting('online; 中国移动')).toBe('online; ????');
    const cut = fitting('€'.repeat(100));
    expect([sms.split(cut).length, cut.endsWith('...'), cut.length]).toEqual([1, true, 81]);
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), text => { expect(sms.split(fitting(text))).toHaveLength(1); }));
  });
  it('is not heard saying the password', () => { expect([hushed('Gurke status', 'Gurke'), hushed('x', '')]).toEqual(['*** status', 'x']); });
});
