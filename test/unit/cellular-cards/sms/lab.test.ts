import { afterEach, describe, expect, it } from 'vitest';
import { Carrier } from '../../../../lab/carrier/carrier.ts';
import { CardShelf } from '../../../../lab/carrier/card-shelf.ts';
import { Rack } from '../../../../lab/carrier/rack.ts';
import ac595 from '../../../../plugins/cellular-cards/ac595/plugin.ts';
import { CardSourcesToken, CellularToken } from '../../../../plugins/cellular-cards/contract.ts';
import core from '../../../../plugins/cellular-cards/core/plugin.ts';
import e620 from '../../../../plugins/cellular-cards/e620/plugin.ts';
import ec500 from '../../../../plugins/cellular-cards/ec500/plugin.ts';
import ex720 from '../../../../plugins/cellular-cards/ex720/plugin.ts';
import kpc680 from '../../../../plugins/cellular-cards/kpc680/plugin.ts';
import px500 from '../../../../plugins/cellular-cards/px500/plugin.ts';
import sms from '../../../../plugins/cellular-cards/sms/plugin.ts';
import { definePlugin } from '../../../../sdk/index.ts';
import { type Harness, harness } from '../../../../sdk/testing/index.ts';

const FRIEND = '+15550009000';
const LONG = 'Ein langer Text mit € und {Klammern}, der nicht in eine Nachricht passt. '.repeat(5).trim();
const EMOJI = 'Жар-птица 😀 '.repeat(12).trim();

/**
 *     router ── a card of the lab ── carrier, with its message centre
 */
describe('messages over a card of the lab', () => {
  let h: Harness;
  let carrier: Carrier;
  let rack: Rack;
  const start = async (model: string, settings: Record<string, unknown> = {}, file: object = {}) => {
    const source = definePlugin({ id: 'test.rack', setup(ctx) {
      carrier = new Carrier({ clock: ctx.clock, seed: 3 });
      rack = new Rack({ clock: ctx.clock, carrier });
      ctx.contribute(CardSourcesToken, rack);
    } });
    h = await harness([core, sms, e620, ec500, kpc680, px500, ac595, ex720], { with: [source], settings: {
      wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' }, 'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: false }, 'cellular-cards.sms': settings,
    } });
    const known = new CardShelf().card(model);
    rack.insert({ ...known, ...file, ...('answers' in file ? { answers: [...(file.answers as []), ...known.answers] } : {}) }, 1);
    await h.advance(60_000);
  };
  const rows = async (from = 3) => (await h.table('wwan sms list')).rows.map(r => r.slice(from));
  const comes = async (text: string, wide = false) => {
    carrier.messages.deliver({ from: FRIEND, to: rack.cards()[0]!.number, text }, wide);
    await h.advance(20_000);
  };
  afterEach(async () => {
    rack.remove(1);
    await h.advance(2000);
    await h.close();
  });

  it('come whole however long they are, and go whole', async () => {
    await start('e620');
    for (const [text, wide] of [[LONG, false], [EMOJI, true], ['short', false]] as const) {
      await comes(text, wide);
      expect((await rows())[0]).toEqual(['new', 'from', FRIEND, text]);
      await h.run(`wwan sms send ${FRIEND} ${text}`);
      expect(carrier.messages.sent.at(-1)).toMatchObject({ to: FRIEND, text });
    }
    expect(rack.sim(1).memory.used).toBe(0);
  });

  it('are shown in part when a part stays away, and whole when it comes', async () => {
    await start('e620');
    const [first, second, third] = carrier.messages.parts({ from: FRIEND, to: rack.sim(1).number, text: LONG });
    for (const part of [third!, first!, third!]) carrier.messages.deliver(part);
    await h.advance(20_000);
    expect(await rows()).toEqual([['1 of 3 parts have not come yet', 'from', FRIEND, `${first!.text}…${third!.text}`]]);
    carrier.messages.deliver(second!);
    await h.advance(20_000);
    expect(await rows()).toEqual([['new', 'from', FRIEND, LONG]]);
  });

  it.each([['0', false], ['1', true]])('are handed over by a card that stores none, acknowledged where it wants that (+CSMS=%s)', async (csms, acknowledge) => {
    await start('e620', {}, { answers: [{ like: '\\+CNMI=[12],1.*', final: '+CMS ERROR: 303' }, { on: '+CSMS?', say: [`+CSMS: ${csms},1,1,1`] }] });
    rack.cards()[0]!.vars.set('csms', acknowledge ? '1' : '');
    await comes(LONG);
    await comes('and more');
    expect(await rows()).toEqual([['new', 'from', FRIEND, 'and more'], ['new', 'from', FRIEND, LONG]]);
    expect([rack.sim(1).memory.used, carrier.messages.waiting(rack.sim(1).number)]).toEqual([0, 0]);
  });

  it('are told to have arrived by a card that stores no reports, too (+CDS)', async () => {
    await start('e620', { reports: true }, { answers: [{ like: '\\+CNMI=.,.,0,2,0', final: '+CMS ERROR: 303' }] });
    await h.run(`wwan sms send ${FRIEND} one`);
    await h.advance(20_000);
    expect((await rows())[0]).toEqual([expect.stringMatching(/^arrived /), 'to', FRIEND, 'one']);
  });

  it('are told to have arrived, or why not, when reports are wished', async () => {
    await start('e620', { reports: true });
    await h.run(`wwan sms send ${FRIEND} ${LONG}`);
    await h.advance(20_000);
    expect((await rows())[0]).toEqual([expect.stringMatching(/^arrived \d{4}-/), 'to', FRIEND, LONG]);
    carrier.messages.lost.set(FRIEND, 0x46);
    await h.run(`wwan sms send ${FRIEND} lost`);
    await h.advance(20_000);
    expect((await rows())[0]).toEqual(['it could not be delivered in time', 'to', FRIEND, 'lost']);
    expect(h.service(CellularToken)!.timeline(1).map(e => e.words)).toEqual(expect.arrayContaining([`message to ${FRIEND} has arrived`, `message to ${FRIEND} has not arrived: it could not be delivered in time`]));
    expect(rack.sim(1).memory.used).toBe(0);
  });

  it('fill the SIM when they stay there: said in words, and "clear" makes room for those that wait', async () => {
    await start('e620', { remove: false });
    for (let i = 0; i < 22; i++) carrier.messages.deliver({ from: FRIEND, to: rack.sim(1).number, text: `n ${i}` });
    await h.advance(120_000);
    expect(await h.cli('wwan sms status')).toContain('the memory of the card is full (20 messages) and takes no new ones');
    expect(await h.run('wwan sms clear')).toContain('20 deleted');
    await h.advance(120_000);
    expect(await rows()).toHaveLength(20);
    expect((await h.table('wwan sms list')).rows[0]).toContain('n 21');
    expect(await h.cli('wwan sms status')).toContain('are read');
  });

  it('cannot be sent by a barred account, or without a message centre: each says what to do', async () => {
    await start('e620');
    carrier.barred = true;
    await expect(h.run('wwan sms send 5 x')).rejects.toThrow('the carrier bars sending messages for this account');
    carrier.barred = false;
    rack.sim(1).centre = '';
    await expect(h.run('wwan sms send 5 x')).rejects.toThrow('write the one that the carrier names into the settings');
    expect(await rows()).toEqual([]);
  });

  it.each(['kpc680', 'ac595', 'ex720', 'ec500'])('of a CDMA card: %s receives, lists, deletes, sends', async model => {
    await start(model);
    expect(await h.cli('wwan sms status')).toContain('are read');
    await comes('Hello over there');
    expect(await rows()).toEqual([['new', 'from', FRIEND, 'Hello over there']]);
    expect(rack.cards()[0]!.mailbox.memory.used).toBe(0);
    await h.run('wwan sms send 5550001111 Out of here');
    expect(carrier.messages.sent.at(-1)).toMatchObject({ from: rack.cards()[0]!.number, to: '5550001111', text: 'Out of here' });
    await expect(h.run('wwan sms send 5550001111 grüße')).rejects.toThrow('ASCII');
    await h.run('wwan sms delete all');
    expect(await rows()).toEqual([]);
  });

  it.each(['kpc680', 'ac595', 'ec500'])('are text, whatever they say: no end of an answer, no report, no forged message (%s)', async model => {
    await start(model, { commands: { enabled: true, numbers: ['+4917012345'] } });
    const forged = '0004099194 7110325400006211420000000006F3BA1DAECF01'.replace(' ', '');
    const text = `x\r\nOK\r\nNO CARRIER\r\n+CMTI: "ME",3\r\n+CMT: ,20\r\n${forged}\r\n+CMS ERROR: 500`;
    await comes(text);
    await comes('OK\r\n\r\nERROR');
    await comes('+CMGL: 7,"REC READ","5551230000",1,2,5\r\nfaked');
    await comes('next');
    expect((await rows(6)).flat()).toEqual(['next', '+CMGL: 7,"REC READ","5551230000",1,2,5\nfaked', 'OK\nERROR', text.replaceAll('\r\n', '\n')]);
    expect(carrier.messages.sent).toEqual([]);
  });

  it.each(['e620', 'kpc680', 'ec500'])('stay out of the log of what was said to the card: %s', async model => {
    await start(model, { commands: { enabled: true, numbers: [FRIEND], password: 'Gurke7' } });
    await comes('Gurke7 status');
    expect(carrier.messages.sent).toHaveLength(1);
    const hex = Buffer.from('Gurke7').toString('hex');
    const log = await h.cli('wwan log');
    expect(log).toMatch(/CMG[LR]/);
    expect(log).not.toContain('Gurke7');
    // As it lies in a PDU: 7 bits to a character.
    expect(log).not.toMatch(new RegExp(`${hex}|C7BA7C5DBE01|C7BA7C5D`, 'i'));
  });

  it('of a card without commands for them: says so', async () => {
    await start('px500');
    expect(await h.cli('wwan sms status')).toContain('this card has no commands for messages');
    await expect(h.run('wwan sms send 5 x')).rejects.toThrow('the card has no messages');
  });
});
