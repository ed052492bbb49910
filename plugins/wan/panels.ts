import { map, merge, Observable } from 'rxjs';
import { ChartHistory, Growth, type PluginContext, type View } from '../../sdk/index.ts';
import { type Assignment, LINK } from './assignment.ts';
import './contract.ts';
import type { Uplink } from './uplink.ts';
import { status } from './verbs.ts';

const STEP_MS = 10_000;
const WINDOW_SEC = 3600;
/** A page that was slow gets the points of the last minute again. */
const AGAIN = 6;

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'clock' | 'links' | 'events' | 'panel'>;

/** The page of the WAN interface, and its traffic of the last hour there and on the home page. */
export function panels(ctx: Ctx, uplink: Uplink, wan: Assignment): void {
  const history = new ChartHistory(WINDOW_SEC * 1000 / STEP_MS);
  const [down, up] = [new Growth(), new Growth()];
  const told = new Set<() => void>();
  const measure = (): void => {
    const stats = ctx.links.byName(LINK)?.stats;
    const now = ctx.clock.now();
    history.add([ctx.clock.wall(), down.read(stats?.rxBytes ?? 0, now) * 8, up.read(stats?.txBytes ?? 0, now) * 8]);
    for (const tell of [...told]) tell();
  };
  measure();
  ctx.clock.every(STEP_MS, measure);
  const chart = (newest?: number): View => ({
    kind: 'chart', title: 'WAN, last hour', unit: 'bit/s', series: ['down', 'up'], points: history.points(newest), live: true, windowSec: WINDOW_SEC,
  });
  /** All of the hour to who comes, then what is new. */
  const traffic = () => new Observable<View>(page => {
    page.next(chart());
    const tell = (): void => page.next(chart(AGAIN));
    told.add(tell);
    return () => { told.delete(tell); };
  });

  ctx.panel({ path: 'home/wan', title: 'WAN traffic', view: traffic });
  ctx.panel({
    path: 'network/wan', title: 'WAN',
    view: () => merge(traffic(), ctx.events('wan/address').pipe(map(() => chart(AGAIN)))).pipe(map((drawn): View => ({
      kind: 'stack', title: 'WAN', views: [{ kind: 'facts', facts: status(ctx, uplink, wan) }, drawn, { kind: 'form', settings: 'wan' }],
    }))),
    actions: { release: () => wan.act('release'), renew: () => wan.act('renew') },
  });
}
