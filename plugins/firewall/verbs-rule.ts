import { z } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import { RuleEditor } from './edit.ts';
import { completeRule, parseRule } from './rule-words.ts';
import { ruleTable, rulesOf } from './rule-table.ts';
import { ANY_ZONE } from './rules/model.ts';
import { formatTraffic, predefined } from './services.ts';
import { zoneNames } from './tables.ts';

/** Rows without being asked for more. */
const LIST_MOST = 200;

/** `firewall rule …`, and lists of what rules can name. */
export function ruleVerbs(core: Core): void {
  const { ctx } = core;
  const editor = new RuleEditor(core);
  const zones = (): readonly string[] => [...zoneNames(core), ANY_ZONE];
  const from = { schema: z.string(), help: 'zone it comes from, or Any', complete: zones };
  const to = { schema: z.string(), help: 'zone it goes to, or Any; the same as From: between its subnets and to the router itself', complete: zones };
  const number = { schema: z.number().int().min(1), help: 'number of the rule in its direction' };
  const words = {
    schema: z.string(), help: 'what it says: action, from, to, service, name, log, alert, days, time, comment', rest: true,
    complete: (typed: string) => completeRule(typed, { services: [...predefined, ...core.settings.services].map((s) => s.name), groups: core.settings.groups.map((g) => g.name) }),
  };
  const list = (way: { from: string | undefined; to: string | undefined }, filter?: string, most = LIST_MOST) => {
    const { total, rows } = rulesOf(core, { from: way.from === undefined ? undefined : editor.zone(way.from), to: way.to === undefined ? undefined : editor.zone(way.to), filter, limit: most });
    return ruleTable(rows, total);
  };
  const done = (f: string, t: string) => list({ from: f, to: t });

  ctx.command({
    path: 'firewall rule list', access: 'read', help: 'rules of a direction, or of all',
    args: { from: { ...from, schema: z.string().optional() }, to: { ...to, schema: z.string().optional() }, filter: { schema: z.string().optional(), help: 'only those with this text', rest: true } },
    run: (a) => list(a, a.filter),
  });
  ctx.command({
    path: 'firewall rule insert', help: 'a new rule: [number] and what it says; without a number it is the last', args: { from, to, rule: words },
    async run(a, io) {
      const [f, t] = [editor.zone(a.from), editor.zone(a.to)];
      const { number: at, draft } = parseRule(a.rule);
      const got = await editor.insert(f, t, at, draft, io.author);
      return [`rule ${got} of ${f} → ${t}`, done(f, t)].map((r) => typeof r === 'string' ? { text: r } : r);
    },
  });
  ctx.command({
    path: 'firewall rule edit', help: 'change what a rule says; what is not named stays', args: { from, to, number, rule: words },
    async run(a, io) {
      const [f, t] = [editor.zone(a.from), editor.zone(a.to)];
      await editor.update(f, t, a.number, parseRule(a.rule).draft, io.author);
      return done(f, t);
    },
  });
  ctx.command({
    path: 'firewall rule move', help: 'put a rule to another place of its direction', args: { from, to, number, target: { ...number, help: 'number it has afterwards' } },
    async run(a, io) {
      const [f, t] = [editor.zone(a.from), editor.zone(a.to)];
      await editor.move(f, t, a.number, a.target, io.author);
      return done(f, t);
    },
  });
  ctx.command({
    path: 'firewall rule preview', access: 'read', help: 'what a move would change, without moving', args: { from, to, number, target: { ...number, help: 'number it would have afterwards' } },
    run: (a) => {
      const seen = editor.movePreview(editor.zone(a.from), editor.zone(a.to), a.number, a.target);
      const notes = [...seen.shadowed, ...seen.freed];
      return notes.length === 0 ? 'every rule can match as before' : { text: notes.join('\n') };
    },
  });
  ctx.command({
    path: 'firewall rule delete', help: 'take a rule away; those behind it move up', args: { from, to, number },
    async run(a, io) {
      const [f, t] = [editor.zone(a.from), editor.zone(a.to)];
      await editor.remove(f, t, a.number, io.author);
      return done(f, t);
    },
  });
  ctx.command({
    path: 'firewall service list', access: 'read', help: 'services that rules can name',
    run: () => serviceRows(core),
  });
}

export const serviceRows = (core: Core) => ({
  columns: ['name', 'protocols and ports', 'own'],
  rows: [...core.settings.services.map((s) => [s.name, s.traffic.join(', '), 'yes']), ...predefined.map((s) => [s.name, s.traffic.map(formatTraffic).join(', '), ''])],
});
