import { compile } from './compile.ts';
import { type Entry, expander } from './entries.ts';
import type { Compiled, Rule, RuleEnv } from './model.ts';
import { covers } from './ranges.ts';

/** A rule that can never match. Both are places in the list. */
export interface Shadow {
  readonly index: number;
  /** The first rule that takes everything before it. */
  readonly by: number;
}

/**
 * The active rules that can never match because one earlier rule covers each of them wholly, zones and times included. What
 * only several earlier rules together cover is not found: nothing is named that is in use.
 *
 * Whoever covers a rule matches any packet of it: of the earlier ones only those are compared that match its first. `like`: rules compiled
 * before, of which most are the same.
 */
export function shadowed(rules: readonly Rule[], env: RuleEnv, like?: Compiled): readonly Shadow[] {
  const known = answered.get(rules);
  if (known?.env === env) return known.found;
  const found = search(rules, env, like);
  answered.set(rules, { env, found });
  return found;
}

/** Lists are never changed in place: a page that asks about one move after the other has the same list before each. */
const answered = new WeakMap<readonly Rule[], { readonly env: RuleEnv; readonly found: readonly Shadow[] }>();

function search(rules: readonly Rule[], env: RuleEnv, like: Compiled | undefined): Shadow[] {
  const expand = expander(env);
  const entries = rules.map(r => r.active ? expand(r) : []);
  const compiled = compile(rules, env, like);
  const found: Shadow[] = [];
  for (const [i, r] of rules.entries()) {
    const first = entries[i]![0];
    if (first === undefined) continue;
    const service = first.service[0]!;
    const packet = { src: first.src[0]!, dst: first.dst[0]!, sport: first.sport[0]!, dport: service & 0xffff, proto: service >>> 16 };
    for (const by of compiled.matching(r.from, r.to, packet, first.time[0]!)) {
      if (by >= i) break;
      if (!entries[i]!.every(inner => entries[by]!.some(outer => holds(outer, inner)))) continue;
      found.push({ index: i, by });
      break;
    }
  }
  return found;
}

function holds(outer: Entry, inner: Entry): boolean {
  return covers(outer.src, inner.src) && covers(outer.dst, inner.dst) && covers(outer.service, inner.service) && covers(outer.sport, inner.sport) && covers(outer.time, inner.time);
}
