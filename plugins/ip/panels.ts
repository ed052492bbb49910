import { Observable } from 'rxjs';
import { ChartHistory, type View } from '../../sdk/index.ts';
import { parse4 } from '../../sdk/wire/address.ts';
import type { Context, Core } from './core.ts';
import { arpTable } from './verbs-arp.ts';
import { routeTable, staticTable } from './verbs-route.ts';

const REFRESH_MS = 2000;
/** Sessions are counted so often, for an hour. */
const STEP_MS = 10_000;
const WINDOW_SEC = 3600;

/** Pages as data: the static routes as in the original's menu, and the ARP table. */
export function panels(ctx: Context, core: Core): void {
  const live = (view: () => View) => () => new Observable<View>((subscriber) => {
    subscriber.next(view());
    const timer = ctx.clock.every(REFRESH_MS, () => subscriber.next(view()));
    return () => { void timer.dispose(); };
  });
  const sessions = new ChartHistory(WINDOW_SEC * 1000 / STEP_MS);
  const count = () => sessions.add([ctx.clock.wall(), ctx.flows.size]);
  count();
  ctx.clock.every(STEP_MS, count);
  ctx.panel({
    path: 'home/sessions', title: 'Sessions',
    view: () => ({ kind: 'chart', title: 'Sessions, last hour', unit: '', series: ['sessions'], points: sessions.points(), live: true, windowSec: WINDOW_SEC }),
  });
  ctx.panel({
    path: 'advanced/static-route', title: 'Static Route',
    view: live(() => ({ kind: 'stack', title: 'Static Route', views: [
      { kind: 'table', table: staticTable(core) },
      { kind: 'form', settings: 'ip', path: 'staticRoutes' },
      { kind: 'table', table: routeTable(core) },
    ] })),
  });
  ctx.panel({
    path: 'network/arp', title: 'ARP',
    view: live(() => ({ kind: 'stack', title: 'ARP', views: [
      { kind: 'table', table: arpTable(core, ctx.clock.now()), rowActions: ['forget'] },
      { kind: 'form', settings: 'ip', path: 'arp' },
    ] })),
    actions: {
      /** The row: its first cell is the address. */
      forget(input) {
        const ip = parse4(String(Array.isArray(input) ? input[0] : input));
        for (const e of core.neighbours.list()) if (e.ip === ip && !e.permanent) core.feed({ kind: 'forget', link: e.link, ip: e.ip });
      },
    },
  });
}
