import { Observable } from 'rxjs';
import { CliError, type Facts, type Table, type View } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import type { Context, Gateway } from './gateway.ts';

const PAGE_MS = 2000;

export function mappingTable(g: Gateway): Table {
  return {
    title: 'Port mappings of hosts', columns: ['#', 'protocol', 'outside port', 'host', 'port', 'only from', 'by', 'description', 'ends in (s)', 'state'],
    rows: g.book.list().map(e => [e.number, e.proto === 6 ? 'tcp' : 'udp', e.extPort, format4(e.intIp), e.intPort, e.remote === 0 ? 'anywhere' : format4(e.remote), e.via, e.description,
      g.left(e) ?? null, e.waiting === '' ? 'open' : `waits: ${e.waiting}`]),
  };
}

/** The same for the page: narrower, and what matters most first. */
function pageTable(g: Gateway): Table {
  return {
    title: 'Port mappings of hosts', columns: ['#', 'outside port', 'host', 'state', 'ends in', 'by', 'only from', 'description'],
    rows: g.book.list().map(e => [e.number, `${e.extPort} ${e.proto === 6 ? 'tcp' : 'udp'}`, `${format4(e.intIp)}:${e.intPort}`, e.waiting === '' ? 'open' : `waits: ${e.waiting}`, lasts(g.left(e)), e.via, e.remote === 0 ? 'anywhere' : format4(e.remote), e.description]),
  };
}

/** '45 s', '12 min', '3 h'. */
const lasts = (seconds: number | undefined): string => (seconds === undefined ? 'never' : seconds < 120 ? `${seconds} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`);

export function statusFacts(g: Gateway): Facts {
  const { settings } = g;
  const wan = g.wan();
  const igd = !settings.igd ? 'off' : g.finder.running ? `version ${settings.version}, HTTP port ${settings.port}` : g.finder.why === '' ? 'off' : `no: ${g.finder.why}`;
  return { title: 'UPnP', facts: {
    active: settings.active ? 'yes' : 'no', 'UPnP IGD': igd, 'NAT-PMP and PCP': settings.active && settings.pcp ? 'on' : 'off',
    'configuration changes': settings.configure ? 'allowed' : 'not allowed', 'through firewall': settings.firewall ? 'yes' : 'no',
    interfaces: g.around.served.map(s => `${s.zone} ${format4(s.ip)}`).join(', ') || 'none', uplink: wan.name || 'none', 'outside address': wan.ip === 0 ? 'none' : format4(wan.ip),
    mappings: `${g.book.size} of ${settings.most}`,
  } };
}

/** Ends the mapping of this number. Throws a CliError when there is none. */
export function revoke(g: Gateway, number: number): void {
  const entry = g.book.list().find(e => e.number === number);
  if (!entry) throw new CliError(`there is no mapping ${number}`);
  g.book.remove(entry, 'revoked');
}

/** The original's page, with the table of its second tab. */
export function addPanel(ctx: Context, g: Gateway): void {
  const view = (): View => ({ kind: 'stack', title: 'UPnP', views: [
    { kind: 'facts', facts: statusFacts(g) }, { kind: 'table', table: pageTable(g), rowActions: ['revoke'] }, { kind: 'form', settings: 'upnp' },
  ] });
  ctx.panel({
    path: 'advanced/upnp', title: 'UPnP',
    view: () => new Observable<View>(page => {
      const draw = (): void => page.next(view());
      draw();
      const timer = ctx.clock.every(PAGE_MS, draw);
      return () => void timer.dispose();
    }),
    actions: { revoke(row) { revoke(g, Number(Array.isArray(row) ? row[0] : row)); } },
  });
}
