import { Observable } from 'rxjs';
import { CliError, type PluginContext, type View, z } from '../../../sdk/index.ts';
import { month } from './month.ts';
import type { Settings } from './settings.ts';
import type { Shown } from './verbs.ts';
import { hostTable } from './view.ts';

const REFRESH_MS = 5000;
const which = z.object({ slot: z.number().int().optional() });
type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'panel' | 'clock' | 'flows'>;

/** Cell-Sentry: the month drawn, who used it, settings. */
export function panel(ctx: Ctx, shown: Shown): void {
  const page = (): View => {
    const { accounts } = shown;
    const slots = accounts.slots();
    const [s, wall] = [shown.settings(), ctx.clock.wall()];
    return { kind: 'stack', title: 'Cell-Sentry', views: [
      { kind: 'element', tag: 'cellular-cards-sentry-month', module: 'month.js', data: { enabled: s.enabled, months: slots.map(slot => month(slot, accounts.of(slot)!, s, wall)) } },
      ...slots.map((slot): View => ({ kind: 'table', table: { ...hostTable(accounts.of(slot)!, ctx.flows, shown.linkOf(slot)), title: slots.length === 1 ? 'Who used it (about)' : `Who used it (about), slot ${slot}` } })),
      { kind: 'form', settings: 'cellular-cards.sentry' },
    ] };
  };
  ctx.panel({
    path: 'network/cellular/sentry', title: 'Cell-Sentry', order: 5,
    view: () => new Observable<View>(subscriber => {
      subscriber.next(page());
      const timer = ctx.clock.every(REFRESH_MS, () => subscriber.next(page()));
      return () => { void timer.dispose(); };
    }),
    actions: {
      reset(input) {
        const read = which.safeParse(input ?? {});
        const slot = read.data?.slot ?? shown.accounts.slots()[0];
        if (!read.success || slot === undefined || !shown.reset(slot)) throw new CliError('there is no card whose counters could be set to zero');
      },
    },
  });
}
