import { afterEach, describe, expect, it } from 'vitest';
import { CardSourcesToken, CellularToken } from '../../plugins/cellular-cards/contract.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import { fromVersion1, settings } from '../../plugins/cellular-cards/core/settings.ts';
import { CardsToken, definePlugin, type RestartNote, type Restarts } from '../../sdk/index.ts';
import { type Harness, harness } from '../../sdk/testing/index.ts';
import { sane, SmallModem, smallSpec, TestSource } from '../unit/cellular-cards/modem/small-modem.ts';

/** A card that says nothing, and the last step of the ladder against that. */
describe("the ladder's last step", () => {
  let h: Harness;
  const source = new TestSource();
  const cards = definePlugin({ id: 'test.cards', setup(ctx) { ctx.contribute(CardsToken, smallSpec); ctx.contribute(CardSourcesToken, source); } });
  const asked: RestartNote[] = [];
  let answer: string | undefined;

  const start = async (restart: string | undefined, cameFrom?: Restarts['cameFrom'], hours = 6) => {
    asked.length = 0;
    answer = undefined;
    h = await harness([core], {
      with: [cards], settings: { 'cellular-cards.core': { enabled: true, apn: 'internet', nailedUp: true, recovery: restart === undefined ? {} : { restart } } },
      restarts: { cameFrom, ask: async note => { asked.push(note); return answer; } },
    });
    if (hours === 0) return;
    source.insert(new SmallModem(h.clock, { ...sane(), mute: true }));
    for (let m = 0; m < hours * 60; m++) await h.advance(60_000);
  };
  const timeline = () => h.service(CellularToken)!.timeline().map(e => `${e.slot} ${e.kind}: ${e.words}`);
  const wanted = () => h.events.filter(e => e.topic === 'cellular/restart-wanted').map(e => e.event);

  afterEach(async () => {
    source.pullAll();
    await h.advance(2000);
    await h.close();
  });

  it.each(['process', 'reboot'] as const)('asks for a restart of its own (%s), and says so before: nobody heard it', async how => {
    await start(how);
    expect(asked[0]).toEqual({ how, why: expect.stringContaining('answers on none'), by: 'cellular-cards.core', tag: 1 });
    expect(wanted()[0]).toEqual({ slot: 1, why: asked[0]!.why, how });
    expect(timeline().join('\n')).toContain(`nothing helped so far. ${how === 'process' ? 'The router is to restart' : 'The machine is to restart'}`);
    expect(h.log().join('\n')).toContain('is to restart');
  });

  it('asks once a day', async () => {
    await start('process', undefined, 72);
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it('only says that one may help, as long as nobody has chosen one', async () => {
    await start(undefined);
    expect([asked, wanted()]).toEqual([[], []]);
    expect(timeline().join('\n')).toContain('A restart of the system may help');
  });

  it('says why there was none', async () => {
    await start('process', undefined, 0);
    answer = 'the last one was today';
    source.insert(new SmallModem(h.clock, { ...sane(), mute: true }));
    for (let m = 0; m < 360; m++) await h.advance(60_000);
    expect(timeline()).toContain('1 recovery: no restart: the last one was today');
  });

  it('tells after a restart when and why it was, once', async () => {
    await start('process', { how: 'process', why: 'the card does not answer', by: 'cellular-cards.core', tag: 2, atMs: Date.UTC(2026, 10, 24, 2, 30) }, 0);
    const line = '2 recovery: the router was restarted at 2026-11-24 02:30:00 because the card does not answer';
    expect(timeline()).toEqual([line]);
    expect(h.log().join('\n')).toContain('was restarted at');
    await h.reload();
    expect(timeline()).toEqual([line]);
  });

  it('says nothing of restarts that others asked for', async () => {
    await start('process', { how: 'reboot', why: 'x', by: 'other', tag: 0, atMs: 1 }, 0);
    expect(timeline()).toEqual([]);
  });

  it('takes over what settings of version 1 said', async () => {
    await start(undefined, undefined, 0);
    const of = (old: Record<string, unknown>) => settings.parse(fromVersion1(old)).recovery;
    expect([of({}), of({ recovery: { replug: false } }), of({ recovery: { restart: true } }), of({ recovery: { replug: false, restart: false } })]).toEqual([
      { replug: true, restart: 'off' }, { replug: false, restart: 'off' }, { replug: true, restart: 'process' }, { replug: false, restart: 'off' },
    ]);
  });
});
