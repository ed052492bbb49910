import type { Facts, Table, Text } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { type Core, exemptOf, thresholdsOf } from './core.ts';
import { hexLines } from './dump.ts';
import { Why } from './judge.ts';
import { protocolName } from './policy.ts';
import type { Settings } from './settings.ts';

/** Senders of a kind that are named at once. */
export const WORST = 3;

/** Wall time of a clock time, to the second. */
const timeOf = (core: Core, at: number): string => new Date(core.ctx.clock.wall() - core.ctx.clock.now() + at).toISOString().replace('T', ' ').slice(0, 19);

/** Zones that can be named: the standard ones, those of links and plugins, those that rules and directions speak of. */
export function zoneNames(core: Core): readonly string[] {
  const { rules, directions } = core.settings;
  const named = [...rules, ...directions].flatMap((r) => [r.from, r.to]).filter((z) => z !== 'Any');
  return [...new Set([...core.zones.names.slice(1), ...named])];
}

/** For every place where the switch is. */
export const TRIANGLE_WARNING = 'Security: while asymmetrical routes are allowed, traffic that leaves by the interface it came in on is not checked at all. Better: IP alias, so that the second gateway is in a subnet of its own.';

/** How many rules a direction has, by 'LAN WAN'. */
export function ruleCounts({ rules }: Settings): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { from, to } of rules) counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
  return counts;
}

/** The default of each direction, and how many rules stand before it. */
export function matrixTable(core: Core): Table {
  const zones = zoneNames(core);
  const counts = ruleCounts(core.settings);
  return {
    columns: ['From \\ To', ...zones],
    rows: zones.map((from) => [from, ...zones.map((to) => {
      const { action, log } = core.ruleset.direction(from, to);
      const n = counts.get(`${from} ${to}`) ?? 0;
      return `${action}${log ? ', log' : ''}${n > 0 ? `, ${n} rule${n > 1 ? 's' : ''}` : ''}`;
    })]),
  };
}

/** Every kind of attack with its worst senders. */
export function attackKinds(core: Core): Table {
  return {
    columns: ['kind', 'times', 'senders', 'first', 'last', 'most by'],
    rows: core.attacks.kinds().map((k) => [k.kind, k.count, k.senders.length, timeOf(core, k.first), timeOf(core, k.last), k.senders.slice(0, WORST).map((s) => `${format4(s.src)} (${s.count})`).join(', ')]),
  };
}

/** Who attacked, one by one, the latest first. */
export function attackTable(core: Core, most = 100): Table {
  return {
    columns: ['kind', 'from', 'to', 'zone', 'times', 'last', 'note'],
    rows: core.attacks.list().slice(0, most).map((a) => [a.kind, format4(a.src), format4(a.dst), core.zones.nameOf(a.link), a.count, timeOf(core, a.last), a.detail]),
  };
}

/** Senders of one kind, the worst first. */
export function senderTable(core: Core, kind: string): Table {
  const senders = core.attacks.kinds().find((k) => k.kind === kind)?.senders ?? [];
  return {
    columns: ['from', 'times', 'zone', 'to, the last time', 'first', 'last', 'note'],
    rows: senders.map((a) => [format4(a.src), a.count, core.zones.nameOf(a.link), format4(a.dst), timeOf(core, a.first), timeOf(core, a.last), a.detail]),
  };
}

const whyWords: Readonly<Record<number, string>> = {
  [Why.Default]: 'default', [Why.NoZone]: 'no zone', [Why.SessionLimit]: 'sessions per host', [Why.HalfOpen]: 'half-open sessions', [Why.Spoofed]: 'forged sender', [Why.Ping]: 'anti-probing',
};

/** Why something was refused, in words, by the number that Refusal has. */
function whyTexts(core: Core): (why: number) => string {
  const numbers = new Map(core.ruleset.rules.map((r, i) => [r.id, `rule ${core.ruleset.numbers[i]}${r.name === '' ? '' : ` '${r.name}'`}`]));
  return (why) => why > 0 ? numbers.get(why) ?? 'a rule that is gone' : whyWords[why] ?? '';
}

const wayOf = (core: Core, r: { readonly from: number; readonly to: number }): string => `${core.zones.names[r.from] || 'none'} → ${core.zones.names[r.to] || 'none'}`;

export function dropTable(core: Core, most: number): Table {
  const why = whyTexts(core);
  return {
    columns: ['time', 'direction', 'protocol', 'source', 'destination', 'why'],
    rows: core.refusals.list().slice(0, most).map((r) => [
      timeOf(core, r.at), wayOf(core, r), protocolName(r.proto), `${format4(r.src)}:${r.sport}`, `${format4(r.dst)}:${r.dport}`, why(r.why),
    ]),
  };
}

/** The refused packets that were kept, the latest first: when, where, why, what, and the first octets. */
export function dumpText(core: Core): Text {
  const why = whyTexts(core);
  const packets = core.dump.list();
  if (packets.length === 0) return { text: core.dump.active ? 'no packet was refused' : 'refused packets are not kept; sys firewall pktdump on keeps them' };
  return { text: packets.map((d) => [
    `${timeOf(core, d.at)}  in on ${core.ctx.links.byId(d.link)?.name ?? d.link}  ${wayOf(core, d)}  ${why(d.why)}`, `  ${d.words}`, ...hexLines(d.octets).map((line) => `  ${line}`),
  ].join('\n')).join('\n') };
}

export function countTable(core: Core): Table {
  const rows = core.counts.list().map((c): [string, number] => [c.name.replace(/^firewall: /, ''), c.n]);
  return { columns: ['what the firewall did', 'times'], rows: [...rows, ['decided by a rule', core.ruleset.rules.reduce((n, r) => n + core.hits.of(r.id), 0)]] };
}

export function statusFacts(core: Core): Facts {
  const { settings: s, ctx, guard } = core;
  return { facts: {
    active: s.active ? 'yes' : 'no', profile: s.profile, rules: s.rules.length, 'rule tables (KiB)': Math.round(core.ruleset.compiled.octets / 1024),
    'triangle route': core.triangle ? 'allowed' : 'no', sessions: ctx.flows.size, 'sessions at most': ctx.flows.max, 'half-open': ctx.flows.halfOpen,
    'new in the last minute': guard.lastMinute, 'deletes half-open sessions': guard.purging ? 'yes' : 'no', 'blocked destinations': guard.blocks,
  } };
}

export function thresholdFacts(core: Core): Facts {
  const { settings: s } = core;
  const t = thresholdsOf(s);
  return { facts: {
    'protection': s.dos.active ? 'on' : 'off', 'one minute low': t.oneMinuteLow, 'one minute high': t.oneMinuteHigh, 'maximum incomplete low': t.maxIncompleteLow,
    'maximum incomplete high': t.maxIncompleteHigh, 'TCP maximum incomplete': t.tcpMaxIncomplete, 'blocking period (min)': s.dos.blockMinutes, 'not on': exemptOf(s).join(', ') || 'none',
  } };
}
