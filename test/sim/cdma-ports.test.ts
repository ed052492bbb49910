import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CardFile } from '../../lab/carrier/card-file.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import { settle } from './bed.ts';
import { type CardBed, cardBed } from './cards.ts';

/**
 *     router ── a simulated card with a port beside the one that dials ── carrier
 *
 * Which port is asked for what, and what it is left as.
 */
describe('the second port of a card', () => {
  let b: CardBed;
  beforeEach(async () => {
    b = await cardBed();
    await b.pass(5000);
    b.cards.rack.carrier.air.fixed = -80;
  });
  afterEach(async () => { await b.stop(); });

  const file = (model: string, other: Partial<CardFile> = {}): CardFile => {
    const own = b.cards.shelf.card(model);
    return { ...own, ...other, answers: [...other.answers ?? [], ...own.answers] };
  };
  const online = async (card: CardFile): Promise<void> => {
    b.cards.rack.insert(card, 1);
    await b.until(() => b.status()?.phase === 'online');
    await b.pass(15_000);
  };
  const dmat = (): string | undefined => b.cards.rack.card(1).vars.get('dmat');

  it.each(['ex720', 'v740'])('%s: the diagnostic port stays one, and tells EV-DO revision and level during the call', async model => {
    await online(file(model));
    expect(dmat()).toBeUndefined();
    expect(b.status()).toMatchObject({ technology: { value: 'EVDO-A', stale: false }, signal: { value: { dbm: -80, source: 'QCDM snapshot' }, stale: false, port: 'diagnostic' }, registration: { state: 'home', carrier: 'Lab Mobile' } });
    b.cards.rack.carrier.air.fixed = -99;
    await b.pass(15_000);
    expect(b.status()).toMatchObject({ phase: 'online', technology: { value: 'EVDO-0' }, signal: { value: { dbm: -99 }, stale: false } });
  });

  it.each(['ex720', 'v740'])('%s of a chip without a snapshot: $NWDMAT makes the port take commands, and it is switched back on unload', async model => {
    await online(file(model, { novatelChip: undefined }));
    expect(dmat()).toBe('1');
    b.cards.rack.carrier.air.fixed = -84;
    await b.pass(15_000);
    expect(b.status()).toMatchObject({ phase: 'online', technology: { value: 'EVDO-0', stale: false }, signal: { value: { dbm: -84, source: '$NWRSSI' }, stale: false, port: 'command' }, otherSignal: { value: { dbm: -87, radio: '1x' } } });
    await settle(b.clock, b.router.plugins.unload(core.id));
    expect(dmat()).toBe('0');
    expect([b.router.plugins.residue(), b.router.plugins.faults()]).toEqual([[], []]);
  });

  it('U740: switched back on unload, during a call and without one, and switched anew on reload', async () => {
    await online(file('u740'));
    expect(dmat()).toBe('1');
    await settle(b.clock, b.router.plugins.reload(core.id));
    await b.until(() => b.status()?.phase === 'online');
    expect(dmat()).toBe('1');
    b.cellular().disconnect(1, 'the test says so');
    await b.until(() => b.status()?.phase === 'registered');
    await settle(b.clock, b.router.plugins.unload(core.id));
    expect(dmat()).toBe('0');
    expect([b.router.plugins.residue(), b.router.plugins.faults()]).toEqual([[], []]);
  });

  it('a card that says nothing any more does not keep the plugin', async () => {
    await online(file('u740'));
    b.cards.rack.card(1).fault = 'silent';
    await settle(b.clock, b.router.plugins.unload(core.id));
    expect([b.router.plugins.residue(), b.router.plugins.faults()]).toEqual([[], []]);
  });

  it('a card that is pulled in the middle of it does not keep the plugin either', async () => {
    await online(file('u740'));
    const begun = b.clock.now();
    const unloaded = b.router.plugins.unload(core.id);
    await b.pass(200, 50);
    b.cards.rack.remove(1);
    await settle(b.clock, unloaded);
    expect(b.clock.now() - begun).toBeLessThan(700);
    expect([b.router.plugins.residue(), b.router.plugins.faults()]).toEqual([[], []]);
  });

  it('a card that was pulled is told nothing', async () => {
    await online(file('u740'));
    b.cards.rack.remove(1);
    await b.pass(3000);
    await settle(b.clock, b.router.plugins.unload(core.id));
    expect([b.router.plugins.residue(), b.router.plugins.faults()]).toEqual([[], []]);
  });

  it('wrong ESN of EC360: its R-UIM has another number, the diagnostic port beside the command port has the right one', async () => {
    await online(file('ec360', { answers: [{ on: '+GSN', say: ['+GSN:80112233'] }, { on: '+CPIN?', say: ['+CPIN: READY'] }] }));
    expect(b.status()).toMatchObject({ identity: { esn: '12DE0360' }, technology: { value: 'EVDO-A', stale: false }, signal: { stale: false } });
  });

  it('wrong ESN of AC595 after a GSM card, and of AC580', async () => {
    await online(file('ac881'));
    expect(b.status()?.identity?.imei).toBeDefined();
    b.cards.rack.remove(1);
    await b.pass(3000);
    await online(file('ac595'));
    expect(b.status()?.identity).toMatchObject({ esn: '60B10595' });
    expect([b.status()?.identity?.imei, b.status()?.identity?.meid]).toEqual([undefined, undefined]);
    b.cards.rack.remove(1);
    await b.pass(3000);
    await online(file('ac580'));
    expect(b.status()).toMatchObject({ identity: { esn: '06744775' }, technology: { value: 'EVDO-0', stale: false } });
    expect((await b.verb('wwan status')).text).toMatch(/ESN +06744775\n[\s\S]*ESN, decimal +00607620469\n/);
  });

  it('KPC680 with a diagnostic port that no table names: it is found and asked during the call', async () => {
    await online(file('kpc680', { ports: [{ role: 'data', interface: 0 }, { role: 'silent', interface: 1 }, { role: 'diagnostic', interface: 2 }] }));
    expect(b.status()).toMatchObject({ technology: { value: 'EVDO-A', stale: false }, signal: { value: { source: 'QCDM pilot sets' }, stale: false, port: 'diagnostic' } });
  });
});
