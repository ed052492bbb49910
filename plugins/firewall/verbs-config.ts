import { CliError, type Facts, type Table, z } from '../../sdk/index.ts';
import type { Core } from './core.ts';
import { parsedRule } from './edit.ts';
import { predefined } from './services.ts';
import { direction, freshId, insert, places, remove } from './rules/list.ts';
import type { RuleSettings } from './rules/schema.ts';
import { type RuleSet, setNamed, setWords } from './sets.ts';
import { completeSet, ruleChange, setChange } from './set-words.ts';
import type { Settings, thresholdNames } from './settings.ts';
import { attackSettings, ruleFacts, setFacts, setRules, setTable } from './tables-sets.ts';
import { WorkingCopy } from './working-copy.ts';

/** The original's words for thresholds. */
const thresholds: Readonly<Record<string, (typeof thresholdNames)[number]>> = {
  'minute-high': 'oneMinuteHigh', 'minute-low': 'oneMinuteLow', 'max-incomplete-high': 'maxIncompleteHigh', 'max-incomplete-low': 'maxIncompleteLow', 'tcp-max-incomplete': 'tcpMaxIncomplete',
};
const NOT_YET = 'changed; config save firewall puts it in force';

/** The original's older tree, `config … firewall`: a copy is edited, and put in force as a whole. */
export function configVerbs(core: Core): void {
  const { ctx } = core;
  const copy = new WorkingCopy({ settings: () => core.settings, commit: (change, author) => ctx.commit(change, author) });
  const edit = (change: (draft: Settings) => void): string => {
    copy.edit(change);
    return NOT_YET;
  };
  const yesNo = { schema: z.enum(['yes', 'no']), help: 'yes or no' };
  const set = { schema: z.string(), help: 'number of a set, or its direction: LAN-WAN', complete: () => setWords(copy.settings) };
  const ruleWord = { schema: z.enum(['rule']).optional(), help: 'rule' };
  const ruleNumber = { schema: z.number().int().min(1).optional(), help: 'number of the rule' };

  for (const [name, threshold] of Object.entries(thresholds)) {
    ctx.command({
      path: `config edit firewall attack ${name}`, help: 'a threshold of half-open sessions', args: { value: { schema: z.number().int().min(1).max(1_000_000), help: 'sessions' } },
      run: ({ value }) => edit((d) => { d.dos.thresholds[threshold] = value; }),
    });
  }
  ctx.command({ path: 'config edit firewall active', help: 'switch the firewall on or off', args: { active: yesNo }, run: ({ active }) => edit((d) => { d.active = active === 'yes'; }) });
  ctx.command({ path: 'config edit firewall attack send-alert', help: 'whether attacks are alerts', args: { alert: yesNo }, run: ({ alert }) => edit((d) => { d.log.alerts = alert === 'yes'; }) });
  ctx.command({
    path: 'config edit firewall attack block', help: 'yes: new sessions to a destination with too many half-open ones are refused for block-minute; no: its oldest is deleted', args: { block: yesNo },
    run: ({ block }) => edit((d) => { d.dos.blockMinutes = block === 'no' ? 0 : d.dos.blockMinutes || BLOCK_MINUTES; }),
  });
  ctx.command({
    path: 'config edit firewall attack block-minute', help: 'minutes for which a destination with too many half-open sessions is blocked; 0: delete the oldest',
    args: { minutes: { schema: z.number().int().min(0).max(255), help: '0–255' } },
    run: ({ minutes }) => edit((d) => { d.dos.blockMinutes = minutes; }),
  });
  ctx.command({
    path: 'config edit firewall set', help: 'change a set (a direction), or a rule of it',
    args: {
      set, words: {
        schema: z.string(), rest: true, help: 'a word and its value (default-permit, log, tcp-idle-timeout, …); or rule, its number, a word and its value',
        complete: (typed: string) => completeSet(typed, LISTED, [...predefined, ...copy.settings.services].map((x) => x.name)),
      },
    },
    run({ set: name, words }) {
      const s = setNamed(copy.settings, name);
      const [first, number = '', ...rest] = words.trim().split(/\s+/);
      if (first?.toLowerCase() === 'rule') return edit((d) => editRule(d, s, /^\d+$/.test(number) ? Number(number) : 0, rest));
      const change = setChange(words.trim().split(/\s+/));
      return edit((d) => editSet(d, s, change, core.ruleset.direction(s.from, s.to)));
    },
  });
  ctx.command({
    path: 'config insert firewall set', help: 'a new rule of a set; it is not active until config edit firewall … active yes', args: { set, rule: ruleWord, number: ruleNumber },
    run({ set: name, rule, number }) {
      const s = setNamed(copy.settings, name);
      if (rule === undefined) return `set ${title(s)} is there, as all sets are; config insert firewall set ${name} rule <number> makes a rule`;
      const n = count(copy.settings, s) + 1;
      const at = Math.min(number ?? n, n);
      edit((d) => { d.rules = insert(d.rules, at, fresh(d, s), direction(s.from, s.to)); });
      return `rule ${at} of ${title(s)}, not active; ${NOT_YET}`;
    },
  });
  ctx.command({
    path: 'config delete firewall set', help: 'a rule of a set; or all its rules and what it says by itself', args: { set, rule: ruleWord, number: ruleNumber },
    run({ set: name, rule, number }) {
      const s = setNamed(copy.settings, name);
      const mine = direction(s.from, s.to);
      if (rule === undefined) return edit((d) => {
        d.rules = d.rules.filter((r) => !mine(r));
        d.directions = d.directions.filter((x) => !mine(x));
        d.setNames = d.setNames.filter((x) => !mine(x));
      });
      if (number === undefined) throw new CliError(`number is missing: ${has(copy.settings, s)}`);
      place(copy.settings, s, number);
      return edit((d) => { d.rules = remove(d.rules, number, mine); });
    },
  });
  ctx.command({ path: 'config delete firewall attack', help: 'thresholds as the profile has them', run: () => edit((d) => { d.dos.thresholds = {}; d.dos.blockMinutes = 0; }) });

  ctx.command({
    path: 'config display firewall', access: 'read', help: 'the sets, and whether anything waits for config save firewall',
    run: () => [{ facts: { active: copy.settings.active ? 'yes' : 'no', profile: copy.settings.profile, 'not saved': copy.changed ? 'yes' : 'no' } }, setTable(copy.settings, core)],
  });
  ctx.command({ path: 'config display firewall attack', access: 'read', help: 'thresholds', run: () => attackSettings(copy.settings) });
  ctx.command({
    path: 'config display firewall set', access: 'read', help: 'a set and its rules, or one rule', args: { set, rule: ruleWord, number: ruleNumber },
    run({ set: name, rule, number }): Facts | (Facts | Table)[] {
      const s = setNamed(copy.settings, name);
      if (rule === undefined) return [setFacts(copy.settings, s, core), setRules(copy.settings, s)];
      if (number === undefined) throw new CliError(`number is missing: ${has(copy.settings, s)}`);
      return ruleFacts(copy.settings.rules[place(copy.settings, s, number)]!, number, s);
    },
  });
  ctx.command({ path: 'config retrieve firewall', help: 'forget what was edited: the settings in force again', run: () => copy.retrieve() ? 'what was edited is forgotten' : 'nothing was edited' });
  ctx.command({ path: 'config save firewall', help: 'put what was edited in force', run: (_args, io) => copy.save(io.author) });
}

/** What `block yes` means where no time was said. */
const BLOCK_MINUTES = 10;
/** Numbers of rules that are offered. */
const LISTED = 20;

const title = (s: RuleSet): string => `${s.from} → ${s.to}`;
const count = (settings: Settings, s: RuleSet): number => places(settings.rules, direction(s.from, s.to)).length;

function has(settings: Settings, s: RuleSet): string {
  const n = count(settings, s);
  return n === 0 ? `${title(s)} has no rules` : `the rules of ${title(s)} are 1${n > 1 ? `–${n}` : ''}`;
}

/** Where in the list a rule of a set stands. */
function place(settings: Settings, s: RuleSet, number: number): number {
  const at = places(settings.rules, direction(s.from, s.to))[number - 1];
  if (at === undefined) throw new CliError(`there is no rule ${number}: ${has(settings, s)}`);
  return at;
}

const fresh = (settings: Settings, s: RuleSet): RuleSettings => parsedRule({ id: freshId(settings.rules), from: s.from, to: s.to, active: false });

/** The number behind the last rule makes a new one, as `ip nat server edit` does. */
function editRule(draft: Settings, s: RuleSet, number: number, words: readonly string[]): void {
  const n = count(draft, s);
  if (number < 1 || number > n + 1) throw new CliError(`rule needs a number: ${has(draft, s)}; ${n + 1} is a new one`);
  const at = number <= n ? place(draft, s, number) : -1;
  const before = at < 0 ? fresh(draft, s) : draft.rules[at]!;
  const rule = parsedRule({ ...before, ...ruleChange(words, before) });
  draft.rules = at < 0 ? insert(draft.rules, number, rule, direction(s.from, s.to)) : draft.rules.map((r, i) => i === at ? rule : r);
}

function editSet(draft: Settings, s: RuleSet, change: ReturnType<typeof setChange>, now: { readonly action: RuleSettings['action']; readonly log: boolean }): void {
  const mine = direction(s.from, s.to);
  if (s.number === 0 && (change.action !== undefined || change.log !== undefined)) throw new CliError(`${title(s)} has rules only; defaults have the sets with a number`);
  if (change.action !== undefined || change.log !== undefined) {
    const { action, log } = draft.directions.find(mine) ?? now;
    draft.directions = [...draft.directions.filter((d) => !mine(d)), { from: s.from, to: s.to, action: change.action ?? action, log: change.log ?? log }];
  }
  if (change.name !== undefined) draft.setNames = [...draft.setNames.filter((x) => !mine(x)), ...(change.name === '' ? [] : [{ from: s.from, to: s.to, name: change.name }])];
  if (change.idle) draft.idle = Object.fromEntries(Object.entries({ ...draft.idle, ...change.idle }).filter(([, v]) => v !== undefined));
}
