import { Observable } from 'rxjs';
import { CliError, type PluginContext, type Table, type View } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { translated } from './deciders.ts';
import type { DynamicMappings } from './mappings.ts';
import type { Plan } from './plan.ts';
import { MOST_ADDRESS_MAPPINGS, MOST_PORT_FORWARDS, MOST_PORT_TRIGGERS, type Settings } from './settings.ts';
import type { Translator } from './translator.ts';
import { sessionTable, uplinkTable } from './verbs.ts';
import { addressTable, editRules } from './verbs-address.ts';
import { forwardTable } from './verbs-server.ts';

/** Rows on the page; the verb shows more. */
const PANEL_ROWS = 100;
const PANEL_MS = 2000;
const AUTHOR = 'NAT page';

type Ctx = Pick<PluginContext<Settings, {}, unknown>, 'panel' | 'commit' | 'flows' | 'clock'>;
interface Parts { readonly nat: Translator; readonly dynamics: DynamicMappings; plan(): Plan; settings(): Settings }

const form = (path: string): View => ({ kind: 'form', settings: 'nat', path });
const bar = (title: string, value: number, max: number, unit: string): View => ({ kind: 'gauge', title, value, max, unit });

/** The number that a row begins with. */
const numberOf = (row: unknown): number => {
  const n = Number(Array.isArray(row) ? row[0] : row);
  if (!Number.isInteger(n) || n < 1) throw new CliError('which row?');
  return n;
};
/** Where a row is dragged to, counted from 0. */
const moveOf = (input: unknown): { from: number; to: number } => {
  const { from, to } = (input ?? {}) as { from?: unknown; to?: unknown };
  if (!Number.isInteger(from) || !Number.isInteger(to)) throw new CliError('from where to where?');
  return { from: from as number, to: to as number };
};
const moved = <T>(rows: readonly T[], { from, to }: { from: number; to: number }): T[] => {
  const out = [...rows];
  const [row] = out.splice(from, 1);
  if (row !== undefined) out.splice(to, 0, row);
  return out;
};

/** On the page one column for the ports: '8000-8010', '80 → 8080'. */
function narrow({ columns, rows, ...rest }: Table): Table {
  const [incoming, translatedTo] = [columns.indexOf('incoming'), columns.indexOf('translated')];
  return {
    ...rest, columns: columns.filter((_, c) => c !== translatedTo).map(name => (name === 'incoming' ? 'ports' : name)),
    rows: rows.map(row => row.flatMap((cell, c) => (c === translatedTo ? [] : c === incoming && row[translatedTo] !== cell ? [`${cell} → ${row[translatedTo]}`] : [cell]))),
  };
}

/** The form below has the same name and may hold what is not applied yet. */
const inForce = (table: Table): Table => ({ ...table, title: 'In force' });

function dynamicTable(dynamics: DynamicMappings): Table {
  return {
    title: 'Port mappings made by hosts', columns: ['uplink', 'protocol', 'outside port', 'host', 'port', 'only from', 'why'],
    rows: dynamics.list().map(m => [m.uplink, m.proto === 6 ? 'tcp' : 'udp', String(m.extPort), format4(m.intIp), String(m.intPort), m.remote ? format4(m.remote) : 'anywhere', m.why]),
  };
}

function triggerTable(plan: Plan, settings: Settings, now: number): Table {
  return {
    title: 'Port triggering', columns: ['#', 'active', 'name', 'uplink', 'incoming', 'trigger', 'host now', 'ends in (s)'],
    rows: settings.portTriggering.map((t, i) => {
      const live = plan.named(t.uplink)?.triggers.rows.find(r => r.row === t || JSON.stringify(r.row) === JSON.stringify(t));
      const open = live && live.host !== 0 && now < live.until;
      return [i + 1, t.active ? 'yes' : 'no', t.name, t.uplink, `${t.incomingStart}-${t.incomingEnd || t.incomingStart}`, `${t.triggerStart}-${t.triggerEnd || t.triggerStart}`,
        open ? format4(live.host) : 'nobody', open ? Math.round((live.until - now) / 1000) : null];
    }),
  };
}

/** The pages of the original: overview, address mapping, port forwarding, port triggering. */
export function addPanels(ctx: Ctx, parts: Parts): void {
  const { nat, dynamics, settings, plan } = parts;
  const live = (view: () => View) => () => new Observable<View>(page => {
    const draw = (): void => page.next(view());
    draw();
    const timer = ctx.clock.every(PANEL_MS, draw);
    return () => void timer.dispose();
  });
  const most = (rows: readonly { readonly uplink: string }[]): number => Math.max(0, ...[...new Set(rows.map(r => r.uplink))].map(u => rows.filter(r => r.uplink === u).length));

  ctx.panel({
    path: 'advanced/nat/overview', title: 'Overview', order: 1,
    view: live(() => ({ kind: 'stack', title: 'Overview', views: [
      bar('Sessions', ctx.flows.size, ctx.flows.max, 'sessions'),
      bar('Address mapping rules', most(settings().addressMapping), MOST_ADDRESS_MAPPINGS, 'rules'),
      bar('Port forwarding rules', most(settings().portForwarding), MOST_PORT_FORWARDS, 'rules'),
      bar('Port triggering rules', settings().portTriggering.length, MOST_PORT_TRIGGERS, 'rules'),
      { kind: 'table', table: uplinkTable(plan(), nat) },
      form('active'), form('loopback'), form('maxSessionsPerHost'), form('uplinks'), form('vpn'), form('services'), form('timeouts'), form('routing'), form('reservedPorts'),
      { kind: 'table', table: { ...sessionTable(ctx.flows.list(translated, PANEL_ROWS)), title: 'Sessions' } },
    ] })),
  });
  ctx.panel({
    path: 'advanced/nat/address-mapping', title: 'Address Mapping', order: 2,
    view: live(() => ({ kind: 'stack', title: 'Address Mapping', views: [
      { kind: 'table', table: inForce(addressTable(settings())), rowActions: ['delete'], move: 'move' },
      form('addressMapping'),
    ] })),
    actions: {
      async delete(row) {
        const n = numberOf(row);
        const uplink = String(Array.isArray(row) ? row[1] : '');
        await ctx.commit(draft => editRules(draft, uplink, rules => rules.filter((_, i) => i !== n - 1)), AUTHOR);
      },
      async move(input) { await ctx.commit(draft => { draft.addressMapping = moved(draft.addressMapping, moveOf(input)); }, AUTHOR); },
    },
  });
  ctx.panel({
    path: 'advanced/nat/port-forwarding', title: 'Port Forwarding', order: 3,
    view: live(() => ({ kind: 'stack', title: 'Port Forwarding', views: [
      bar('Port forwarding rules', most(settings().portForwarding), MOST_PORT_FORWARDS, 'rules'),
      { kind: 'table', table: inForce(narrow(forwardTable(settings()))), rowActions: ['switch', 'delete'], move: 'move' },
      form('portForwarding'),
      { kind: 'table', table: dynamicTable(dynamics) },
    ] })),
    actions: {
      async switch(row) { await ctx.commit(draft => { const f = draft.portForwarding[numberOf(row) - 1]; if (f) f.active = !f.active; }, AUTHOR); },
      async delete(row) {
        const n = numberOf(row);
        await ctx.commit(draft => { draft.portForwarding = draft.portForwarding.filter((_, i) => i !== n - 1); }, AUTHOR);
      },
      async move(input) { await ctx.commit(draft => { draft.portForwarding = moved(draft.portForwarding, moveOf(input)); }, AUTHOR); },
    },
  });
  ctx.panel({
    path: 'advanced/nat/port-triggering', title: 'Port Triggering', order: 4,
    view: live(() => ({ kind: 'stack', title: 'Port Triggering', views: [
      bar('Port triggering rules', settings().portTriggering.length, MOST_PORT_TRIGGERS, 'rules'),
      { kind: 'table', table: inForce(triggerTable(plan(), settings(), ctx.clock.now())), rowActions: ['switch', 'delete'], move: 'move' },
      form('portTriggering'),
    ] })),
    actions: {
      async switch(row) { await ctx.commit(draft => { const t = draft.portTriggering[numberOf(row) - 1]; if (t) t.active = !t.active; }, AUTHOR); },
      async delete(row) {
        const n = numberOf(row);
        await ctx.commit(draft => { draft.portTriggering = draft.portTriggering.filter((_, i) => i !== n - 1); }, AUTHOR);
      },
      async move(input) { await ctx.commit(draft => { draft.portTriggering = moved(draft.portTriggering, moveOf(input)); }, AUTHOR); },
    },
  });
}
