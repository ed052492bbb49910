import type { PluginContext, Table, View } from '../../sdk/index.ts';
import type { UplinkState } from '../wan/contract.ts';
import type { Settings } from './settings.ts';
import type { Sharing } from './sharing.ts';

type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'command' | 'panel' | 'flows'>;

export interface Shown {
  readonly uplinks: readonly UplinkState[];
  readonly sharing: Sharing;
  settings(): Settings;
  /** What the connectivity check says, in words. */
  check(name: string): string;
  inUse(uplink: UplinkState): boolean;
}

/** Verbs and page. */
export function addFaces(ctx: Ctx, shown: Shown): void {
  const { uplinks, sharing } = shown;
  const failover = (): Table => ({
    columns: ['uplink', 'metric', 'state', 'check', 'in use'],
    rows: [...uplinks].sort((a, b) => a.metric - b.metric).map(u => [u.name, u.metric, u.up ? 'up' : 'down', shown.check(u.name), shown.inUse(u) ? 'yes' : '']),
  });
  const balance = (): Table => ({
    title: `Load balancing: ${shown.settings().mode === 'active/active' ? shown.settings().balance.algorithm : 'off'}`,
    columns: ['uplink', 'takes part', 'ratio', 'limit (kbit/s)', 'in (kbit/s)', 'out (kbit/s)', 'load', 'sessions given'],
    rows: sharing.rows().map(r => [r.name, r.member ? 'yes' : 'no', r.share.ratio, r.share.limit || 'none', Math.round(r.inbound), Math.round(r.outbound), `${Math.round(r.index * 100)}%`, r.given]),
  });
  ctx.command({ path: 'wan failover status', help: 'the uplinks, whether they answer, and which one carries the traffic', access: 'read', run: failover });
  ctx.command({ path: 'wan balance status', help: 'how sessions are shared out among the uplinks, and what each of them carries', access: 'read', run: balance });
  ctx.command({
    path: 'wan balance sessions', help: 'running sessions by uplink', access: 'read',
    run: () => ({ columns: ['uplink', 'sessions'], rows: [...uplinks].sort((a, b) => a.metric - b.metric).map(u => [u.name, ctx.flows.list(f => f.outLink === u.link || f.inLink === u.link).length]) }),
  });
  ctx.panel({
    path: 'network/failover', title: 'Failover',
    view: (): View => ({ kind: 'stack', title: 'Failover', views: [
      { kind: 'table', table: failover() }, ...(shown.settings().mode === 'active/active' ? [{ kind: 'table' as const, table: balance() }] : []), { kind: 'form', settings: 'failover' },
    ] }),
  });
}
