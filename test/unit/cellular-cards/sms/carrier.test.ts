import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Carrier } from '../../../../lab/carrier/carrier.ts';
import { CardShelf } from '../../../../lab/carrier/card-shelf.ts';
import { Rack } from '../../../../lab/carrier/rack.ts';
import ac881 from '../../../../plugins/cellular-cards/ac881/plugin.ts';
import { CardSourcesToken, CellularToken } from '../../../../plugins/cellular-cards/contract.ts';
import core from '../../../../plugins/cellular-cards/core/plugin.ts';
import sentry from '../../../../plugins/cellular-cards/sentry/plugin.ts';
import sms from '../../../../plugins/cellular-cards/sms/plugin.ts';
import { definePlugin } from '../../../../sdk/index.ts';
import { type Harness, harness, udpFrame } from '../../../../sdk/testing/index.ts';

const OWNER = '+15550009000';

/**
 *     host ── port1 ── router ── AC881 ── carrier, with its message centre
 *
 * Core, Cell-Sentry and SMS together, over the simulated card's own commands.
 */
describe('a card with messages and a budget', () => {
  let h: Harness;
  let carrier: Carrier;
  let rack: Rack;
  const source = definePlugin({ id: 'test.rack', setup(ctx) {
    carrier = new Carrier({ clock: ctx.clock, seed: 3 });
    rack = new Rack({ clock: ctx.clock, carrier });
    ctx.contribute(CardSourcesToken, rack);
  } });
  const status = () => h.service(CellularToken)!.list()[0]!;
  const number = () => rack.cards()[0]!.sim!.number;
  const arrives = async (text: string) => {
    carrier.messages.deliver({ from: OWNER, to: number(), text });
    await h.advance(15_000);
  };
  const answers = () => carrier.messages.sent.filter(m => m.to === OWNER).map(m => m.text);

  beforeAll(async () => {
    h = await harness([core, sms, sentry, ac881], { with: [source], settings: {
      wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' },
      'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: true, pin: '1234' },
      'cellular-cards.sms': { commands: { enabled: true, numbers: [OWNER] } },
      'cellular-cards.sentry': { enabled: true, data: { enabled: true, quota: 1 }, highLimit: { newConnection: 'disallow', currentConnection: 'drop' } },
    } });
    const file = new CardShelf().card('ac881');
    rack.insert(file, 1);
    rack.cards()[0]!.sim!.setLock(true, '1234');
    rack.remove(1);
    await h.advance(5000);
    // Locked: its messages wait until the PIN has opened it.
    rack.insert(file, 1);
    await h.advance(60_000);
  });
  afterAll(async () => {
    rack.remove(1);
    await h.advance(2000);
    await h.close();
  });

  it('goes online, and answers what the owner asks', async () => {
    expect(status().phase).toBe('online');
    await arrives('status');
    await arrives('budget');
    expect(answers()).toEqual([expect.stringMatching(/^online; .*signal \d of 5/), expect.stringMatching(/^Data: 1\.0 MB of 1\.0 MB left$/)]);
  });

  it('sends what somebody at the console writes, over the card with the call up', async () => {
    await h.run('wwan sms send 12345 Hello from the router');
    expect(carrier.messages.sent.at(-1)).toMatchObject({ from: number(), to: '12345', text: 'Hello from the router' });
    expect(status().phase).toBe('online');
  });

  it('hangs up when the budget is used up, and does not dial again until the counters begin anew', async () => {
    for (let i = 0; i < 1000 && status().phase === 'online'; i++) {
      h.wires.port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '198.51.100.7', dport: 53, data: 'x'.repeat(1200) }));
      await h.advance(50);
    }
    await h.advance(10_000);
    expect(status()).toMatchObject({ phase: 'registered', words: expect.stringContaining('budget') });
    const shown = await h.cli('wwan config budgetCtrl hosts');
    expect(shown).toContain('192.168.1.33');
    await h.run('wwan config budgetCtrl reset');
    await h.advance(60_000);
    expect(status().phase).toBe('online');
  });
});
