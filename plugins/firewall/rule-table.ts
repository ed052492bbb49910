import type { Table } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import { direction, places } from './rules/list.ts';
import { ruleOf, type RuleSettings } from './rules/schema.ts';
import { formatSchedule } from './schedule.ts';

/** Which rules are meant: of a direction ('Any': rules that say Any; undefined: whatever they say), with this text somewhere. */
export interface RuleQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly filter?: string | undefined;
  /** From 0, and how many. */
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

export interface RuleRow {
  /** Within the rules of its own direction, from 1. */
  readonly number: number;
  readonly hits: number;
  readonly rule: RuleSettings;
}

/** Rules, and how many there are without offset and limit. Only what is asked for is made. */
export function rulesOf(core: Core, query: RuleQuery): { readonly total: number; readonly rows: readonly RuleRow[] } {
  const { rules } = core.settings;
  const words = query.filter?.trim().toLowerCase() ?? '';
  const shown = direction(query.from, query.to);
  const found = places(rules, (r) => shown(r) && (words === '' || textOf(r).includes(words)));
  const offset = query.offset ?? 0;
  return {
    total: found.length,
    rows: found.slice(offset, offset + (query.limit ?? found.length)).map((at) => ({ number: core.ruleset.numbers[at]!, hits: core.hits.of(rules[at]!.id), rule: rules[at]! })),
  };
}

const textOf = (r: RuleSettings): string => [r.name, r.comment, r.action, ...r.source, ...r.destination, ...r.services].join(' ').toLowerCase();

export const side = (list: readonly string[], negate: boolean): string => list.length === 0 ? 'any' : `${negate ? 'not ' : ''}${list.join(', ')}`;
const flags = (r: RuleSettings): string => [r.active ? '' : 'off', r.log ? 'log' : '', r.alert ? 'alert' : ''].filter((t) => t !== '').join(' ');

export function ruleTable(rows: readonly RuleRow[], total: number): Table {
  return {
    columns: ['#', 'direction', 'name', 'source', 'destination', 'services', 'schedule', 'action', 'flags', 'hits', 'comment'],
    rows: rows.map(({ number, hits, rule: r }) => {
      const { schedule } = ruleOf(r);
      return [
        number, `${r.from} → ${r.to}`, r.name, side(r.source, r.sourceNot), side(r.destination, r.destinationNot), r.services.join(', ') || 'any',
        schedule ? formatSchedule(schedule) : '', r.action, flags(r), hits, r.comment,
      ];
    }),
    ...(total > rows.length ? { title: `${rows.length} of ${total} rules` } : {}),
  };
}

/** Rules by how often they decided. */
export function hitTable(core: Core, most: number): Table {
  const { rules, numbers } = core.ruleset;
  const rows = rules.map((r, i) => ({ r, n: numbers[i]!, hits: core.hits.of(r.id) })).filter((x) => x.hits > 0).sort((a, b) => b.hits - a.hits).slice(0, most);
  return { columns: ['hits', 'direction', '#', 'name', 'action'], rows: rows.map(({ r, n, hits }) => [hits, `${r.from} → ${r.to}`, n, r.name, r.action]) };
}
