import type { Observable } from 'rxjs';
import { type Facts, type PanelSpec, type Table, type View, z } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import type { RuleEditor } from './edit.ts';
import { read } from './page-input.ts';
import { type RuleRow, ruleTable, rulesOf } from './rule-table.ts';
import { actions } from './settings.ts';
import { zoneNames } from './tables.ts';

/** Rows of the page as data; the rest is loaded as it is looked at. */
const PAGE = 100;
const PAGE_MOST = 1000;

const way = { from: z.string(), to: z.string() };
const number = z.number().int().min(1);
/** Fields of a rule; the editor checks them. */
const draft = z.record(z.string(), z.unknown());
const inputs = {
  rules: z.object({ from: z.string().optional(), to: z.string().optional(), offset: z.number().int().min(0).default(0), limit: number.max(PAGE_MOST).default(PAGE), filter: z.string().max(200).optional() }),
  insert: z.object({ ...way, number: z.number().int().min(0).default(0), rule: draft }),
  update: z.object({ ...way, number, rule: draft }),
  move: z.object({ ...way, number, target: number }),
  delete: z.object({ ...way, number }),
  setDefault: z.object({ ...way, action: z.enum([...actions, 'profile']), log: z.boolean().optional() }),
} as const;

/**
 * Rows for the page: each rule as JSON in the last column, so that a form gets every field as it is. `total`, zones and the direction's
 * default come first.
 */
function pageOf(core: Core, total: number, rows: readonly RuleRow[], from?: string, to?: string): readonly (Facts | Table)[] {
  const d = from === undefined || to === undefined ? undefined : core.ruleset.direction(from, to);
  return [
    { facts: { total, zones: zoneNames(core).join(' '), default: d?.action ?? '', log: d ? String(d.log) : '' } },
    { columns: ['number', 'from', 'to', 'hits', 'rule'], rows: rows.map((r) => [r.number, r.rule.from, r.rule.to, r.hits, JSON.stringify(r.rule)]) },
  ];
}

/** Rule Summary: the rules of one direction or of all, by pages; every edit by number. */
export function rulePanel(core: Core, editor: RuleEditor, live: (view: () => View) => () => Observable<View>): void {
  const page: NonNullable<PanelSpec['actions']>[string] = (input) => {
    const q = read(inputs.rules, input ?? {});
    const [from, to] = [q.from, q.to].map((z) => z === undefined ? undefined : editor.zone(z));
    const { total, rows } = rulesOf(core, { ...q, from, to });
    return pageOf(core, total, rows, from, to);
  };
  const zones = (w: { from: string; to: string }): [string, string] => [editor.zone(w.from), editor.zone(w.to)];
  core.ctx.panel({
    path: 'security/firewall/rule-summary', title: 'Rule Summary',
    view: live(() => {
      const { total, rows } = rulesOf(core, { limit: PAGE });
      return { kind: 'stack', title: 'Rule Summary', views: [{ kind: 'table', table: ruleTable(rows, total) }] };
    }),
    actions: {
      rules: page,
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
      movePreview(input) {
        const i = read(inputs.move, input);
        const seen = editor.movePreview(...zones(i), i.number, i.target);
        return [
          { columns: ['number', 'id', 'name'], rows: seen.order.map((r, at) => [at + 1, r.id, r.name]) },
          { columns: ['note'], rows: [...seen.shadowed, ...seen.freed].map((t) => [t]) },
        ];
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
    },
  });
}
