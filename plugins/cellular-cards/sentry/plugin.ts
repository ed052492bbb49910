import { definePlugin } from '../../../sdk/index.ts';
import { BudgetsToken, CallPoliciesToken, CellularToken, type CardStatus, uplinkName } from '../contract.ts';
import { SmsCommandsToken } from '../sms/contract.ts';
import { type Account, Accounts, type Octets } from './accounts.ts';
import type { BudgetOut } from './budget.ts';
import { Journal, type JournalState, journalState } from './journal.ts';
import { panel } from './panel.ts';
import { type Settings, settings, verify } from './settings.ts';
import { verbs } from './verbs.ts';
import { facts, left } from './view.ts';

/** Counters are read and written so often: what a killed process forgets is younger. */
const LOOK_MS = 5000;
const needs = { cellular: CellularToken };

/** Cell-Sentry: a monthly budget of time and data for the account of each card. */
export default definePlugin<Settings, typeof needs, JournalState>({
  id: 'cellular-cards.sentry',
  title: 'Cell-Sentry',
  needs,
  config: settings,
  verify,
  state: journalState,
  setup(ctx) {
    const { cellular } = ctx.use;
    const { clock, flows, links } = ctx;
    let now = ctx.config;
    const journal = new Journal(ctx.folder);
    const kept = journal.load();
    const accounts = new Accounts(now, ctx.previous ?? kept, told);
    /** Interface of a slot, and its octets when its call came up. */
    const bases = new Map<number, { readonly connectedAt: number; readonly rx: number; readonly tx: number }>();
    const linkOf = (slot: number) => links.byName(uplinkName(slot));
    const lookAt = (s: CardStatus) => accounts.status(s, octets(s), clock.wall(), clock.now());
    let unwritten = false;

    function told(account: Account, slots: readonly number[], outs: readonly BudgetOut[]): void {
      for (const out of outs) {
        if (out.kind === 'log') {
          const fields = { category: '3G/Cellular', account: account.key };
          if (out.alert) ctx.log.warn({ ...fields, alert: true }, out.words);
          else ctx.log.info(fields, out.words);
          for (const slot of slots) cellular.note?.(slot, 'budget', out.words);
        } else if (out.kind === 'restarted') {
          account.shares.restart(flows, linkOf(slots[0] ?? 0)?.id);
          ctx.log.info({ account: account.key }, `the budget counters begin anew: ${out.why}`);
          for (const slot of slots) cellular.note?.(slot, 'budget', `the counters begin anew: ${out.why}`);
        } else for (const slot of slots) ctx.emit('cellular/budget', { slot, why: out.why });
      }
    }

    /** The interface knows of octets that no status has told, and of the last ones of a call that is over. */
    function octets(s: CardStatus): Octets {
      const stats = linkOf(s.slot)?.stats;
      if (stats === undefined) return { rx: s.rxBytes, tx: s.txBytes };
      let base = bases.get(s.slot);
      if (s.connectedAt !== undefined && base?.connectedAt !== s.connectedAt) bases.set(s.slot, base = { connectedAt: s.connectedAt, rx: stats.rxBytes - s.rxBytes, tx: stats.txBytes - s.txBytes });
      return base === undefined ? { rx: s.rxBytes, tx: s.txBytes } : { rx: Math.max(s.rxBytes, stats.rxBytes - base.rx), tx: Math.max(s.txBytes, stats.txBytes - base.tx) };
    }

    function write(): void {
      try {
        journal.save(accounts.save());
        accounts.dirty = false;
        unwritten = false;
      } catch (error) {
        if (!unwritten) ctx.log.error({ error: String(error) }, 'the budget counters cannot be written to disk; a crash would lose them');
        unwritten = true;
      }
    }

    ctx.on('card/status', s => lookAt(s));
    ctx.on('card/removed', e => {
      accounts.gone(e.slot, clock.wall(), clock.now());
      bases.delete(e.slot);
    });
    clock.every(LOOK_MS, () => {
      for (const s of cellular.list()) lookAt(s);
      accounts.look(clock.wall(), clock.now());
      if (accounts.dirty) write();
    });
    flows.watch({ ended(id) {
      const flow = flows.view(id);
      if (flow === undefined) return;
      for (const slot of accounts.slots()) {
        const link = linkOf(slot)?.id;
        if (link !== undefined && (flow.outLink === link || flow.inLink === link)) accounts.of(slot)?.shares.ended(flow, link);
      }
    } });

    ctx.contribute(CallPoliciesToken, { name: 'Cell-Sentry', mayDial: slot => accounts.of(slot)?.budget.mayDial, mayStay: slot => accounts.of(slot)?.budget.mayStay });
    ctx.contribute(BudgetsToken, { left: slot => { const a = accounts.of(slot); return a === undefined ? [] : left(a); } });
    ctx.contribute(SmsCommandsToken, { word: 'budget', help: 'the budget of this month', run: slot => {
      const a = accounts.of(slot);
      return a === undefined ? 'no card' : left(a).map(l => `${l.title}: ${l.words}`).join('; ') || `no limit; ${String(facts(a, now, clock.wall()).facts['data'])}`;
    } });
    for (const s of cellular.list()) lookAt(s);
    const shown = { accounts, settings: () => now, reset: (slot: number) => { const done = accounts.reset(slot, clock.wall(), clock.now()); if (done) write(); return done; }, linkOf: (slot: number) => linkOf(slot)?.id };
    verbs(ctx, shown);
    panel(ctx, shown);
    const lookAll = (): void => {
      for (const s of cellular.list()) lookAt(s);
      accounts.look(clock.wall(), clock.now());
    };
    // Whether the router ends or only this plugin: nothing is lost that is counted anywhere.
    ctx.scope.add(() => {
      lookAll();
      if (accounts.dirty) write();
    }, 'counters');
    return {
      reconfigure(next) {
        now = next;
        accounts.settings(next, clock.wall(), clock.now());
        write();
      },
      save: () => {
        // Until the plugin is back, its cards go on without it.
        lookAll();
        return { serial: 0, ...accounts.save() };
      },
    };
  },
});
