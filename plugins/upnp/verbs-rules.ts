import { CliError, type Table, z } from '../../sdk/index.ts';
import type { Context, Gateway } from './gateway.ts';
import { type RuleSettings, ruleSettings } from './settings.ts';

const HELP = 'allow|deny [host SUBNET] [inside PORTS] [outside PORTS] [comment TEXT]';
const fields: Readonly<Record<string, 'inside' | 'insidePorts' | 'outsidePorts'>> = { host: 'inside', inside: 'insidePorts', outside: 'outsidePorts' };

const table = (rules: readonly RuleSettings[]): Table => ({
  title: 'Permission rules', columns: ['#', 'active', 'action', 'hosts', 'ports of the host', 'outside ports', 'comment'],
  rows: rules.map((r, i) => [i + 1, r.active ? 'yes' : 'no', r.action, r.inside || 'all', r.insidePorts || 'all', r.outsidePorts || 'all', r.comment]),
});

/** A rule from its words. Throws a CliError that says what would be right. */
function parseRule(text: string): RuleSettings {
  const words = text.trim().split(/\s+/);
  const rule: Record<string, unknown> = { action: words[0] };
  for (let i = 1; i < words.length; i += 2) {
    const word = words[i]!;
    if (word === 'comment') {
      rule['comment'] = words.slice(i + 1).join(' ');
      break;
    }
    const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
    if (!field || words[i + 1] === undefined) throw new CliError(`'${word}' is not understood here; a rule is ${HELP}`);
    rule[field] = words[i + 1] === 'all' ? '' : words[i + 1];
  }
  const checked = ruleSettings.safeParse(rule);
  if (!checked.success) throw new CliError(checked.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('; '));
  return checked.data;
}

/** The answers replace the last word. */
function complete(typed: string): readonly string[] {
  const words = typed.split(/\s+/);
  if (words.length <= 1) return ['allow', 'deny'];
  const before = words.at(-2) ?? '';
  if (before === 'host') return ['192.168.1.0/24', 'all'];
  if (before === 'inside' || before === 'outside') return ['1024-65535', 'all'];
  return words.includes('comment') ? [] : ['host', 'inside', 'outside', 'comment'].filter(w => !words.slice(0, -1).includes(w));
}

/** `ip upnp rules …`: who may map what, in order. */
export function addRuleVerbs(ctx: Context, g: Gateway): void {
  const number = { schema: z.number().int().min(1), help: 'number of the rule', complete: () => g.settings.rules.map((_, i) => String(i + 1)) };
  const place = (n: number): number => {
    const { length } = g.settings.rules;
    if (n > length) throw new CliError(length === 0 ? 'there are no rules' : `there is no rule ${n}; there are ${length}`);
    return n - 1;
  };
  const change = async (edit: (rules: RuleSettings[]) => RuleSettings[], author: string): Promise<Table> => {
    await ctx.commit(draft => { draft.rules = edit([...draft.rules]); }, author);
    return table(g.settings.rules);
  };
  ctx.command({ path: 'ip upnp rules list', help: 'permission rules; the first that fits counts, and what none fits is allowed', access: 'read', run: () => table(g.settings.rules) });
  ctx.command({
    path: 'ip upnp rules add', help: 'a new rule, as the last', args: { rule: { schema: z.string(), help: HELP, rest: true, complete } },
    run({ rule }, io) { const made = parseRule(rule); return change(rules => [...rules, made], io.author); },
  });
  ctx.command({
    path: 'ip upnp rules insert', help: 'a new rule before another', args: { number, rule: { schema: z.string(), help: HELP, rest: true, complete } },
    run({ number: n, rule }, io) { const at = place(n); const made = parseRule(rule); return change(rules => rules.toSpliced(at, 0, made), io.author); },
  });
  ctx.command({
    path: 'ip upnp rules move', help: 'puts a rule to another place', args: { number, target: { ...number, help: 'number it has afterwards' } },
    run({ number: n, target }, io) {
      const [from, to] = [place(n), place(target)];
      return change(rules => rules.toSpliced(from, 1).toSpliced(to, 0, rules[from]!), io.author);
    },
  });
  ctx.command({
    path: 'ip upnp rules delete', help: 'takes a rule away', args: { number },
    run({ number: n }, io) { const at = place(n); return change(rules => rules.toSpliced(at, 1), io.author); },
  });
}
