import { filter, map, merge, of } from 'rxjs';
import type { PluginContext, View } from '../../sdk/index.ts';
import { type Lan, roles } from './contract.ts';
import type { Settings } from './settings.ts';
import { leaseTable, portTable } from './verbs.ts';

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'events' | 'links' | 'panel'>;

/** A page for each inside interface. */
export function panels(ctx: Ctx, lan: Lan, settings: () => Settings): void {
  for (const role of roles) {
    const title = role.toUpperCase();
    ctx.panel({
      path: `network/${role}`, title,
      view: () => merge(of(undefined), ctx.events('lan/lease').pipe(filter(e => e.name === role))).pipe(map((): View => ({
        kind: 'stack', title, views: [
          { kind: 'form', settings: 'lan', path: role },
          { kind: 'table', table: { ...leaseTable(lan.leases(role)), title: 'DHCP leases' } },
          { kind: 'table', table: portTable(ctx, settings()) },
        ],
      }))),
    });
  }
}
