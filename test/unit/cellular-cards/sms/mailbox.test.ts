import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listed } from '../../../../plugins/cellular-cards/sms/card-scripts.ts';
import { Gate } from '../../../../plugins/cellular-cards/sms/gate.ts';
import { Mailbox, mailboxState } from '../../../../plugins/cellular-cards/sms/mailbox.ts';
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
});

describe('the list of a card', () => {
  it('is read with and without the alpha field', () => {
    const hex = '079100F40D1101000F001000B917118336058F300001954747A0E4ACF41F27298CDCE83C6EF371B0402814020';
    expect(listed(['+CMGL: 17,3,35', hex, '+CMGL: 2,1,,35', hex, '+CMGL: 3,0,"Bob, jr",35', hex])).toEqual([{ index: 17, state: 3, hex }, { index: 2, state: 1, hex }, { index: 3, state: 0, hex }]);
  });
  it('leaves out what is cut', () => { expect(listed(['+CMGL: 1,0,,35', '+CMGL: 2,0,,5', 'nonsense', '+CMGL: 3,0'])).toEqual([]); });
});

describe('who may tell the router what', () => {
  const s = settings.parse({ commands: { enabled: true, numbers: ['+4917012345'], perHour: 3 } }).commands;
  const words = ['status', 'connect'];
  const said = (text: string, number = '+4917012345', sentMs: number | undefined = 0) => ({ text, number, sentMs, parts: 1 });

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
  it('is not late', () => { expect(new Gate().judge(said('status'), s, words, 2 * HOUR, 0)).toMatchObject({ kind: 'refused' }); });
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
});
