import { afterEach, describe, expect, it } from 'vitest';
import { CardShelf } from '../../../../lab/carrier/card-shelf.ts';
import { Carrier } from '../../../../lab/carrier/carrier.ts';
import { Rack } from '../../../../lab/carrier/rack.ts';
import ac881 from '../../../../plugins/cellular-cards/ac881/plugin.ts';
import { CardSourcesToken, CellularToken } from '../../../../plugins/cellular-cards/contract.ts';
import { causeIn } from '../../../../plugins/cellular-cards/core/modem/call-causes.ts';
import core from '../../../../plugins/cellular-cards/core/plugin.ts';
import e620 from '../../../../plugins/cellular-cards/e620/plugin.ts';
import { definePlugin } from '../../../../sdk/index.ts';
import { type Harness, harness } from '../../../../sdk/testing/index.ts';

describe('what +CEER says', () => {
  it.each([
    [['+CEER: Missing or unknown APN'], 'apn'], [['+CEER: User authentication failed'], 'login'], [['+CEER: "SM activation reject",27,"Missing or unknown APN"'], 'apn'],
    [['+CEER: Deactivate Cause: SM34 (Service option temporarily out of order)'], 'out of order'], [['+CEER: SM Error: 29'], 'login'], [['+CEER: "SM",8'], 'barred'],
    [['+CEER: Requested service option not subscribed (#33)'], 'not subscribed'],
    [['+CEER: No report available'], undefined], [['+CEER: "SM detach",0,"No cause information available"'], undefined], [['+CEER: 0,0,5,16,normal call clearing'], undefined], [['+CEER: 27 days'], undefined], [[], undefined],
  ])('%j', (lines, cause) => { expect(causeIn(lines)).toBe(cause); });
});

/** A card of the lab's that dials by itself, and what its status says a while later. */
describe('a call that the network refuses', () => {
  let h: Harness;
  let carrier: Carrier;
  let rack: Rack;
  const status = () => h.service(CellularToken)!.list()[0]!;
  const start = async (o: { model?: string; file?: object; cellular?: object; set?: (c: Carrier) => void } = {}) => {
    const source = definePlugin({ id: 'test.rack', setup(ctx) {
      carrier = new Carrier({ clock: ctx.clock, seed: 3 });
      o.set?.(carrier);
      rack = new Rack({ clock: ctx.clock, carrier });
      ctx.contribute(CardSourcesToken, rack);
    } });
    h = await harness([core, ac881, e620], { with: [source], settings: {
      wan: { mode: 'dhcp', ip: '0.0.0.0', gateway: '0.0.0.0' }, 'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: true, ...o.cellular },
    } });
    rack.insert({ ...new CardShelf().card(o.model ?? 'ac881'), ...o.file }, 1);
  };
  /** Until it says something of trouble, at most a minute. */
  const trouble = async (): Promise<{ words: string; seconds: number }> => {
    await h.advance(1000);
    for (let i = 0; i < 120 && (status()?.phase ?? '') !== 'dialling'; i++) await h.advance(500);
    const from = h.clock.now();
    for (let i = 0; i < 120 && status().phase !== 'recovering' && status().phase !== 'online'; i++) await h.advance(500);
    return { words: status().words, seconds: (h.clock.now() - from) / 1000 };
  };
  afterEach(async () => {
    rack.remove(1);
    await h.advance(2000);
    await h.close();
  });

  it.each(['word', 'number'] as const)('for a wrong APN: says so at once, by %s', async refusal => {
    await start({ cellular: { apn: 'intrenet' }, file: { refusal } });
    const { words, seconds } = await trouble();
    expect(words).toContain('does not know the APN "intrenet"');
    expect(words).toContain('next try in');
    expect(seconds).toBeLessThan(10);
    expect(status().registration?.state).toBe('home');
  });

  it('for a rejected log-in by command: says so, and what to check', async () => {
    await start({ cellular: { apn: 'corporate', auth: 'chap', user: 'lab', password: 'wrong' } });
    const { words, seconds } = await trouble();
    expect(words).toContain('refused user name or password: check both');
    expect(seconds).toBeLessThan(10);
  });

  it('for a barred SIM: says whom to ask', async () => {
    await start({ set: c => { c.barred = true; } });
    const { words, seconds } = await trouble();
    expect(words).toContain('the carrier bars data for this account');
    expect(seconds).toBeLessThan(10);
  });

  it('after CONNECT, by a card that asks the network later: says why instead of "no answer to LCP"', async () => {
    await start({ model: 'e620', cellular: { apn: 'intrenet' }, file: { connectsFirst: true } });
    const { words, seconds } = await trouble();
    expect(words).toContain('does not know the APN "intrenet"');
    expect(seconds).toBeLessThan(15);
  });

  it('without a reason: what to check', async () => {
    await start({ set: c => { c.refusing = 'NO CARRIER'; } });
    expect((await trouble()).words).toMatch(/did not take the call \(NO CARRIER\); check the APN "internet"/);
  });

  it('is not even made without service, or by a SIM that the network does not let in', async () => {
    await start({ set: c => { c.air.fixed = -130; } });
    await h.advance(40_000);
    expect(status()).toMatchObject({ phase: 'searching', words: expect.stringContaining('check the antenna') });
    carrier.air.fixed = undefined;
    carrier.denied = true;
    rack.airChanged();
    await h.advance(40_000);
    expect(status().words).toContain('ask the carrier whether the account is active');
    expect(carrier.refused).toBe(0);
    carrier.denied = false;
    rack.airChanged();
    await h.advance(120_000);
    expect(status().phase).toBe('online');
  });
});
