import { type Problem, z } from '../../../sdk/index.ts';
import { dayNames, parseTime } from '../schedule.ts';
import { parseTraffic, predefined, type Service, serviceKey, serviceTable } from '../services.ts';
import { type AddressMatch, ANY_ZONE, NAME_MOST, type Rule, type RuleEnv, type ServiceMatch, type Side } from './model.ts';
import { parseAddress, parseService, wrongName } from './text.ts';

/** How much of everything there may be. The original counts storage, not rules; 100 own services is its family's number. */
export const limits = { rules: 10_000, addressesOfSide: 64, servicesOfRule: 64, groups: 256, addressesOfGroup: 1024, services: 100, trafficOfService: 32, comment: 255 } as const;
export type Limits = { readonly [K in keyof typeof limits]: number };

/** A text that `parse` understands; what it answers otherwise is the reason. */
const text = (parse: (t: string) => unknown) => z.string().max(127).superRefine((t, ctx) => {
  const parsed = parse(t);
  if (typeof parsed === 'string') ctx.addIssue({ code: 'custom', message: parsed });
});
const name = text(wrongName);
const time = (what: string, fallback: string) => z.string().refine(t => parseTime(t) !== undefined, 'must be a time such as 08:30').default(fallback).meta({ title: what });

const schedule = z.object({
  days: z.array(z.enum(dayNames)).min(1).max(7).default([...dayNames]).meta({ title: 'Days' }),
  from: time('From', '00:00'),
  to: time('To', '24:00').meta({ title: 'To', help: 'Before From: over midnight, into the day after.' }),
}).superRefine((s, ctx) => {
  if (s.from === s.to || s.from === '24:00') ctx.addIssue({ code: 'custom', path: ['to'], message: 'the time ends where it begins' });
});

/** One rule, one address group and one own service, as they are written down. */
export function schemas(most: Limits = limits) {
  const side = (what: string) => z.array(text(parseAddress)).max(most.addressesOfSide).default([])
    .meta({ title: what, help: 'Addresses, ranges (192.168.1.33-192.168.1.40), subnets (192.168.1.0/24), groups; none: any.' });
  return {
    rule: z.object({
      id: z.number().int().min(1).max(0x7fff_ffff).meta({ title: 'ID', help: 'Stays with the rule wherever it moves.' }),
      name: z.string().max(NAME_MOST).default('').meta({ title: 'Rule Name' }),
      active: z.boolean().default(true).meta({ title: 'Active' }),
      from: z.string().max(15).default(ANY_ZONE).meta({ title: 'From', help: 'A zone, or Any.' }),
      to: z.string().max(15).default(ANY_ZONE).meta({ title: 'To', help: 'A zone, or Any.' }),
      source: side('Source'),
      sourceNot: z.boolean().default(false).meta({ title: 'All but these sources' }),
      destination: side('Destination').meta({ title: 'Destination', help: 'As seen within, after port forwarding. Addresses, ranges, subnets, groups; none: any.' }),
      destinationNot: z.boolean().default(false).meta({ title: 'All but these destinations' }),
      services: z.array(text(parseService)).max(most.servicesOfRule).default([])
        .meta({ title: 'Services', help: 'Names of services, or tcp/80, udp/5000-5100, tcp/1024-65535>80 (source ports first), icmp/8, gre; none: any.' }),
      schedule: schedule.optional().meta({ title: 'Schedule', help: 'When the rule is in force; always when empty.' }),
      log: z.boolean().default(false).meta({ title: 'Log' }),
      alert: z.boolean().default(false).meta({ title: 'Alert', help: 'Mail it at once.' }),
      action: z.enum(['permit', 'drop', 'reject']).default('permit').meta({ title: 'Action', help: 'drop: silently; reject: TCP reset or ICMP unreachable.' }),
      comment: z.string().max(most.comment).default('').meta({ title: 'Comment' }),
    }),
    group: z.object({
      name: name.meta({ title: 'Group Name' }),
      addresses: z.array(text(parseAddress)).max(most.addressesOfGroup).default([]).meta({ title: 'Addresses', help: 'Addresses, ranges, subnets, other groups.' }),
      comment: z.string().max(most.comment).default('').meta({ title: 'Comment' }),
    }),
    service: z.object({
      name: name.meta({ title: 'Service Name' }),
      traffic: z.array(text(parseTraffic)).min(1).max(most.trafficOfService).meta({ title: 'Protocols and ports', help: 'tcp/80, udp/5000-5100, tcp+udp/53, icmp/8/0, gre, 47.' }),
    }),
  };
}

const defaults = schemas();
export type RuleSettings = z.infer<typeof defaults.rule>;
export type GroupSettings = z.infer<typeof defaults.group>;
export type ServiceSettings = z.infer<typeof defaults.service>;

/** The part of a plugin's settings that rules live in. */
export interface RuleBook {
  readonly rules: readonly RuleSettings[];
  readonly groups: readonly GroupSettings[];
  readonly services: readonly ServiceSettings[];
}

/** To be spread into the settings of a plugin: `z.object({ ...ruleBook(), … })`. */
export function ruleBook(most: Limits = limits) {
  const one = schemas(most);
  return {
    rules: z.array(one.rule).max(most.rules).default([]).meta({ title: 'Rules', help: 'The first that matches decides.' }),
    groups: z.array(one.group).max(most.groups).default([]).meta({ title: 'Address groups' }),
    services: z.array(one.service).max(most.services).default([]).meta({ title: 'Own services' }),
  };
}

const side = (list: readonly string[], negate: boolean): Side => ({ match: list.map(t => parseAddress(t) as AddressMatch), negate });

/** Of settings that have passed the schema. */
export function ruleOf(s: RuleSettings): Rule {
  const { id, name, active, from, to, log, alert, action, comment } = s;
  return {
    id, name, active, from, to, log, alert, action, comment,
    source: side(s.source, s.sourceNot), destination: side(s.destination, s.destinationNot),
    services: s.services.flatMap(t => parseService(t) as readonly ServiceMatch[]),
    ...(s.schedule ? { schedule: { days: s.schedule.days.reduce((mask, d) => mask | 1 << dayNames.indexOf(d), 0), from: parseTime(s.schedule.from)!, to: parseTime(s.schedule.to)! } } : {}),
  };
}

/** All of them. A rule that says what it said `before` is the same object: what was worked out for it holds. */
export function rulesFrom(list: readonly RuleSettings[], before?: { readonly list: readonly RuleSettings[]; readonly rules: readonly Rule[] }): Rule[] {
  const known = new Map(before?.list.map((r, i) => [r.id, i]));
  return list.map((r) => {
    const at = known.get(r.id);
    return at !== undefined && alike(r, before!.list[at]) ? before!.rules[at]! : ruleOf(r);
  });
}

/** Deep equality of plain data. */
function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(k => alike((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]));
}

/** Of settings that have passed the schema. */
export function envOf(book: Omit<RuleBook, 'rules'>): RuleEnv {
  const own = book.services.map((s): Service => ({ name: s.name, traffic: s.traffic.flatMap(t => parseTraffic(t) as Service['traffic']) }));
  return { groups: new Map(book.groups.map(g => [g.name, g.addresses.map(t => parseAddress(t) as AddressMatch)])), services: serviceTable(own) };
}

/** What single fields cannot show: unknown zones, groups and services, names and ids that are there twice, groups in circles. */
export function verifyRules(book: RuleBook, zones: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  const known = { zones: new Set([...zones, ANY_ZONE]), groups: new Set(book.groups.map(g => g.name)), services: new Set([...predefined, ...book.services].map(s => serviceKey(s.name))) };
  const add = (message: string, ...path: (string | number)[]): void => { problems.push({ path, message }); };
  const once = (seen: Map<string, number>, name: string, at: readonly (string | number)[]): void => {
    const key = name.toLowerCase();
    if (seen.has(key)) add(`'${name}' is the name of number ${seen.get(key)! + 1} already`, ...at);
    else seen.set(key, at[1] as number);
  };
  const groupsOf = (list: readonly string[], ...at: (string | number)[]): void => list.forEach((t, i) => {
    if (!beginsWithLetter(t)) return;
    const m = parseAddress(t);
    if (typeof m !== 'string' && m.kind === 'group' && !known.groups.has(m.name)) add(`there is no group '${m.name}'`, ...at, i);
  });

  const ids = new Set<number>();
  const names = new Map<string, number>();
  for (const [i, r] of book.rules.entries()) {
    if (ids.has(r.id)) add(`id ${r.id} is there twice`, 'rules', i, 'id');
    ids.add(r.id);
    if (r.name !== '') once(names, r.name, ['rules', i, 'name']);
    for (const f of ['from', 'to'] as const) if (!known.zones.has(r[f])) add(`there is no zone '${r[f]}'`, 'rules', i, f);
    groupsOf(r.source, 'rules', i, 'source');
    groupsOf(r.destination, 'rules', i, 'destination');
    for (const f of ['source', 'destination'] as const) if (r[`${f}Not`] && (r[f].length === 0 || r[f].some(t => t.trim().toLowerCase() === 'any'))) add('all but any is nothing', 'rules', i, `${f}Not`);
    r.services.forEach((t, k) => {
      if (t.includes('/')) return; // protocol and ports, as the schema has seen
      const list = parseService(t);
      if (typeof list !== 'string') for (const m of list) if (m.kind === 'named' && !known.services.has(serviceKey(m.name))) add(`there is no service '${m.name}'`, 'rules', i, 'services', k);
    });
  }
  const groups = new Map<string, number>();
  for (const [i, g] of book.groups.entries()) {
    once(groups, g.name, ['groups', i, 'name']);
    groupsOf(g.addresses, 'groups', i, 'addresses');
    if (circular(g.name, book.groups)) add(`group '${g.name}' is part of itself`, 'groups', i, 'addresses');
  }
  const services = new Map<string, number>();
  const taken = new Set(predefined.map(s => serviceKey(s.name)));
  for (const [i, s] of book.services.entries()) {
    once(services, s.name, ['services', i, 'name']);
    if (taken.has(serviceKey(s.name))) add(`'${s.name}' is predefined`, 'services', i, 'name');
  }
  return problems;
}

/** Names do; addresses, ranges and subnets do not. */
const beginsWithLetter = (text: string): boolean => /^\s*[a-z]/i.test(text);

function circular(start: string, groups: readonly GroupSettings[]): boolean {
  const members = new Map(groups.map(g => [g.name, g.addresses]));
  const seen = new Set<string>();
  const reach = (name: string): boolean => (members.get(name) ?? []).some(t => {
    const member = t.trim();
    if (member === start) return true;
    if (seen.has(member) || !members.has(member)) return false;
    seen.add(member);
    return reach(member);
  });
  return reach(start);
}
