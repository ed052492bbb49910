import { describe, expect, it } from 'vitest';
import { MessageCentre } from '../../../../lab/carrier/message-centre.ts';
import * as sms from '../../../../sdk/wire/sms.ts';
import { shelf, terminal } from './terminal.ts';

const MINE = '+15550100001';
const FRIEND = '+15550009000';

/** The card's messages, read. */
function messages(t: ReturnType<typeof terminal>) {
  const lines = t.say('AT+CMGL=4');
  return lines.filter(l => /^[0-9A-F]{20,}$/.test(l)).map(hex => sms.parseReceived(sms.fromHex(hex)!));
}

describe('messages of a simulated card', () => {
  it('find a SIM that needs time and no PIN, and was never locked', () => {
    for (const model of ['ac881', 'e620', 'ec25', 'u740', 'gtmax36']) {
      const t = terminal(model, { wait: 0 });
      expect(t.card.file.timing.simMs, model).toBeGreaterThan(0);
      t.carrier.messages.deliver({ from: FRIEND, to: MINE, text: 'early' });
      expect(t.carrier.messages.waiting(MINE), model).toBe(1);
      t.clock.advance(15_000);
      expect([t.carrier.messages.waiting(MINE), t.rack.sim(1).memory.used], model).toEqual([0, 1]);
    }
  });

  it('find a SIM that needs longer than the network', () => {
    const file = shelf.card('ac881');
    const t = terminal({ ...file, timing: { ...file.timing, simMs: 20_000, registerMs: 1000 } }, { wait: 0 });
    t.carrier.messages.deliver({ from: FRIEND, to: MINE, text: 'early' });
    t.clock.advance(19_000);
    expect(t.carrier.messages.waiting(MINE)).toBe(1);
    t.clock.advance(2000);
    expect(t.rack.sim(1).memory.used).toBe(1);
  });

  it('of a long text come in parts, with references of one octet and of two, no pair of UCS-2 cut', () => {
    const t = terminal('ac881');
    t.say('ATE0');
    for (const [text, wide] of [['a€'.repeat(200), false], ['a€'.repeat(200), true], ['😀ж'.repeat(60), false], ['😀ж'.repeat(60), true]] as const) {
      t.carrier.messages.deliver({ from: FRIEND, to: MINE, text }, wide);
      const parts = messages(t).map(m => (m?.kind === 'deliver' ? m : undefined));
      expect(parts.length).toBeGreaterThan(2);
      expect(parts.map(p => p?.part?.number)).toEqual(parts.map((_, i) => i + 1));
      expect(parts.every(p => p?.part?.wide === (wide ? true : undefined) && p?.part?.total === parts.length)).toBe(true);
      expect(parts.map(p => p?.text).join('')).toBe(text);
      expect(parts.every(p => !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(p!.text))).toBe(true);
      t.say('AT+CMGD=1,4');
    }
  });

  it('are told with +CMTI only when +CNMI asked for it, or handed over with +CMT and taken back without +CNMA', () => {
    const t = terminal('e620');
    t.say('ATE0', 2);
    const comes = (text: string): string => {
      t.port(2).heard = '';
      t.carrier.messages.deliver({ from: FRIEND, to: MINE, text });
      t.clock.advance(100);
      return t.port(2).heard;
    };
    expect(comes('quiet')).not.toContain('+CM');
    t.say('AT+CNMI=2,1', 2);
    expect(comes('told')).toContain('+CMTI: "SM",1');
    t.say('AT+CNMI=2,2,0,0,0', 2);
    expect(comes('here')).toMatch(/\+CMT: ,\d+\r\n00[0-9A-F]+/);
    expect(t.rack.sim(1).memory.used).toBe(2);
    t.say('AT+CSMS=1', 2);
    expect(comes('owed')).toContain('+CMT: ');
    expect(comes('next')).not.toContain('+CMT');
    expect(t.carrier.messages.waiting(MINE)).toBe(1);
    expect(t.say('AT+CNMA', 2)).toEqual(expect.arrayContaining(['OK']));
    expect(t.carrier.messages.waiting(MINE)).toBe(0);
    t.clock.advance(20_000);
    // Nobody said +CNMA to "next": it is the network's again, and nothing is handed over any more.
    expect(t.carrier.messages.waiting(MINE)).toBe(1);
    expect(t.say('AT+CNMA', 2)).toContain('+CMS ERROR: 340');
    expect(comes('stored')).not.toContain('+CMT');
  });

  it('wait in the network while the SIM is full, and come when there is room', () => {
    const t = terminal('ac881');
    t.say('ATE0');
    for (let i = 0; i < 22; i++) t.carrier.messages.deliver({ from: FRIEND, to: MINE, text: `n ${i}` });
    expect([t.rack.sim(1).memory.used, t.carrier.messages.waiting(MINE)]).toEqual([20, 2]);
    expect(t.say('AT+CPMS?')[0]).toBe('+CPMS: "SM",20,20,"SM",20,20,"SM",20,20');
    t.say('AT+CMGD=200');
    expect(t.rack.sim(1).memory.used).toBe(20);
    t.say('AT+CMGD=3');
    expect([t.rack.sim(1).memory.used, t.carrier.messages.waiting(MINE)]).toEqual([20, 1]);
  });

  it('go out as the card was told: with a report when one was asked for, not without a service centre, not from a barred account', () => {
    const t = terminal('ac881');
    t.say('ATE0');
    t.say('AT+CNMI=2,1,0,2,0');
    const send = (o: Partial<Parameters<typeof sms.emitSubmit>[0]> = {}): string => {
      const pdu = sms.emitSubmit({ to: FRIEND, piece: sms.split('out')[0]!, ...o })!;
      t.say(`AT+CMGS=${pdu.length}`);
      return t.say(`${pdu.hex}\x1a`).join(' ');
    };
    expect(send()).toContain('+CMGS: 1');
    expect(messages(t)).toEqual([]);
    expect(send({ report: true })).toMatch(/\+CMGS: 2|\+CDSI/);
    expect(messages(t)).toMatchObject([{ kind: 'status', reference: 2, to: FRIEND, status: 0 }]);
    t.carrier.messages.lost.set(FRIEND, 0x46);
    send({ report: true });
    expect(messages(t)[1]).toMatchObject({ kind: 'status', reference: 3, status: 0x46 });
    t.rack.sim(1).centre = '';
    expect(send()).toContain('+CMS ERROR: 330');
    expect(send({ centre: '+491710760000' })).toContain('+CMGS: 4');
    t.carrier.barred = true;
    expect(send({ centre: '+491710760000' })).toContain('+CMS ERROR: 8');
  });

  it('of a CDMA card are text, by +CMGL or by ^HCMGL; some have none', () => {
    const kyocera = terminal('kpc680');
    const number = kyocera.card.number;
    kyocera.say('ATE0');
    kyocera.say('AT+CMGF=1');
    kyocera.carrier.messages.deliver({ from: '5551230000', to: number, text: 'Hello' });
    expect(kyocera.say('AT+CMGL="ALL"').slice(-3)).toEqual(['+CMGL: 0,"REC UNREAD","5551230000",1,2,5', 'Hello', 'OK']);
    kyocera.carrier.messages.deliver({ from: '5551230000', to: number, text: 'a {number} in braces' });
    expect(kyocera.say('AT+CMGR=1')).toContain('a {number} in braces');
    const huawei = terminal('ec500');
    huawei.say('ATE0');
    huawei.carrier.messages.deliver({ from: '5551230000', to: number, text: 'Hello' });
    expect(huawei.say('AT^HCMGL=4')).toContain('^HCMGL:0,0');
    expect(huawei.say('AT^HCMGR=0')).toEqual(expect.arrayContaining([expect.stringMatching(/^\^HCMGR:5551230000,\d{4},\d\d,\d\d,\d\d,\d\d,\d\d,0,1,5,0,0,0,1$/), 'Hello\x1a', 'OK']));
    huawei.say('AT^HCMGS="5550001111"');
    expect(huawei.say('Out\x1a').join(' ')).toContain('^HCMGSS:1');
    expect(huawei.carrier.messages.sent).toEqual([{ from: number, to: '5550001111', text: 'Out' }]);
    const pantech = terminal('px500');
    pantech.say('ATE0');
    expect(pantech.say('AT+CMGF=1')).toEqual(['ERROR']);
    for (const model of shelf.models()) expect(shelf.card(model).facts['mdn'] !== undefined || shelf.card(model).system === '3gpp', model).toBe(true);
  });
});

describe('the message centre', () => {
  it('remembers whole texts only, whatever the order of their parts', () => {
    const centre = new MessageCentre(() => 0);
    const parts = centre.parts({ from: 'a', to: 'b', text: 'x'.repeat(400) });
    for (const part of parts.toReversed()) centre.submit(part);
    expect(centre.sent).toEqual([{ from: 'a', to: 'b', text: 'x'.repeat(400) }]);
  });
});
