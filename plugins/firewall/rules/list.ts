import type { Compiled, Rule, RuleEnv } from './model.ts';
import { type Shadow, shadowed } from './shadow.ts';

/**
 * Edits of an ordered list, as pure functions that answer a new list. Numbers are those that people see: 1 for the first of the rules that
 * are shown, which are those of one direction; the list holds those of all. A number out of range throws a RangeError that says so.
 */
export type Shown<R> = (rule: R) => boolean;

type Directed = Pick<Rule, 'from' | 'to'>;
const everything = (): boolean => true;

/** The rules of one direction; 'Any' stands for rules that say Any themselves, undefined for whatever they say. */
export function direction(from: string | undefined, to: string | undefined): Shown<Directed> {
  return r => (from === undefined || r.from === from) && (to === undefined || r.to === to);
}

/** Places in the list of the rules that are shown: number n is at [n - 1]. */
export function places<R>(rules: readonly R[], shown: Shown<R> = everything): number[] {
  const found: number[] = [];
  for (const [i, r] of rules.entries()) if (shown(r)) found.push(i);
  return found;
}

/** The rule becomes number `number`, at most one more than there are. */
export function insert<R>(rules: readonly R[], number: number, rule: R, shown: Shown<R> = everything): R[] {
  const at = places(rules, shown);
  check(number, at.length + 1);
  // Behind the last that is shown, not at the end: rules of other directions keep their distance.
  const place = at[number - 1] ?? (at.length > 0 ? at.at(-1)! + 1 : rules.length);
  return [...rules.slice(0, place), rule, ...rules.slice(place)];
}

/** Rule `from` becomes number `to`; the others keep their order. */
export function move<R>(rules: readonly R[], from: number, to: number, shown: Shown<R> = everything): R[] {
  const at = places(rules, shown);
  check(from, at.length);
  check(to, at.length);
  const place = at[from - 1]!;
  const rest = rules.filter((_, i) => i !== place);
  return from === to ? [...rules] : insert(rest, to, rules[place]!, shown);
}

/** Those behind it move up. */
export function remove<R>(rules: readonly R[], number: number, shown: Shown<R> = everything): R[] {
  const at = places(rules, shown);
  check(number, at.length);
  return rules.filter((_, i) => i !== at[number - 1]);
}

/** An id that no rule has. Ids of deleted rules above the greatest left are given again. */
export function freshId(rules: readonly Pick<Rule, 'id'>[]): number {
  return rules.reduce((most, r) => Math.max(most, r.id), 0) + 1;
}

/** What a change of the list does, for people to look at before they apply it. */
export interface Preview {
  readonly rules: readonly Rule[];
  /** Of all, and those that were not before; `index` and `by` are places in `rules`. */
  readonly shadowed: readonly Shadow[];
  readonly newly: readonly Shadow[];
  /** Rules that were shadowed and no longer are, by id. */
  readonly freed: readonly number[];
}

/** `compiled`: the rules before, if they were compiled. */
export function preview(before: readonly Rule[], after: readonly Rule[], env: RuleEnv, compiled?: Compiled): Preview {
  const was = new Set(shadowed(before, env, compiled).map(s => before[s.index]!.id));
  const now = shadowed(after, env, compiled);
  const is = new Set(now.map(s => after[s.index]!.id));
  const left = new Set(after.map(r => r.id));
  return { rules: after, shadowed: now, newly: now.filter(s => !was.has(after[s.index]!.id)), freed: [...was].filter(id => !is.has(id) && left.has(id)) };
}

function check(number: number, most: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= most) return;
  throw new RangeError(most === 0 ? 'there are no rules' : `must be a number from 1 to ${most}`);
}
