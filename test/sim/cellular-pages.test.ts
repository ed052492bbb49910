import { afterEach, describe, expect, it } from 'vitest';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import type { CardPageData } from '../../plugins/cellular-cards/core/panels-card.ts';
import { BudgetsToken, CardSourcesToken } from '../../plugins/cellular-cards/contract.ts';
import { CardsToken, definePlugin, type View } from '../../sdk/index.ts';
import { type Harness, harness } from '../../sdk/testing/index.ts';
import { sane, SmallModem, smallSpec, TestSource, type World } from '../unit/cellular-cards/modem/small-modem.ts';

const PAGE = 'network/cellular';

/** What the pages of the cellular card are given to draw, with a modem in memory and virtual time. */
describe('the pages of the cellular card', () => {
  let h: Harness;
  let used = 0.25;
  const source = new TestSource();
  const cards = definePlugin({
    id: 'test.cards',
    setup(ctx) {
      ctx.contribute(CardsToken, smallSpec);
      ctx.contribute(CardSourcesToken, source);
      ctx.contribute(BudgetsToken, { left: slot => (slot === 1 ? [{ title: 'Data', words: '3 GB of 4 GB left', part: used }] : []) });
    },
  });
  let inserted: string | undefined;

  const start = async (settings: Record<string, unknown>, world: Partial<World> = {}, ports = 2): Promise<SmallModem> => {
    h = await harness([core], { with: [cards], settings: { 'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: true, ...settings }, wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' } } });
    const modem = new SmallModem(h.clock, { ...sane(), ...world }, ports);
    await h.advance(1500);
    inserted = source.insert(modem, { ports });
    await h.advance(20_000);
    return modem;
  };
  const dataOf = (view: View): unknown => {
    const first = view.kind === 'stack' ? view.views[0]! : view;
    if (first.kind !== 'element') throw new Error(first.kind);
    return first.data;
  };
  const window = (): CardPageData => dataOf(h.panel('home/cellular')) as CardPageData;
  const pull = (): void => {
    if (inserted !== undefined) source.pull(inserted);
    inserted = undefined;
  };

  afterEach(async () => {
    pull();
    used = 0.25;
    await h.advance(2000);
    await h.close();
  });

  it('show the card online with signal, technology and budget, and nothing of it after removal', async () => {
    await start({});
    const [card] = window().cards;
    expect(card).toMatchObject({ phase: 'Online', tone: 'ok', maker: 'Small', signal: { dbm: -73, stale: false }, ip: '10.64.64.1', budget: [{ part: 0.25 }], can: { connect: false, disconnect: true } });
    await h.advance(30_000);
    const stack = h.panel(PAGE);
    expect(stack.kind === 'stack' && stack.views.map(v => v.kind)).toEqual(['element', 'chart', 'chart']);
    pull();
    await h.advance(2000);
    expect(window().cards).toEqual([]);
  });

  it('call a value old that the card cannot tell any more', async () => {
    await start({}, {}, 1);
    expect(window().cards[0]).toMatchObject({ phase: 'Online', signal: { stale: true } });
  });

  it('connect and disconnect', async () => {
    await start({});
    await h.act(PAGE, 'disconnect', { slot: 1 });
    await h.advance(5000);
    expect(window().cards[0]).toMatchObject({ phase: 'Ready', can: { connect: true } });
    await h.act(PAGE, 'connect', { slot: 1 });
    await h.advance(10_000);
    expect(window().cards[0]).toMatchObject({ phase: 'Online' });
    await expect(h.act(PAGE, 'connect', { slot: 7 })).rejects.toThrow('no card in slot 7');
  });

  it('take a PIN only when it is wanted, and the last attempt only from who is certain', async () => {
    await start({}, { sim: 'pin', attempts: 1 });
    expect(window().cards[0]).toMatchObject({ phase: 'PIN needed', pin: { state: 'pin', attempts: 1 } });
    await expect(h.act(PAGE, 'pin', { slot: 1, pin: '12' })).rejects.toThrow('4 to 8 digits');
    await expect(h.act(PAGE, 'pin', { slot: 1, pin: '1234' })).rejects.toThrow('one attempt is left');
    await expect(h.act(PAGE, 'puk', { slot: 1, pin: '1234', puk: '12345678' })).rejects.toThrow('does not want its PUK');
    await h.act(PAGE, 'pin', { slot: 1, pin: '1234', sure: true });
    await h.advance(20_000);
    expect(window().cards[0]).toMatchObject({ phase: 'Online' });
    await expect(h.act(PAGE, 'pin', { slot: 1, pin: '1234' })).rejects.toThrow('wants no PIN');
  });

  it('never tell a secret, and store settings with the reasons by field', async () => {
    await start({ pin: '4711', user: 'me', password: 'swordfish' });
    const form = () => JSON.stringify(h.panel(`${PAGE}/settings`));
    expect(form()).not.toMatch(/4711|swordfish/);
    expect(form()).toContain('"key":"pin"');
    expect(await h.act(`${PAGE}/settings`, 'save', { pin: '1', metric: 99, apn: 'other' })).toEqual({ columns: ['field', 'problem'], rows: [['pin', 'must be 4 to 8 digits'], ['metric', expect.any(String)]] });
    expect(form()).not.toContain('"value":"other"');
    expect(await h.act(`${PAGE}/settings`, 'save', { apn: 'other', 'recovery.restart': 'process', nonsense: 1 })).toMatchObject({ rows: [] });
    expect(form()).toContain('"value":"other"');
    expect(form()).toContain('"value":"process"');
    expect(await h.act(`${PAGE}/settings`, 'save', { 'recovery.restart': true })).toMatchObject({ rows: [['recovery.restart', expect.any(String)]] });
    await expect(h.act(`${PAGE}/settings`, 'save', { user: '' })).rejects.toThrow('a password needs a user name');
    await expect(h.act(`${PAGE}/settings`, 'save', 'garbage')).rejects.toThrow('input');
  });

  it('count the steps of the recovery ladder', async () => {
    await start({}, { dial: 'NO CARRIER' });
    await h.advance(600_000);
    const { ladder, entries } = dataOf(h.panel(`${PAGE}/timeline`)) as { ladder: { slot: number; steps: { times: number; lastMs: number | undefined }[] }[]; entries: { kind: string; step: number }[] };
    const steps = ladder[0]!.steps;
    expect(steps[0]!.times).toBeGreaterThan(3);
    const taken = steps.slice(1).reduce((n, s) => n + s.times, 0);
    expect(taken).toBeGreaterThan(0);
    expect(entries.filter(e => e.step > 0).length).toBe(taken);
  });

  it('send AT commands and refuse those that dial', async () => {
    await start({});
    expect(await h.act(`${PAGE}/modem`, 'at', { slot: 1, line: 'AT+CSQ' })).toEqual({ text: expect.stringContaining('+CSQ: 20') });
    await expect(h.act(`${PAGE}/modem`, 'at', { slot: 1, line: 'ATD*99#' })).rejects.toThrow('would make a call');
    expect(await h.act(`${PAGE}/modem`, 'conversation', { slot: 1 })).toEqual({ text: expect.stringContaining('AT+CSQ') });
    await expect(h.act(`${PAGE}/storage`, 'showDisc', { slot: 1 })).rejects.toThrow('no storage');
    await expect(h.act(`${PAGE}/storage`, 'files', { slot: 1 })).rejects.toThrow('no disc');
  });
});
