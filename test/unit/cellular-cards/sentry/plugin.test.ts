import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BudgetsToken, CallPoliciesToken } from '../../../../plugins/cellular-cards/contract.ts';
import { Journal } from '../../../../plugins/cellular-cards/sentry/journal.ts';
import sentry from '../../../../plugins/cellular-cards/sentry/plugin.ts';
import { type Harness, harness } from '../../../../sdk/testing/index.ts';
import { card, providing, SimpleCellular } from '../simple-cellular.ts';

const MB = 1_000_000;
const ON = { enabled: true, timeZone: 'UTC', data: { enabled: true, quota: 100 }, highLimit: { newConnection: 'disallow', currentConnection: 'drop' } };

describe('Cell-Sentry', () => {
  let h: Harness;
  let cellular: SimpleCellular;
  let state: string;

  const start = async (settings: Record<string, unknown> = ON) => {
    cellular = new SimpleCellular();
    h = await harness([sentry], { with: [providing(cellular)], routes: false, state, settings: { 'cellular-cards.sentry': settings } });
  };
  /** The card's call has carried so much. */
  const online = (rx: number, tx = 0, at = 1) => {
    cellular.statuses = [card({ phase: 'online', connectedAt: at, rxBytes: rx, txBytes: tx })];
    h.emit('card/status', cellular.statuses[0]!);
  };
  const offline = () => {
    cellular.statuses = [card()];
    h.emit('card/status', cellular.statuses[0]!);
  };
  const policies = () => (h.service(CallPoliciesToken) ?? []).map(p => [p.mayDial(1), p.mayStay(1)])[0];
  const left = () => (h.service(BudgetsToken) ?? []).flatMap(b => b.left(1));
  const told = () => h.events.filter(e => e.topic === 'cellular/budget').map(e => (e.event as { why: string }).why);

  beforeEach(() => { state = mkdtempSync(join(tmpdir(), 'sentry-')); });
  afterEach(async () => {
    await h.close();
    rmSync(state, { recursive: true, force: true });
  });

  it('counts calls, one after the other, and ends them when the budget is used up', async () => {
    await start();
    online(30 * MB, 5 * MB);
    online(40 * MB, 5 * MB);
    offline();
    online(10 * MB, 0, 2);
    expect(left()).toEqual([{ title: 'Data', words: '45.0 MB of 100.0 MB left', part: 0.55 }]);
    expect(policies()).toEqual([undefined, undefined]);
    online(60 * MB, 0, 2);
    expect(policies()).toEqual([expect.stringContaining('no new connections'), expect.stringContaining('drops')]);
    expect(told().at(-1)).toContain('over budget');
    expect(cellular.entries.map(e => e.words)).toContain('over the data budget of this month: 105.0 MB of 100 MB');
    await h.run('wwan config budgetCtrl reset');
    expect(policies()).toEqual([undefined, undefined]);
    expect(told().at(-1)).toBe('within the budget again');
  });

  it('knows accounts by their SIM', async () => {
    await start();
    online(90 * MB);
    cellular.statuses = [];
    h.emit('card/removed', { slot: 1, key: 'a' });
    const other = card({ phase: 'online', connectedAt: 9, rxBytes: MB, identity: { maker: '', model: '', revision: '', imsi: '001010000000001' } });
    cellular.statuses = [other];
    h.emit('card/status', other);
    expect(left()[0]).toMatchObject({ words: '99.0 MB of 100.0 MB left' });
    cellular.statuses = [card()];
    h.emit('card/status', cellular.statuses[0]!);
    expect(left()[0]).toMatchObject({ words: '10.0 MB of 100.0 MB left' });
  });

  it('keeps its counters over a reload in the midst of a call, counting nothing twice', async () => {
    await start();
    online(30 * MB);
    await h.reload();
    online(31 * MB);
    expect(left()[0]).toMatchObject({ words: '69.0 MB of 100.0 MB left' });
  });

  it('has written, ten seconds later, what a killed process would forget', async () => {
    await start();
    online(30 * MB);
    await h.advance(10_000);
    const folder = join(state, 'plugins', 'cellular-cards.sentry');
    const kept = new Journal(folder).load() ?? new Journal(findFolder(state)).load();
    expect(Object.values(kept!.accounts).map(a => a.budget.rx)).toEqual([30 * MB]);
  });

  it('answers the verbs of the original', async () => {
    await start({});
    const run = (line: string) => h.run(`wwan config budgetCtrl ${line}`);
    for (const line of ['data enable on', 'data quota 100000', 'data dir 2', 'time enable on', 'time quota 100', 'highLimit log on', 'highLimit alert on', 'highLimit recurring 46000', 'lowLimit alert on', 'lowLimit data 75', 'lowLimit time 60', 'resetDay 31', 'enable on']) await run(line);
    await expect(run('highLimit KeepCurrConn off')).rejects.toThrow('made again at once');
    await run('highLimit AllowNewConn off');
    await run('highLimit KeepCurrConn off');
    await expect(run('highLimit AllowNewConn on')).rejects.toThrow('do not go together');
    for (const bad of ['data quota 0', 'data quota 100001', 'data dir 4', 'highLimit recurring 46001', 'highLimit recurring 0', 'lowLimit data 100', 'resetDay 32']) await expect(run(bad), bad).rejects.toThrow();
    expect(await run('data dir')).toBe('2');
    expect(await run('highLimit recurring')).toBe('every 46000 minutes');
    const shown = await h.cli('wwan config budgetCtrl display');
    for (const word of ['100000 MB, download', '100 h', 'disallow', 'drop', 'at 75% of data, 60% of time']) expect(shown).toContain(word);
  });

  it('draws the month', async () => {
    await start();
    online(30 * MB);
    await h.advance(3 * 86_400_000);
    const view = h.panel('network/cellular/sentry');
    const kinds = view.kind === 'stack' ? view.views.map(v => v.kind) : [];
    expect(kinds).toEqual(['facts', 'gauge', 'chart', 'chart', 'table', 'form']);
    const growth = view.kind === 'stack' ? view.views[3] : undefined;
    expect(growth).toMatchObject({ kind: 'chart', series: ['counted', 'at this rate', 'budget'] });
    expect(await h.cli('wwan config budgetCtrl display')).toContain('at this rate');
  });
});

describe('the journal', () => {
  it('survives a torn file, the newer or the older', () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    const journal = new Journal(folder);
    for (let serial = 1; serial <= 3; serial++) journal.save({ accounts: {}, calls: { 1: { account: 'a', connectedAt: serial, rx: 0, tx: 0 } } });
    const at = () => new Journal(folder).load()?.calls['1']?.connectedAt;
    expect(at()).toBe(3);
    truncateSync(join(folder, 'budget.1.json'), 20);
    expect(at()).toBe(2);
    const next = new Journal(folder);
    next.load();
    next.save({ accounts: {}, calls: { 1: { account: 'a', connectedAt: 7, rx: 0, tx: 0 } } });
    expect(at()).toBe(7);
    writeFileSync(join(folder, 'budget.0.json'), '\0\0\0');
    expect(at()).toBe(7);
    expect(readFileSync(join(folder, 'budget.1.json'), 'utf8').length).toBeLessThan(200);
    rmSync(folder, { recursive: true });
  });
});
