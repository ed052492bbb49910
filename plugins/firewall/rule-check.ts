import type { Core } from './core.ts';
import { type RuleSettings, schemas, verifyRules } from './rules/schema.ts';
import { zoneNames } from './tables.ts';

const schema = schemas().rule.strict();
/** For a rule that has none yet. */
const NEW = 0x7fff_ffff;

/** What keeps a rule from being stored, as [field, reason]: 'source.1', 'schedule.to'. `before`: the rule that it changes. */
export function draftProblems(core: Core, from: string, to: string, draft: object, before?: RuleSettings): [string, string][] {
  const parsed = schema.safeParse({ ...before, ...draft, id: before?.id ?? NEW, from, to });
  if (!parsed.success) return parsed.error.issues.map((i) => [i.path.join('.'), i.message]);
  const { rules, groups, services } = core.settings;
  // As the last one, so that of two with one name it is the one to blame.
  const others = rules.filter((r) => r !== before);
  return verifyRules({ rules: [...others, parsed.data], groups, services }, zoneNames(core))
    .filter((p) => p.path[0] === 'rules' && p.path[1] === others.length)
    .map((p) => [p.path.slice(2).join('.'), p.message]);
}
