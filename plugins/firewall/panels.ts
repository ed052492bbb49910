import { type Table, type View, z } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { type Core, thresholdsOf } from './core.ts';
import { BLOCKED_MOST } from './dos.ts';
import { RuleEditor } from './edit.ts';
import { read } from './page-input.ts';
import { rulePanel } from './panels-rules.ts';
import { opening, profileAction } from './profile.ts';
import { actions } from './settings.ts';
import { dropTable, senderTable, statusFacts, thresholdFacts, TRIANGLE_WARNING, WORST, zoneNames } from './tables.ts';
import { serviceRows } from './verbs-rule.ts';

const ROWS = 50;
/** ICMP type 8, code 0, as rules have it. */
const ECHO = 8 << 8;

const form = (path: string): View => ({ kind: 'form', settings: 'firewall', path });
const table = (title: string, of: Table): View => ({ kind: 'table', table: { ...of, title } });
const gauge = (title: string, value: number, max: number, unit: string): View => ({ kind: 'gauge', title, value, max, unit });

/** The tabs of the original's firewall page. */
export function panels(core: Core): void {
  const { ctx } = core;
  const editor = new RuleEditor(core);

  ctx.panel({
    path: 'security/firewall/default-rule', title: 'Default Rule', order: 1,
    view: () => ({ kind: 'stack', title: 'Default Rule', views: [
      { kind: 'element', tag: 'firewall-default-rule', module: 'default-rule.js', data: matrix(core) },
      form('active'), form('profile'), form('triangleRoute'),
      { kind: 'facts', facts: { ...statusFacts(core), title: 'Now' } },
      form('tcpWindow'), form('zones'),
    ] }),
    actions: { async setDefault(input) {
      const d = read(directionInput, input);
      await editor.setDefault(editor.zone(d.from, true), editor.zone(d.to, true), d.action === 'profile' ? undefined : d.action, d.action === 'profile' ? undefined : d.log, 'page');
    } },
  });
  rulePanel(core, editor);
  ctx.panel({
    path: 'security/firewall/anti-probing', title: 'Anti-Probing', order: 3,
    view: () => ({ kind: 'stack', title: 'Anti-Probing', views: [table('What each zone gets to hear, unless a rule says otherwise', probingTable(core)), form('antiProbing'), form('resets'), form('antiSpoofing'), form('scans')] }),
  });
  ctx.panel({
    path: 'security/firewall/threshold', title: 'Threshold', order: 4,
    view: () => ({ kind: 'stack', title: 'Threshold', views: [
      ...gauges(core),
      { kind: 'element', tag: 'firewall-attacks', module: 'attacks.js', data: attackData(core) }, table('Refused lately', dropTable(core, ROWS)),
      { kind: 'facts', facts: { ...thresholdFacts(core), title: 'In force' } },
      form('dos'), form('sessionsPerHost'), form('idle'), form('log'), form('pktdump'),
    ] }),
    reads: ['senders'],
    actions: {
      forgetAttacks: () => core.attacks.clear(),
      senders: (input) => senderTable(core, read(kindInput, input).kind),
    },
  });
  ctx.panel({
    path: 'security/firewall/service', title: 'Service', order: 5,
    view: () => ({ kind: 'stack', title: 'Service', views: [form('services'), form('groups'), table('Services that rules can name', serviceRows(core))] }),
  });
}

const kindInput = z.object({ kind: z.string() });
const directionInput = z.object({ from: z.string(), to: z.string(), action: z.enum([...actions, 'profile']), log: z.boolean().optional() });

/** The two clocks drift apart by less than that from look to look: nothing changed then. */
const secondOf = (ms: number): number => Math.round(ms / 1000) * 1000;

/** Attacks by kind; times are ms since the epoch by the router's clock. Senders beyond the worst are asked for when somebody wants to see them. */
function attackData({ ctx, attacks }: Core) {
  const offset = ctx.clock.wall() - ctx.clock.now();
  return {
    kinds: attacks.kinds().map(({ kind, count, first, last, senders }) => ({
      kind, count, first: secondOf(first + offset), last: secondOf(last + offset), senders: senders.length, worst: senders.slice(0, WORST).map((s) => ({ from: format4(s.src), count: s.count })),
    })),
  };
}

/** The direction matrix as data: a cell for each pair of zones, in the order of `zones`. */
function matrix(core: Core) {
  const { ruleset, settings } = core;
  const zones = zoneNames(core);
  const counts = new Map<string, number>();
  for (const { from, to } of settings.rules) counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
  return {
    zones, profile: settings.profile, active: settings.active, warning: core.triangle ? TRIANGLE_WARNING : '',
    /** Rules that stand for several directions, and so are in no cell. */
    any: settings.rules.filter((r) => r.from === 'Any' || r.to === 'Any').length,
    cells: zones.flatMap((from) => zones.map((to) => {
      const { action, log } = ruleset.direction(from, to);
      return { from, to, action, log, rules: counts.get(`${from} ${to}`) ?? 0, profile: profileAction(ruleset.profile, from, to) };
    })),
  };
}

/** What somebody in each zone learns of the router, as long as no rule says otherwise. */
function probingTable(core: Core): Table {
  const { noPing, silent } = core.settings.antiProbing;
  const { profile } = core.ruleset;
  const vpn = core.judge.options.vpn;
  return {
    columns: ['zone', 'pings to the router', 'requests for its closed ports'],
    rows: zoneNames(core).map((zone) => {
      const { action } = core.ruleset.direction(zone, zone);
      const open = action === 'permit' || opening(profile, zone, vpn, ipv4.PROTO_ICMP, ECHO, true) !== undefined;
      const heard = action === 'permit' && !silent.includes(zone) ? 'an answer: closed' : action === 'reject' ? 'an answer: refused' : 'silence';
      return [zone, open && !noPing.includes(zone) ? 'an answer' : action === 'reject' && !open ? 'an answer: refused' : 'silence', heard];
    }),
  };
}

/** How near the thresholds are. */
function gauges(core: Core): View[] {
  const { flows } = core.ctx;
  const t = thresholdsOf(core.settings);
  return [
    gauge('Half-open sessions', flows.halfOpen, t.maxIncompleteHigh, 'sessions'),
    gauge('New in a minute', core.guard.lastMinute, t.oneMinuteHigh, 'sessions'),
    gauge('Blocked destinations', core.guard.blocks, BLOCKED_MOST, 'destinations'),
    gauge('Sessions', flows.size, flows.max, 'sessions'),
  ];
}
