import { afterEach, describe, expect, it } from 'vitest';
import plugin from '../../../../plugins/cellular-cards/sms/plugin.ts';
import { type Harness, harness } from '../../../../sdk/testing/index.ts';
import * as sms from '../../../../sdk/wire/sms.ts';
import { card, providing, SimpleCellular } from '../simple-cellular.ts';

/** The message side of a card: a memory of ten, and a network that takes what is sent. */
class Memory {
  readonly places: (string | undefined)[] = new Array<string | undefined>(10).fill(undefined);
  readonly sent: { to: string; text: string }[] = [];
  refuses: { final: string; error?: number } | undefined;

  put(from: string, text: string, atMs: number): number {
    const pieces = sms.split(text);
    let last = -1;
    for (const [i, piece] of pieces.entries()) {
      last = this.places.indexOf(undefined);
      this.places[last] = sms.emitDeliver({ from, piece, atMs, part: pieces.length === 1 ? undefined : { reference: 9, total: pieces.length, number: i + 1 } })!.hex;
    }
    return last;
  }

  answer = (line: string, body: string | undefined): { final?: string; error?: number; lines?: string[] } => {
    if (line === 'AT+CPMS?') return { lines: ['+CPMS: "SM",0,10,"SM",0,10,"SM",0,10'] };
    if (line === 'AT+CMGL=4') return { lines: this.places.flatMap((hex, i) => (hex === undefined ? [] : [`+CMGL: ${i},1,,${hex.length / 2 - 1}`, hex])) };
    const removed = /^AT\+CMGD=(\d+)$/.exec(line);
    if (removed !== null) this.places[Number(removed[1])] = undefined;
    if (!line.startsWith('AT+CMGS=')) return {};
    if (this.refuses !== undefined) return this.refuses;
    const { to, text } = sms.parseSubmit(sms.fromHex(body!)!)!;
    this.sent.push({ to, text });
    return { lines: ['+CMGS: 1'] };
  };
}

describe('SMS', () => {
  let h: Harness;
  const cellular = new SimpleCellular();
  let memory: Memory;

  const start = async (settings: Record<string, unknown> = {}, system: '3gpp' | 'cdma' = '3gpp') => {
    memory = new Memory();
    cellular.answer = memory.answer;
    cellular.heard.length = cellular.done.length = cellular.entries.length = 0;
    cellular.statuses = [card({}, system)];
    h = await harness([plugin], { with: [providing(cellular)], routes: false, settings: { 'cellular-cards.sms': settings } });
    await h.advance(2000);
  };
  const came = () => h.events.filter(e => e.topic === 'card/sms').map(e => e.event);
  const rows = async () => (await h.table('wwan sms list')).rows.map(r => r.slice(4));
  const arrives = async (from: string, text: string) => {
    const index = memory.put(from, text, h.clock.wall());
    h.emit('cellular/message-waiting', { slot: 1, memory: 'SM', index });
    await h.advance(2000);
  };

  afterEach(() => h.close());

  it('takes a message from the card when the card tells of it, and frees its place', async () => {
    await start();
    await arrives('+4917012345', 'Hello\u0007 <b>you</b>');
    await arrives('Bank', 'Жар-птица '.repeat(20));
    expect(await rows()).toEqual([['from', 'Bank', 'Жар-птица '.repeat(20)], ['from', '+4917012345', expect.stringContaining('<b>you</b>')]]);
    expect(memory.places.every(p => p === undefined)).toBe(true);
    expect(came()).toHaveLength(2);
    expect(memory.sent).toEqual([]);
  });

  it('looks by itself, for cards that do not tell', async () => {
    await start();
    memory.put('5', 'quiet', 0);
    await h.advance(61_000);
    expect(await rows()).toEqual([['from', '5', 'quiet']]);
  });

  it('leaves them in the card where that is wished, and knows them again', async () => {
    await start({ remove: false });
    await arrives('5', 'stay');
    await h.advance(1_000_000);
    expect(came()).toHaveLength(1);
    expect(memory.places.filter(p => p !== undefined)).toHaveLength(1);
    await h.run('wwan sms delete 1');
    expect(memory.places.filter(p => p !== undefined)).toHaveLength(0);
    await h.advance(1_000_000);
    expect(await rows()).toEqual([]);
  });

  it('says when the memory of the card is full', async () => {
    await start({ remove: false });
    for (let i = 0; i < 10; i++) memory.put('5', `n ${i}`, i);
    await h.advance(61_000);
    expect(await h.cli('wwan sms status')).toContain('full');
  });

  it('sends, in parts where it must', async () => {
    await start();
    await h.run('wwan sms send "+49 170 123" short and plain');
    expect(memory.sent).toEqual([{ to: '+49170123', text: 'short and plain' }]);
    const long = 'long '.repeat(50).trim();
    expect(await h.run(`wwan sms send 12345 ${long}`)).toContain('2 parts');
    expect(memory.sent.slice(1).map(s => s.text).join('')).toBe(long);
    expect(cellular.heard).toContain('AT+CMMS=1');
    expect((await h.table('wwan sms list')).rows.map(r => r[3])).toEqual(['sent', 'sent']);
  });

  it('says why it was not sent', async () => {
    await start();
    memory.refuses = { final: '+CMS ERROR: 331', error: 331 };
    await expect(h.run('wwan sms send 12345 x')).rejects.toThrow('no network now');
    memory.refuses = { final: 'online' };
    await expect(h.run('wwan sms send 12345 x')).rejects.toThrow('only port carries the call');
    await expect(h.run('wwan sms send Bob x')).rejects.toThrow('not a number');
    expect(await rows()).toEqual([]);
  });

  it('sends no more per hour than it may', async () => {
    await start({ perHour: 2 });
    await h.run('wwan sms send 1 x');
    await h.run('wwan sms send 1 x');
    await expect(h.run('wwan sms send 1 x')).rejects.toThrow('in one hour');
  });

  it('says that a card has none, when it does not know their commands', async () => {
    memory = new Memory();
    cellular.answer = () => ({ final: 'ERROR' });
    cellular.heard.length = 0;
    cellular.statuses = [card({}, 'cdma')];
    h = await harness([plugin], { with: [providing(cellular)], routes: false, settings: { 'cellular-cards.sms': {} } });
    await h.advance(2000);
    expect(await h.cli('wwan sms status')).toContain('this card has no commands for messages');
    await expect(h.run('wwan sms send 1 x')).rejects.toThrow('the card has no messages');
    expect(cellular.heard).toEqual(['AT+CMGF=1', 'AT+CMGF=1']);
  });

  it('carries out commands of those who may, and answers nobody else', async () => {
    await start({ commands: { enabled: true, numbers: ['+4917012345'], perHour: 3 } });
    await arrives('+4900000', 'disconnect');
    await arrives('+4917012345', 'hello there');
    expect([cellular.done, memory.sent]).toEqual([[], []]);
    await arrives('+4917012345', 'Disconnect');
    await arrives('+4917012345', 'status');
    await arrives('+4917012345', 'help');
    await arrives('+4917012345', 'connect');
    expect(cellular.done).toEqual(['disconnect 1 by SMS']);
    expect(memory.sent.map(s => s.text)).toEqual([expect.stringContaining('disconnected'), expect.stringContaining('registered'), 'status, signal, connect, disconnect, help']);
    expect(memory.sent.every(s => s.to === '+4917012345')).toBe(true);
    expect(cellular.entries.map(e => e.words)).toContain('command from +4917012345 not carried out: too many in one hour');
  });

  it('keeps the password to itself: in the list, in what others are told, in answers', async () => {
    await start({ commands: { enabled: true, numbers: ['+4917012345'], password: 'Gurke7' } });
    await arrives('+4917012345', 'Gurke7 status');
    await arrives('+4917012345', 'Gurke7 nonsense');
    expect(memory.sent).toHaveLength(1);
    const told = JSON.stringify([await rows(), came(), cellular.entries, memory.sent, h.panel('network/cellular/sms'), await h.run('wwan sms read 1')]);
    expect(told).toContain('*** status');
    expect(told).not.toContain('Gurke7');
    await h.configure({ commands: { enabled: false, numbers: ['+4917012345'], password: 'Gurke7', perHour: 6, maxAgeMin: 60 } });
    expect(JSON.stringify(await rows())).not.toContain('Gurke7');
  });

  it('marks what is new until somebody has read it', async () => {
    await start();
    await arrives('5', 'news');
    const states = async () => (await h.table('wwan sms list')).rows.map(r => r[3]);
    expect(await states()).toEqual(['new']);
    await h.act('network/cellular/sms', 'read', [1]);
    expect(await states()).toEqual(['read']);
    await expect(h.act('network/cellular/sms', 'read', ['x'])).rejects.toThrow('which message');
    await expect(h.run('wwan sms read 7')).rejects.toThrow('no message 7');
  });

  it('makes room in a full card: deletes what the router has and what was sent, not what waits to be sent', async () => {
    await start({ remove: false });
    for (let i = 0; i < 10; i++) memory.put('5', `n ${i}`, i);
    await h.advance(61_000);
    expect(await h.cli('wwan sms status')).toContain('"wwan sms clear"');
    expect(await h.run('wwan sms clear')).toContain('10 deleted');
    await h.advance(2000);
    expect(await h.cli('wwan sms status')).toContain('are read');
    expect(await rows()).toHaveLength(10);
  });

  it('loses no message that comes to a place which two are freeing', async () => {
    await start({ remove: false });
    for (let i = 0; i < 10; i++) memory.put('5', `n ${i}`, i);
    await h.advance(61_000);
    const usual = cellular.answer;
    let freed = 0;
    cellular.answer = (line, body) => {
      const said = usual(line, body);
      if (line.startsWith('AT+CMGD=') && ++freed === 10) memory.put('5', 'late', 99);
      return said;
    };
    await Promise.all([h.run('wwan sms clear'), h.run('wwan sms clear')]);
    await h.advance(2000);
    expect((await rows()).map(r => r.at(-1))).toContain('late');
  });

  it('tells of a text whose parts never all came, and takes no command from it', async () => {
    await start({ commands: { enabled: true, numbers: ['5551234567'], maxAgeMin: 10_080 }, countryCode: '1' });
    const piece = { coding: 'gsm7', septets: [...'status'].map(c => c.charCodeAt(0)) } as const;
    memory.places[0] = sms.emitDeliver({ from: '5551234567', piece, atMs: h.clock.wall(), part: { reference: 1, total: 2, number: 1 } })!.hex;
    await h.advance(3600_000);
    expect(came()).toEqual([]);
    expect((await h.table('wwan sms list')).rows[0]).toEqual(expect.arrayContaining(['1 of 2 parts have not come yet', 'status…']));
    await h.advance(25 * 3600_000);
    expect(came()).toMatchObject([{ text: 'status…' }]);
    expect((await h.table('wwan sms list')).rows[0]).toContain('1 of 2 parts never came');
    expect([cellular.done, memory.sent]).toEqual([[], []]);
  });

  it('takes what a card hands over, and acknowledges it when it is kept', async () => {
    memory = new Memory();
    cellular.answer = line => (line === 'AT+CSMS?' ? { lines: ['+CSMS: 1,1,1,1'] } : /^AT\+CNMI=.,1/.test(line) ? { final: '+CMS ERROR: 303', error: 303 } : memory.answer(line, undefined));
    cellular.heard.length = 0;
    cellular.statuses = [card()];
    h = await harness([plugin], { with: [providing(cellular)], routes: false, settings: { 'cellular-cards.sms': {} } });
    await h.advance(2000);
    expect(cellular.heard.filter(l => l.startsWith('AT+CNMI')).at(-1)).toBe('AT+CNMI=2,2,0,0,0');
    h.emit('cellular/message', { slot: 1, pdu: sms.emitDeliver({ from: '5', piece: sms.split('here')[0]!, atMs: 0 })!.hex });
    h.emit('cellular/message', { slot: 1, pdu: 'zz' });
    await h.advance(10);
    expect(await rows()).toEqual([['from', '5', 'here']]);
    expect(cellular.heard.filter(l => l === 'AT+CNMA')).toHaveLength(2);
  });

  it('says that the SIM has no message centre, and names one in each message when it was told', async () => {
    await start();
    const usual = cellular.answer;
    cellular.answer = (line, body) => (line === 'AT+CSCA?' ? { lines: ['+CSCA: "",129'] } : usual(line, body));
    await h.configure({ pollSec: 30 });
    await h.advance(2000);
    expect(await h.cli('wwan sms status')).toContain('no number of a message centre');
    await h.configure({ centre: '+491710760000' });
    await h.advance(2000);
    expect(await h.cli('wwan sms status')).not.toContain('message centre');
    let sent = '';
    cellular.answer = (line, body) => { if (body !== undefined) sent = body; return usual(line, body); };
    await h.run('wwan sms send 5 x');
    expect(sent).toMatch(/^07919471016700000100/);
  });

  it('keeps them over a reload', async () => {
    await start();
    await arrives('5', 'kept');
    await h.reload();
    expect(await rows()).toEqual([['from', '5', 'kept']]);
  });

  it('shows them on its page, and sends from there', async () => {
    await start();
    await arrives('5', 'seen');
    const view = h.panel('network/cellular/sms');
    expect(view.kind === 'stack' && view.views.map(v => v.kind)).toEqual(['element', 'form']);
    await h.act('network/cellular/sms', 'send', { to: '77', text: 'from the page' });
    await h.act('network/cellular/sms', 'delete', [1]);
    expect(await rows()).toEqual([['to', '77', 'from the page']]);
    await expect(h.act('network/cellular/sms', 'send', { to: '' })).rejects.toThrow();
  });

  it('survives a card that is pulled in between, and one that says nonsense', async () => {
    await start();
    cellular.answer = () => ({ lines: ['+CMGL: 1,1,,3', 'FFFFFF', '+CMGL: 2', 'zz', '+CPMS: x'] });
    await h.advance(120_000);
    cellular.statuses = [];
    h.emit('card/removed', { slot: 1, key: 'k' });
    await h.advance(120_000);
    await expect(h.run('wwan sms fetch')).rejects.toThrow('no card');
    expect(await rows()).toEqual([]);
  });
});
