import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../../../../plugins/cellular-cards/sentry/accounts.ts';
import { Shares } from '../../../../plugins/cellular-cards/sentry/hosts.ts';
import { Journal } from '../../../../plugins/cellular-cards/sentry/journal.ts';
import type { Month } from '../../../../plugins/cellular-cards/sentry/month.ts';
import sentry from '../../../../plugins/cellular-cards/sentry/plugin.ts';
import { settings } from '../../../../plugins/cellular-cards/sentry/settings.ts';
import { facts, outlook } from '../../../../plugins/cellular-cards/sentry/view.ts';
import type { Flows, FlowView } from '../../../../sdk/index.ts';
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
  const policies = () => cellular.policies.map(p => [p.mayDial(1), p.mayStay(1)])[0];
  const left = () => cellular.budgets.flatMap(b => b.left(1));
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
    const file = readdirSync(state, { recursive: true, encoding: 'utf8' }).find(name => /budget\.\d\.json$/.test(name))!;
    const kept = new Journal(dirname(join(state, file))).load();
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
    await h.advance(5000);
    const view = h.panel('network/cellular/sentry');
    const kinds = view.kind === 'stack' ? view.views.map(v => v.kind) : [];
    expect(kinds).toEqual(['element', 'table', 'form']);
    const drawn = view.kind === 'stack' ? view.views[0] : undefined;
    expect(drawn).toMatchObject({ kind: 'element', data: { enabled: true, months: [{ slot: 1, state: 'well', quota: 100 * MB, limits: [{ title: 'Data', words: '30.0 MB of 100.0 MB', part: 0.3 }, { title: 'Time' }] }] } });
    const [shown] = (drawn as unknown as { data: { months: Month[] } }).data.months;
    expect(shown!.counted.at(-1)).toBe(30 * MB);
    expect(shown!.days.find(d => d[0] === shown!.today)?.[1]).toBe(30 * MB);
    expect(shown!.counted.length).toBe(shown!.days.findIndex(d => d[0] === shown!.today) + 1);
    await h.act('network/cellular/sentry', 'reset', { slot: 1 });
    expect(left()[0]).toMatchObject({ words: '100.0 MB of 100.0 MB left' });
  });
});

describe('the outlook', () => {
  it('goes on as the month began, and says when it will be used up', () => {
    const s = settings.parse({ ...ON, highLimit: {}, data: { enabled: true, quota: 1000 } });
    const accounts = new Accounts(s, undefined, () => {});
    const first = Date.UTC(2026, 10, 1);
    accounts.status(card({ phase: 'online', connectedAt: 1 }), { rx: 0, tx: 0 }, first, 0);
    for (let day = 0; day < 10; day++) {
      const at = first + (day + 0.5) * 86_400_000;
      accounts.status(card({ phase: 'online', connectedAt: 1 }), { rx: (day + 1) * 50 * MB, tx: 0 }, at, at - first);
    }
    const account = accounts.of(1)!;
    expect(outlook('data', account, s, first + 10 * 86_400_000)).toEqual({ atEnd: expect.closeTo(1500 * MB, -7), fullAt: expect.closeTo(first + 20 * 86_400_000, -9) });
    const words = facts(account, s, first + 10 * 86_400_000).facts;
    expect(words['data']).toMatch(/^500\.0 MB of 1\.00 GB \(50%\); at this rate 1\.\d\d GB at the end of the month, used up on 2026-11-2\d$/);
    expect(words['begins anew on']).toBe('2026-12-01');
  });

  it('shares the budget among hosts, and begins anew with flows under way', () => {
    const flow = (id: number, o: Partial<FlowView>): FlowView => ({
      id, original: { src: 0xc0a80121, dst: 0x08080808, sport: 1, dport: 2, proto: 6 }, reply: { src: 0x08080808, dst: 1, sport: 2, dport: 1, proto: 6 }, state: 'established', inLink: 1, outLink: 7, local: false,
      createdMs: 0, expiresInMs: 1, packets: [1, 1], bytes: [10, 1000], inspect: '', asked: 0, ...o,
    });
    const living: FlowView[] = [flow(1, {}), flow(2, { local: true, inLink: -1, bytes: [5, 5] }), flow(3, { inLink: 7, outLink: 1, reply: { src: 0xc0a80122, dst: 9, sport: 1, dport: 1, proto: 6 }, bytes: [300, 30] }), flow(4, { outLink: 2 })];
    const flows = { list: (filter: (f: FlowView) => boolean) => living.filter(filter) } as unknown as Flows;
    const shares = new Shares();
    shares.ended(flow(9, { bytes: [1, 99] }), 7);
    expect(shares.list(flows, 7)).toEqual([{ host: '192.168.1.33', rx: 1099, tx: 11 }, { host: '192.168.1.34', rx: 300, tx: 30 }, { host: 'router', rx: 5, tx: 5 }]);
    shares.restart(flows, 7);
    living[0] = flow(1, { bytes: [20, 1500] });
    expect(shares.list(flows, 7)[0]).toEqual({ host: '192.168.1.33', rx: 500, tx: 10 });
    for (let i = 0; i < 400; i++) shares.ended(flow(100 + i, { original: { src: i, dst: 0, sport: 0, dport: 0, proto: 17 } }), 7);
    expect(Object.keys(shares.save()).length).toBeLessThanOrEqual(257);
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
