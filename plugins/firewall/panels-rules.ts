import { CliError, type Facts, type PanelSpec, type Table, z } from '../../sdk/index.ts';
import { parse4 } from '../../sdk/wire/address.ts';
import type { Core } from './core.ts';
import type { RuleEditor } from './edit.ts';
import { read } from './page-input.ts';
import { draftProblems } from './rule-check.ts';
import { type RuleRow, rulesOf } from './rule-table.ts';
import { predefined } from './services.ts';
import { actions } from './settings.ts';
import { TRIANGLE_WARNING, zoneNames } from './tables.ts';
import { protocols, tested } from './verbs-test.ts';

/** Rows that are answered when nobody says how many. */
const PAGE = 100;
const PAGE_MOST = 1000;

const way = { from: z.string(), to: z.string() };
const number = z.number().int().min(1);
/** Fields of a rule; the editor checks them. JSON has no undefined: null takes a schedule away. */
const draft = z.record(z.string(), z.unknown()).transform((d) => d['schedule'] === null ? { ...d, schedule: undefined } : d);
const address = z.string().refine((t) => parse4(t) !== undefined, 'must be an IPv4 address, like 192.168.1.33');
const inputs = {
  rules: z.object({ from: z.string().optional(), to: z.string().optional(), offset: z.number().int().min(0).default(0), limit: number.max(PAGE_MOST).default(PAGE), filter: z.string().max(200).optional() }),
  insert: z.object({ ...way, number: z.number().int().min(0).default(0), rule: draft }),
  update: z.object({ ...way, number, rule: draft }),
  check: z.object({ ...way, number: z.number().int().min(0).default(0), rule: draft }),
  move: z.object({ ...way, number, target: number }),
  movePreview: z.object({ ...way, number, target: number, near: z.number().int().min(0).max(PAGE_MOST).optional() }),
  delete: z.object({ ...way, number }),
  setDefault: z.object({ ...way, action: z.enum([...actions, 'profile']), log: z.boolean().optional() }),
  test: z.object({ from: z.string(), source: address, destination: address, protocol: z.string().max(8), port: z.number().int().min(0).max(65_535).default(0) }),
} as const;

/**
 * Rules for the page: each rule as JSON in the last column, so that a form gets every field as it is. `total`, zones and the direction's
 * default come first.
 */
function pageOf(core: Core, total: number, rows: readonly RuleRow[], from?: string, to?: string): readonly (Facts | Table)[] {
  const d = from === undefined || to === undefined || from === 'Any' || to === 'Any' ? undefined : core.ruleset.direction(from, to);
  return [
    { facts: { total, zones: zoneNames(core).join(' '), default: d?.action ?? '', log: d ? String(d.log) : '' } },
    { columns: ['number', 'from', 'to', 'hits', 'rule'], rows: rows.map((r) => [r.number, r.rule.from, r.rule.to, r.hits, JSON.stringify(r.rule)]) },
  ];
}

/** Changes when the rules do: whoever shows some of them asks again then. */
function revisions(core: Core): () => number {
  let seen = core.settings;
  let n = 1;
  return () => {
    if (core.settings !== seen) n++;
    seen = core.settings;
    return n;
  };
}

/** Rule Summary: the rules of one direction or of all, by pages; every edit by number. */
export function rulePanel(core: Core, editor: RuleEditor): void {
  const revision = revisions(core);
  const zones = (w: { from: string; to: string }): [string, string] => [editor.zone(w.from), editor.zone(w.to)];
  const acts: NonNullable<PanelSpec['actions']> = {
    rules(input) {
      const q = read(inputs.rules, input ?? {});
      const [from, to] = [q.from, q.to].map((zone) => zone === undefined ? undefined : editor.zone(zone));
      const { total, rows } = rulesOf(core, { ...q, from, to });
      return pageOf(core, total, rows, from, to);
    },
    /** What would be wrong with a rule, by field: 'services.0'. Number 0: a new one. */
    check(input) {
      const i = read(inputs.check, input);
      const [from, to] = zones(i);
      const before = i.number === 0 ? undefined : editor.rule(from, to, i.number);
      return { columns: ['field', 'problem'], rows: draftProblems(core, from, to, i.rule, before) };
    },
    movePreview(input) {
      const i = read(inputs.movePreview, input);
      const [from, to] = zones(i);
      const seen = editor.movePreview(from, to, i.number, i.target);
      const moved = editor.rule(from, to, i.number).id;
      const rows = seen.order.map((r, at) => [at + 1, r.id, r.name, r.action, r.active ? 'yes' : 'no', r.id === moved ? 'yes' : 'no']);
      const near = i.near;
      return [
        { columns: ['number', 'id', 'name', 'action', 'active', 'moved'], rows: near === undefined ? rows : rows.slice(Math.max(0, i.target - 1 - near), i.target + near) },
        { columns: ['note', 'kind'], rows: [...seen.shadowed.map((t) => [t, 'shadowed']), ...seen.freed.map((t) => [t, 'freed'])] },
      ];
    },
    test(input) {
      const t = read(inputs.test, input);
      const name = t.protocol.trim().toLowerCase();
      const proto = Object.hasOwn(protocols, name) ? protocols[name]! : /^\d{1,3}$/.test(name) && Number(name) <= 255 ? Number(name) : undefined;
      if (proto === undefined) throw new CliError(`protocol: '${t.protocol}' is none of ${Object.keys(protocols).join(', ')}, nor a number from 0 to 255`);
      return tested(core, editor.zone(t.from, true), parse4(t.source)!, parse4(t.destination)!, proto, t.port);
    },
    async insert(input) {
      const i = read(inputs.insert, input);
      return String(await editor.insert(...zones(i), i.number, i.rule, 'page'));
    },
    async update(input) {
      const i = read(inputs.update, input);
      await editor.update(...zones(i), i.number, i.rule, 'page');
    },
    async move(input) {
      const i = read(inputs.move, input);
      await editor.move(...zones(i), i.number, i.target, 'page');
    },
    async delete(input) {
      const i = read(inputs.delete, input);
      await editor.remove(...zones(i), i.number, 'page');
    },
    async setDefault(input) {
      const d = read(inputs.setDefault, input);
      const profile = d.action === 'profile';
      await editor.setDefault(editor.zone(d.from, true), editor.zone(d.to, true), d.action === 'profile' ? undefined : d.action, profile ? undefined : d.log, 'page');
    },
  };
  core.ctx.panel({
    path: 'security/firewall/rule-summary', title: 'Rule Summary', order: 2, reads: ['rules', 'check', 'movePreview', 'test'],
    view: () => ({ kind: 'element', tag: 'firewall-rule-summary', module: 'rule-summary.js', data: {
      revision: revision(), zones: zoneNames(core), active: core.settings.active, warning: core.triangle ? TRIANGLE_WARNING : '',
      services: [...core.settings.services, ...predefined].map((s) => s.name), groups: core.settings.groups.map((g) => g.name),
    } }),
    actions: acts,
  });
}
