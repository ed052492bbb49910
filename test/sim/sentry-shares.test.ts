import { afterEach, describe, expect, it } from 'vitest';
import { CardSourcesToken } from '../../plugins/cellular-cards/contract.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import sentry from '../../plugins/cellular-cards/sentry/plugin.ts';
import { CardsToken, definePlugin, type Facts } from '../../sdk/index.ts';
import { type Harness, harness, udpFrame } from '../../sdk/testing/index.ts';
import { sane, SmallModem, smallSpec, TestSource } from '../unit/cellular-cards/modem/small-modem.ts';

/** Hosts of the LAN use the card; the page says who used how much. */
describe('shares of the budget by host', () => {
  let h: Harness;
  const source = new TestSource();
  const cards = definePlugin({ id: 'test.cards', setup(ctx) { ctx.contribute(CardsToken, smallSpec); ctx.contribute(CardSourcesToken, source); } });
  const insert = () => source.insert(new SmallModem(h.clock, sane()));
  const send = (host: number, dport: number, n: number) => {
    for (let i = 0; i < n; i++) h.wires.port1.send(udpFrame({ src: `192.168.1.${host}`, sport: 5000, dst: '198.51.100.7', dport, data: 'x'.repeat(972) }));
    return h.advance(50);
  };
  const hosts = async () => (await h.table('wwan config budgetCtrl hosts')).rows.map(r => r.join(' '));
  const uploaded = async () => (await h.run('wwan config budgetCtrl display') as readonly Facts[])[0]!.facts['uploaded'];

  afterEach(async () => {
    source.pullAll();
    await h.advance(2000);
    await h.close();
  });

  it('are true while flows run, after they ended, after the card was pulled, and begin anew with the budget', async () => {
    h = await harness([core, sentry], { with: [cards], settings: { 'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: true }, wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' } } });
    let key = insert();
    await h.advance(20_000);
    for (let i = 0; i < 15; i++) {
      await send(33, 7000, 20);
      await send(34, 7000 + i, 5);
    }
    expect(await hosts()).toEqual(['192.168.1.33 0.0 MB 0.3 MB 80%', '192.168.1.34 0.0 MB 0.1 MB 20%']);
    await h.advance(400_000);
    expect(h.router.engine.flows.list(f => f.original.proto === 17 && f.original.dport >= 7000)).toEqual([]);
    await send(34, 8000, 20);
    await send(34, 8001, 20);
    const before = await hosts();
    expect(before).toEqual(['192.168.1.33 0.0 MB 0.3 MB 72%', '192.168.1.34 0.0 MB 0.1 MB 28%']);
    source.pull(key);
    await h.advance(1000);
    key = insert();
    await h.advance(20_000);
    expect(await hosts()).toEqual(before);
    // Flows and interface count the same packets: 415 of 1000 octets.
    expect(await uploaded()).toBe('0.4 MB');
    await h.run('wwan config budgetCtrl reset');
    expect(await hosts()).toEqual([]);
  });

  it('are those of a zone that is chosen by a verb', async () => {
    h = await harness([core, sentry], { with: [cards] });
    expect(await h.run('wwan config budgetCtrl timeZone')).toBe('machine');
    await h.run('wwan config budgetCtrl timeZone Europe/Berlin');
    expect(await h.run('wwan config budgetCtrl timeZone')).toBe('Europe/Berlin');
    await expect(h.run('wwan config budgetCtrl timeZone Nowhere/Land')).rejects.toThrow('must be a time zone');
    await h.run('wwan config budgetCtrl timeZone machine');
    expect(await h.run('wwan config budgetCtrl timeZone')).toBe('machine');
  });
});
