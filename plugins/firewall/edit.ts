import { CliError } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import { ruleWords } from './explain.ts';
import { ANY_ZONE } from './rules/model.ts';
import { direction, freshId, insert, move, places, preview, remove } from './rules/list.ts';
import { type RuleSettings, rulesFrom, schemas } from './rules/schema.ts';
import { numbersOf } from './ruleset.ts';
import type { actions } from './settings.ts';
import { zoneNames } from './tables.ts';

/** Fields of a rule by name; those that are there are checked by the schema. */
export type RuleDraft = { readonly [K in Exclude<keyof RuleSettings, 'id' | 'from' | 'to'>]?: RuleSettings[K] | undefined } | Readonly<Record<string, unknown>>;
const ruleSchema = schemas().rule.strict();

/** Changes of rules by number, through the ordinary commit. All throw a CliError that says what would be right. */
export class RuleEditor {
  readonly #core: Core;
  constructor(core: Core) { this.#core = core; }

  /** The name of a zone as it is written, from what somebody typed; 'Any' too, unless `only` zones will do. */
  zone(text: string, only = false): string {
    const names = [...zoneNames(this.#core), ...(only ? [] : [ANY_ZONE])];
    const found = names.find((n) => n.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw new CliError(`there is no zone '${text}'; zones are ${names.join(', ')}`);
    return found;
  }

  count(from: string, to: string): number { return places(this.#core.settings.rules, direction(from, to)).length; }

  /** Rule `number` of a direction. */
  rule(from: string, to: string, number: number): RuleSettings {
    const { rules } = this.#core.settings;
    const at = places(rules, direction(from, to))[number - 1];
    const n = this.count(from, to);
    if (at === undefined) throw new CliError(n === 0 ? `${from} → ${to} has no rules; firewall rule insert makes one` : `${from} → ${to} has no rule ${number}; its rules are 1${n > 1 ? `–${n}` : ''}`);
    return rules[at]!;
  }

  /** Number 0 is the end. Answers the number it got. An id that the draft brings is kept while no rule has it: a deleted rule that comes back is the same one. */
  async insert(from: string, to: string, number: number, draft: RuleDraft, author: string): Promise<number> {
    const n = this.count(from, to);
    // As in the original gaps collapse: a rule put at 9 with 6 present is 7.
    const at = number === 0 ? n + 1 : Math.min(number, n + 1);
    const rule = parsedRule({ ...draft, id: idFor(draft, this.#core.settings.rules), from, to });
    await this.#commit((rules) => insert(rules, at, rule, direction(from, to)), author);
    return at;
  }

  async update(from: string, to: string, number: number, draft: RuleDraft, author: string): Promise<void> {
    const before = this.rule(from, to, number);
    const rule = parsedRule({ ...before, ...draft, id: before.id, from, to });
    await this.#commit((rules) => rules.map((r) => r.id === before.id ? rule : r), author);
  }

  async move(from: string, to: string, number: number, target: number, author: string): Promise<void> {
    this.rule(from, to, number);
    this.rule(from, to, target);
    await this.#commit((rules) => move(rules, number, target, direction(from, to)), author);
  }

  /** What a move would do: the rules that no longer can match after it, and those that can again, in words. */
  movePreview(from: string, to: string, number: number, target: number): { readonly order: readonly RuleSettings[]; readonly shadowed: readonly string[]; readonly freed: readonly string[] } {
    this.rule(from, to, number);
    this.rule(from, to, target);
    const { settings, ruleset } = this.#core;
    const after = move(settings.rules, number, target, direction(from, to));
    const seen = preview(ruleset.rules, rulesFrom(after, { list: settings.rules, rules: ruleset.rules }), ruleset.env, ruleset.compiled);
    const words = (at: number): string => ruleWords({ rules: seen.rules, numbers: numbersOf(seen.rules) }, at);
    return {
      order: after.filter(direction(from, to)),
      shadowed: seen.newly.map((s) => `${words(s.index)} can never match: ${words(s.by)} takes everything before it`),
      freed: seen.freed.map((id) => `${words(seen.rules.findIndex((r) => r.id === id))} can match again`),
    };
  }

  async remove(from: string, to: string, number: number, author: string): Promise<void> {
    this.rule(from, to, number);
    await this.#commit((rules) => remove(rules, number, direction(from, to)), author);
  }

  /** What a direction does when no rule matches; undefined: what the profile says. */
  async setDefault(from: string, to: string, action: (typeof actions)[number] | undefined, log: boolean | undefined, author: string): Promise<void> {
    const now = this.#core.ruleset.direction(from, to);
    await this.#core.ctx.commit((draft) => {
      const rest = draft.directions.filter((d) => d.from !== from || d.to !== to);
      draft.directions = action === undefined && log === undefined ? rest : [...rest, { from, to, action: action ?? now.action, log: log ?? now.log }];
    }, author);
  }

  async #commit(change: (rules: readonly RuleSettings[]) => RuleSettings[], author: string): Promise<void> {
    await this.#core.ctx.commit((draft) => { draft.rules = change(draft.rules); }, author);
  }
}

function idFor(draft: RuleDraft, rules: readonly RuleSettings[]): number {
  const wanted = (draft as Readonly<Record<string, unknown>>)['id'];
  return typeof wanted === 'number' && !rules.some((r) => r.id === wanted) ? wanted : freshId(rules);
}

/** Through the schema, so that mistakes are told by field before a commit is tried. */
export function parsedRule(draft: object): RuleSettings {
  const result = ruleSchema.safeParse(draft);
  if (result.success) return withoutUndefined(result.data);
  throw new CliError(result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; '));
}

/** A field that says nothing is not stored. */
const withoutUndefined = (rule: RuleSettings): RuleSettings => Object.fromEntries(Object.entries(rule).filter(([, v]) => v !== undefined)) as RuleSettings;
