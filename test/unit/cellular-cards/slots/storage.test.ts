import { describe, expect, it } from 'vitest';
import { ejectMessages, knownSwitches, planSwitch } from '../../../../plugins/cellular-cards/core/slots/storage-switch.ts';
import { bench, card } from './bench.ts';

const ac881 = { model: 'AC881', usb: ['1199:6851'], storage: ['1199:0fff'] };
const e620 = { model: 'E620', usb: ['12d1:1001'], storage: ['12d1:1001'] };
const disk = { path: '/dev/sr0', bytes: 1000 };

describe('switch messages', () => {
  it('are whole command block wrappers', () => {
    const messages = [...ejectMessages, ...knownSwitches.flatMap(s => (s.how.kind === 'bulk' ? s.how.messages : []))];
    for (const m of messages) expect(m).toMatch(/^55534243(?:[0-9a-f]{2}){27}$/);
    expect(messages[0]).toBe(`555342431234567800000000000006${'1e'.padEnd(32, '0')}`);
  });

  it.each([
    ['1199:0fff', undefined, 'control request 0x0b (type 0x40, value 1, index 0)'],
    ['12d1:1001', undefined, 'control request 0x03 (type 0x00, value 1, index 0)'],
    ['05c6:1000', 'Option', 'bulk message 55534243123456780000000000000601…'],
    ['05c6:1000', 'GT', 'bulk message 55534243123456780000000000000601…'],
    ['0af0:7011', 'whatever', 'bulk message 55534243785634120100000080000601…'],
    ['106c:3b03', undefined, 'bulk message 555342431234567824000000800008ff02444556434847…'],
  ])('for %s of "%s"', (usb, vendor, words) => {
    expect(planSwitch(card({ usb, disk: { ...disk, ...(vendor === undefined ? {} : { vendor }) } }), [])).toMatchObject({ words });
  });

  it('are not sent to a shared id without the right vendor text, nor to discs that are not known', () => {
    expect(planSwitch(card({ usb: '05c6:1000', disk: { ...disk, vendor: 'ZTE' } }), [])).toBe('many makers use the id 05c6:1000, and this disc is of "ZTE", not of Option or GT, so nothing is sent to it');
    expect(planSwitch(card({ usb: '05c6:1000', disk: { ...disk, vendor: 'GTX' } }), [])).toContain('is of "GTX"');
    expect(planSwitch(card({ usb: '05c6:1000' }), [])).toContain('does not tell its maker');
    expect(planSwitch(card({ usb: '0781:5567', disk }), [])).toBe('no switch message is known for 0781:5567, so nothing is sent to it');
  });

  it("come from the card's plugin first", () => {
    const mine = { usb: ['1199:0fff'], how: { kind: 'eject' } } as const;
    expect(planSwitch(card({ usb: '1199:0fff' }), [mine])).toEqual({ how: { kind: 'eject' }, words: 'eject' });
  });
});

describe('a card in storage mode', () => {
  it('is told after two seconds, comes back as a modem, and the timeline says what was sent', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    b.source.onSwitch = key => {
      b.source.remove(key);
      b.source.insert(card({ key: 'modem', usb: '1199:6851' }));
    };
    b.source.insert(card({ key: 'disc', usb: '1199:0fff', ports: [], disk }));
    await b.advance(1500);
    expect(b.source.sent).toEqual([]);
    await b.advance(1000);
    expect(b.source.sent).toEqual([{ key: 'disc', how: { kind: 'control', requestType: 0x40, request: 0x0b, value: 1, index: 0 } }]);
    expect(b.seen.filter(s => !s.includes('load'))).toEqual(['storage disc', 'storage disc', 'removed disc', 'modem modem']);
    expect(b.slots.list()).toMatchObject([{ face: 'modem' }]);
  });

  it.each([['stays where it is', false], ['comes back as a disc each time', true]])('is given up after three tries when it %s, with advice', async (_, returns) => {
    const b = bench({ 'cards.ac881': ac881 });
    const disc = () => b.source.insert(card({ usb: '1199:0fff', ports: [], disk }));
    b.source.onSwitch = key => {
      if (!returns) return;
      b.source.remove(key);
      disc();
    };
    disc();
    await b.advance(300_000);
    expect(b.source.sent).toHaveLength(3);
    expect(b.slots.list()).toMatchObject([{ face: 'storage', words: expect.stringContaining('stays in storage mode after 3 tries: pull the card out') }]);
    expect(b.timeline.filter(t => t.includes('stays in storage mode'))).toHaveLength(1);
    if (!returns) expect(b.timeline).toContain('1: told to become a modem with control request 0x0b (type 0x40, value 1, index 0) (try 3 of 3)');
    // Out and in again by hand: a new card, and three tries more.
    const { key } = b.slots.list()[0]!.device;
    b.source.remove(key);
    disc();
    await b.advance(300_000);
    expect(b.source.sent).toHaveLength(6);
  });

  it('says when nothing can be sent, or the sending failed', async () => {
    const b = bench({ 'cards.gt': { model: 'GT', usb: ['0af0:6701'], storage: ['05c6:1000'] }, 'cards.ac881': ac881 });
    b.source.insert(card({ usb: '05c6:1000', ports: [], disk: { ...disk, vendor: 'ZTE' } }));
    b.source.onSwitch = () => { throw new Error('the device refused it'); };
    b.source.insert(card({ usb: '1199:0fff', slot: 2, ports: [], disk }));
    await b.advance(3000);
    expect(b.slots.card(1)?.words).toContain('this disc is of "ZTE"');
    expect(b.timeline).toContain('2: the message could not be sent: the device refused it');
  });

  it('is known by its ports where disc and modem share an id', async () => {
    const port = card({}).ports[0]!;
    const b = bench({ 'cards.e620': e620 });
    b.source.insert(card({ key: 'disc', usb: '12d1:1001', disk, ports: [port] }));
    b.source.insert(card({ key: 'modem', usb: '12d1:1001', slot: 2, ports: [port, port, port] }));
    await b.settle();
    expect(b.slots.list().map(c => c.face)).toEqual(['storage', 'modem']);
  });

  it('stays one while it is wanted as a disc, through a re-plug, until it is ejected', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    b.source.insert(card({ key: 'modem', usb: '1199:6851' }));
    await b.settle();
    await b.slots.hold(1);
    expect(b.source.replugged).toEqual(['modem']);
    b.source.remove('modem');
    b.source.insert(card({ key: 'disc', usb: '1199:0fff', ports: [], disk }));
    await b.advance(60_000);
    expect(b.source.sent).toEqual([]);
    expect(b.slots.list()).toMatchObject([{ face: 'storage', held: true, words: expect.stringContaining('as asked') }]);
    b.slots.release(1);
    await b.advance(3000);
    expect(b.source.sent).toHaveLength(1);
    await expect(b.slots.hold(7)).rejects.toThrow('there is no card in slot 7');
  });

  it('that goes to become a modem and does not come back is missed, until something is inserted', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    b.source.onSwitch = key => b.source.remove(key);
    b.source.insert(card({ key: 'disc', usb: '1199:0fff', ports: [], disk }));
    await b.advance(25_000);
    expect(b.seen.at(-1)).toBe('unload cards.ac881');
    await b.advance(10_000);
    expect(b.seen.at(-1)).toMatch(/^missing 1: the card went to become a modem and has not come back: pull it out/);
    expect(b.timeline.at(-1)).toContain('has not come back');
    await b.advance(600_000);
    expect(b.seen.filter(s => s.startsWith('missing'))).toHaveLength(1);
    b.source.onSwitch = () => {};
    b.source.insert(card({ key: 'again', usb: '1199:0fff', ports: [], disk }));
    await b.advance(120_000);
    expect(b.source.sent).toHaveLength(4);
    b.source.remove('again');
    await b.advance(120_000);
    // Pulled by hand, long after the last message: nobody waits for it.
    expect(b.seen.filter(s => s.startsWith('missing'))).toHaveLength(1);
    b.slots.dispose();
    expect(b.clock.next()).toBeUndefined();
  });

  it('that falls back to its storage as soon as it is a modem is told three times, and after a quiet minute anew', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    let stays = 5000;
    const disc = () => b.source.insert(card({ usb: '1199:0fff', ports: [], disk }));
    b.source.onSwitch = key => {
      b.source.remove(key);
      const modem = b.source.insert(card({ usb: '1199:6851' }));
      b.clock.after(stays, () => { b.source.remove(modem.key); disc(); });
    };
    disc();
    await b.advance(600_000);
    expect(b.source.sent).toHaveLength(3);
    expect(b.slots.card(1)?.words).toContain('stays in storage mode after 3 tries');
    stays = 61_000;
    b.slots.release(1);
    await b.advance(600_000);
    expect(b.source.sent.length).toBeGreaterThan(8);
  });

  it('that cannot be told says why, and can be told again when that is put right', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    b.source.onSwitch = () => { throw new Error('not permitted'); };
    b.source.insert(card({ key: 'disc', usb: '1199:0fff', ports: [], disk }));
    await b.advance(3000);
    expect(b.slots.card(1)?.words).toBe('The card could not be told to become a modem (try 1 of 3): not permitted.');
    await b.advance(300_000);
    expect(b.slots.card(1)?.words).toBe('The card stays in storage mode after 3 tries: the message could not be sent (not permitted). When that is put right: wwan storage eject.');
    expect(b.source.sent).toHaveLength(3);
    b.source.onSwitch = () => {};
    b.slots.release(1);
    await b.settle();
    expect(b.source.sent).toHaveLength(4);
    // On its way to its modem it cannot be kept as a disc any more.
    await expect(b.slots.hold(1)).rejects.toThrow('is being switched to its modem; ask again');
    await b.advance(100_000);
    await b.slots.hold(1);
    expect(b.slots.card(1)?.words).toContain('as asked');
  });

  it('that cannot be shown says so, and is not wanted for ever', async () => {
    const b = bench({ 'cards.ac881': ac881 });
    b.source.insert(card({ key: 'modem', usb: '1199:6851' }));
    await b.settle();
    b.source.replug = async () => { throw new Error('the power cannot be switched: EROFS'); };
    await expect(b.slots.hold(1)).rejects.toThrow('the power cannot be switched');
    expect(b.slots.card(1)?.held).toBe(false);
    b.source.replug = async () => {
      b.source.remove('modem');
      b.source.insert(card({ key: 'modem again', usb: '1199:6851' }));
    };
    await b.slots.hold(1);
    await b.settle();
    expect([b.slots.card(1)?.held, b.timeline.at(-1)]).toEqual([false, expect.stringContaining('came back as a modem all the same')]);
  });
});
