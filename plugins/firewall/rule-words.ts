import { CliError } from '../../sdk/index.ts';
import type { RuleSettings } from './rules/schema.ts';
import { dayNames } from './schedule.ts';

const RULE_HELP = 'permit|drop|reject, from [not] <addresses>, to [not] <addresses>, service <services>, name <name>, log|nolog, alert|noalert, on|off, days mon,tue, time 08:00-17:00, always, comment <text>';
const keywords = ['permit', 'drop', 'reject', 'from', 'to', 'service', 'name', 'log', 'nolog', 'alert', 'noalert', 'on', 'off', 'days', 'time', 'always', 'comment'] as const;
/** What was said about a rule; `schedule` undefined: it has none any more. */
type RuleDraft = { [K in keyof RuleSettings]?: RuleSettings[K] | undefined };
type Keyword = (typeof keywords)[number];

/** Splits at spaces and commas; what stands in quotes is one word. */
const wordsOf = (text: string): string[] => [...text.matchAll(/"([^"]*)"|'([^']*)'|[^\s,]+/g)].map((m) => m[1] ?? m[2] ?? m[0]);

/** Reads 'permit to 192.168.1.33 service tcp/80 name web log'; a number in front is where the rule goes. Throws CliError. */
export function parseRule(text: string): { readonly number: number; readonly draft: RuleDraft } {
  const words = wordsOf(text);
  const number = /^\d+$/.test(words[0] ?? '') ? Number(words.shift()) : 0;
  if (number === 0 && /^0+$/.test(text.trim().split(/\s/)[0] ?? '')) throw new CliError('rules are counted from 1');
  let draft: RuleDraft = {};
  while (words.length > 0) {
    const word = words.shift()!;
    const keyword = keywords.find((k) => k === word.toLowerCase());
    if (keyword === undefined) throw new CliError(`'${word}' says nothing about a rule; allowed: ${RULE_HELP}`);
    draft = { ...draft, ...part(keyword, words, draft) };
  }
  return { number, draft };
}

function part(keyword: Keyword, words: string[], draft: RuleDraft): RuleDraft {
  switch (keyword) {
    case 'permit': case 'drop': case 'reject': return { action: keyword };
    case 'from': case 'to': {
      const not = words[0]?.toLowerCase() === 'not';
      if (not) words.shift();
      const list = values(keyword, words).filter((t) => t.toLowerCase() !== 'any');
      return keyword === 'from' ? { source: list, sourceNot: not } : { destination: list, destinationNot: not };
    }
    case 'service': return { services: values(keyword, words).filter((t) => t.toLowerCase() !== 'any') };
    case 'name': return { name: one(keyword, words) };
    case 'log': case 'nolog': return { log: keyword === 'log' };
    case 'alert': case 'noalert': return { alert: keyword === 'alert' };
    case 'on': case 'off': return { active: keyword === 'on' };
    case 'always': return { schedule: undefined };
    case 'comment': return { comment: words.splice(0).join(' ') };
    case 'days': return { schedule: { ...(draft.schedule ?? whole), days: values(keyword, words).map(day) } };
    case 'time': {
      const [from, to, ...more] = one(keyword, words).split('-');
      if (from === undefined || to === undefined || more.length > 0) throw new CliError('time needs a beginning and an end, like 08:00-17:30');
      return { schedule: { ...(draft.schedule ?? whole), from, to } };
    }
  }
}

const whole = { days: [...dayNames], from: '00:00', to: '24:00' };

function day(text: string): (typeof dayNames)[number] {
  const found = dayNames.find((d) => d === text.slice(0, 3).toLowerCase());
  if (found === undefined) throw new CliError(`'${text}' is no day; days are ${dayNames.join(', ')}`);
  return found;
}

function one(keyword: Keyword, words: string[]): string {
  const word = words.shift();
  if (word === undefined) throw new CliError(`${keyword} needs a value`);
  return word;
}

/** Everything up to the next keyword. */
function values(keyword: Keyword, words: string[]): string[] {
  const found: string[] = [];
  while (words.length > 0 && !keywords.some((k) => k === words[0]!.toLowerCase())) found.push(words.shift()!);
  if (found.length === 0) throw new CliError(`${keyword} needs at least one value; 'any' stands for all`);
  return found;
}

/** Words that may follow: keywords, or what stands behind the last one. */
export function completeRule(typed: string, names: { readonly services: readonly string[]; readonly groups: readonly string[] }): readonly string[] {
  const words = typed.split(/[\s,]+/);
  const before = words.slice(0, -1).reverse().find((w) => keywords.some((k) => k === w.toLowerCase()))?.toLowerCase();
  const values = before === 'service' ? [...names.services, 'any'] : before === 'from' || before === 'to' ? [...names.groups, 'any', 'not'] : before === 'days' ? dayNames : [];
  return [...values, ...keywords];
}
