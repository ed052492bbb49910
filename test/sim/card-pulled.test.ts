import { afterEach, describe, expect, it } from 'vitest';
import { CardSourcesToken, CellularToken } from '../../plugins/cellular-cards/contract.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import sentry from '../../plugins/cellular-cards/sentry/plugin.ts';
import { CardsToken, definePlugin, type Facts } from '../../sdk/index.ts';
import { type Harness, harness, udpFrame } from '../../sdk/testing/index.ts';
import { sane, SmallModem, smallSpec, TestSource } from '../unit/cellular-cards/modem/small-modem.ts';

/** A card is pulled out while it is online: what is said of it, and what was counted. */
describe('a card that is pulled while online', () => {
  let h: Harness;
  let modem: SmallModem;
  let key = '';
  const source = new TestSource();
  const cards = definePlugin({ id: 'test.cards', setup(ctx) { ctx.contribute(CardsToken, smallSpec); ctx.contribute(CardSourcesToken, source); } });

  const start = async () => {
    h = await harness([core, sentry], { with: [cards], settings: { 'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: true }, wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' } } });
    modem = new SmallModem(h.clock, sane());
    key = source.insert(modem);
    await h.advance(20_000);
    expect(status().phase).toBe('online');
  };
  const status = () => h.service(CellularToken)!.list()[0]!;
  const timeline = () => h.service(CellularToken)!.timeline().map(e => `${e.kind}: ${e.words}`);
  const used = async () => {
    const parts = await h.run('wwan config budgetCtrl display') as readonly Facts[];
    return [parts[0]!.facts['downloaded'], parts[0]!.facts['uploaded']];
  };
  /** 1 MB towards the network within half a second, right after the last look at the counters. */
  const traffic = async () => {
    const told = () => h.events.filter(e => e.topic === 'card/status').length;
    send();
    for (const before = told(); told() === before;) await h.advance(10);
    for (let i = 1; i < 1000; i++) {
      send();
      if (i % 20 === 0) await h.advance(10);
    }
    await h.advance(10);
  };
  const send = () => h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 7000, data: 'x'.repeat(972) }));
  const link = () => h.router.links.byName('cellular')!;

  afterEach(async () => {
    source.pullAll();
    await h.advance(2000);
    await h.close();
  });

  it('says "no card" at once, although its ports go first: it said "gone; dials again"', async () => {
    await start();
    const before = timeline().length;
    modem.pull();
    expect(status()).toMatchObject({ phase: 'empty', words: 'no card', ip: 0, identity: undefined, connectedAt: undefined });
    expect(h.events.filter(e => e.topic === 'card/status').at(-1)!.event).toMatchObject({ phase: 'empty', words: 'no card' });
    await h.advance(3000);
    source.pull(key);
    await h.advance(60_000);
    expect(status()).toMatchObject({ phase: 'empty', words: 'no card' });
    expect(timeline().slice(before)).toEqual(['call: offline: the card is gone', 'card: removed']);
  });

  it('says the same when the slot tells first', async () => {
    await start();
    const before = timeline().length;
    source.pull(key);
    await h.advance(60_000);
    expect(status()).toMatchObject({ phase: 'empty', words: 'no card' });
    expect(timeline().slice(before).join('\n')).not.toMatch(/dials again|looks at the card again/);
  });

  it('is looked at anew when only its ports went, and stays in', async () => {
    await start();
    modem.pull();
    await h.advance(14_000);
    expect(status().phase).toBe('empty');
    await h.advance(30_000);
    expect(status().phase).toBe('online');
  });

  it.each([['ports', () => modem.pull()], ['slot', () => {}]] as const)('has all its octets in the budget, the %s telling first: up to 5 s of them were lost', async (_who, first) => {
    await start();
    await h.advance(10_000);
    await traffic();
    expect(modem.packets.length).toBe(1000);
    expect(link().stats.txBytes).toBeGreaterThanOrEqual(1_000_000);
    const counted = link().stats.txBytes;
    first();
    source.pull(key);
    await h.advance(1000);
    modem = new SmallModem(h.clock, sane());
    key = source.insert(modem);
    await h.advance(5000);
    expect(await used()).toEqual([expect.anything(), `${(counted / 1_000_000).toFixed(1)} MB`]);
  });

  it('has all its octets in the budget when the network drops the call, or the plugin is exchanged', async () => {
    await start();
    await traffic();
    modem.drop();
    await h.advance(10_000);
    await traffic();
    await h.reload(sentry);
    await h.advance(1000);
    expect((await used())[1]).toBe('2.0 MB');
  });
});
