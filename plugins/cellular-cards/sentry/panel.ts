import { Observable } from 'rxjs';
import { CliError, type PluginContext, type View } from '../../../sdk/index.ts';
import type { Settings } from './settings.ts';
import type { Shown } from './verbs.ts';
import { facts, hostTable, monthViews } from './view.ts';

const REFRESH_MS = 5000;
type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'panel' | 'clock' | 'flows'>;

/** Cell-Sentry: the month drawn, who used it, settings. */
export function panel(ctx: Ctx, shown: Shown): void {
  const page = (): View => {
    const { accounts } = shown;
    const slots = accounts.slots();
    const [s, wall] = [shown.settings(), ctx.clock.wall()];
    const month = slots.flatMap((slot): View[] => {
      const account = accounts.of(slot)!;
      return [{ kind: 'facts', facts: facts(account, s, wall) }, ...monthViews(account, s, wall), { kind: 'table', table: hostTable(account, ctx.flows, shown.linkOf(slot)) }];
    });
    return { kind: 'stack', title: 'Cell-Sentry', views: [...(month.length === 0 ? [{ kind: 'facts' as const, facts: facts(undefined, s, wall) }] : month), { kind: 'form', settings: 'cellular-cards.sentry' }] };
  };
  ctx.panel({
    path: 'network/cellular/sentry', title: 'Cell-Sentry', order: 5,
    view: () => new Observable<View>(subscriber => {
      subscriber.next(page());
      const timer = ctx.clock.every(REFRESH_MS, () => subscriber.next(page()));
      return () => { void timer.dispose(); };
    }),
    actions: {
      reset() {
        const slot = shown.accounts.slots()[0];
        if (slot === undefined || !shown.reset(slot)) throw new CliError('there is no card whose counters could be set to zero');
      },
    },
  });
}
