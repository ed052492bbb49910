import { Observable } from 'rxjs';
import type { PluginContext, Table, View } from '../../../sdk/index.ts';
import type { CellularService } from './service.ts';
import { facts, timelineTable } from './verbs.ts';

const REFRESH_MS = 2000;
const TIMELINE_ROWS = 30;

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'panel' | 'clock'>;

/** The Cellular page: the card as it is now, its settings, its history. */
export function panels(ctx: Ctx, cellular: CellularService): void {
  const page = (): View => {
    const slots = cellular.list();
    const now = cellular.status(cellular.defaultSlot());
    const types = now.networkTypes;
    const choice: Table | undefined = types && { title: types.fixed ?? 'Network types of this card', columns: ['id', 'network type', 'in use'], rows: types.choices.map(c => [c.id, c.title, c.id === types.now ? 'yes' : '']) };
    return { kind: 'stack', title: 'Cellular', views: [
      ...(slots.length === 0 ? [{ kind: 'facts' as const, facts: facts(now, ctx.clock.wall()) }] : slots.map(s => ({ kind: 'facts' as const, facts: facts(s, ctx.clock.wall()) }))),
      ...(choice === undefined ? [] : [{ kind: 'table' as const, table: choice }]),
      { kind: 'form', settings: 'cellular-cards.core' },
      { kind: 'table', table: { ...timelineTable(cellular.timeline(), TIMELINE_ROWS), title: 'Timeline' } },
    ] };
  };
  ctx.panel({
    path: 'network/cellular', title: 'Cellular',
    view: () => new Observable<View>(subscriber => {
      subscriber.next(page());
      const timer = ctx.clock.every(REFRESH_MS, () => subscriber.next(page()));
      return () => { void timer.dispose(); };
    }),
    actions: {
      connect: () => cellular.connect(cellular.defaultSlot()),
      disconnect: () => cellular.disconnect(cellular.defaultSlot(), 'on the Cellular page'),
    },
  });
}
