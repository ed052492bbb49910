import type { Facts, Table } from '../../sdk/index.ts';
import { type Core, thresholdsOf } from './core.ts';
import { direction } from './rules/list.ts';
import { ruleOf, type RuleSettings } from './rules/schema.ts';
import { side } from './rule-table.ts';
import { formatSchedule } from './schedule.ts';
import { ruleSets, type RuleSet } from './sets.ts';
import { timeoutFields, wordOf } from './set-words.ts';
import type { Settings } from './settings.ts';
import { ruleCounts } from './tables.ts';

type Rulings = Pick<Core, 'ruleset'>;
const defaultOf = (settings: Settings, s: RuleSet, core: Rulings) => settings.directions.find(direction(s.from, s.to)) ?? core.ruleset.direction(s.from, s.to);
const nameOf = (settings: Settings, s: RuleSet): string => settings.setNames.find(direction(s.from, s.to))?.name ?? '';
const yes = (is: boolean): string => is ? 'yes' : 'no';

/** All sets, in the original's words. */
export function setTable(settings: Settings, core: Rulings): Table {
  const counts = ruleCounts(settings);
  return {
    columns: ['set', 'direction', 'name', 'default-permit', 'log', 'rules'],
    rows: ruleSets(settings).map((s) => {
      const { action, log } = defaultOf(settings, s, core);
      return [s.number, `${s.from}-${s.to}`, nameOf(settings, s), wordOf(action), yes(log), counts.get(`${s.from} ${s.to}`) ?? 0];
    }),
  };
}

export function setFacts(settings: Settings, s: RuleSet, core: Rulings): Facts {
  const { action, log } = defaultOf(settings, s, core);
  const times = Object.entries(timeoutFields).map(([word, name]) => [`${word} (all sets)`, settings.idle[name] ?? 'not set'] as const);
  return { facts: {
    set: s.number === 0 ? 'no number' : s.number, direction: `${s.from}-${s.to}`, name: nameOf(settings, s),
    ...(s.number === 0 ? {} : { 'default-permit': wordOf(action), log: yes(log) }), pnc: 'no', ...Object.fromEntries(times),
  } };
}

/** Rules that are shown at once. */
const SHOWN = 200;

export function setRules(settings: Settings, s: RuleSet): Table {
  const rules = settings.rules.filter(direction(s.from, s.to));
  return {
    columns: ['rule', 'name', 'active', 'permit', 'source', 'destination', 'services', 'log', 'alert'],
    rows: rules.slice(0, SHOWN).map((r, i) => [i + 1, r.name, yes(r.active), wordOf(r.action), side(r.source, r.sourceNot), side(r.destination, r.destinationNot), r.services.join(', ') || 'any', r.log ? 'match' : 'none', yes(r.alert)]),
    ...(rules.length > SHOWN ? { title: `${SHOWN} of ${rules.length} rules` } : {}),
  };
}

export function ruleFacts(r: RuleSettings, number: number, s: RuleSet): Facts {
  const { schedule } = ruleOf(r);
  return { facts: {
    rule: `${number} of ${s.from}-${s.to}`, name: r.name, active: yes(r.active), permit: wordOf(r.action), source: side(r.source, r.sourceNot), destination: side(r.destination, r.destinationNot),
    services: r.services.join(', ') || 'any', schedule: schedule ? formatSchedule(schedule) : 'always', log: r.log ? 'match' : 'none', alert: yes(r.alert), comment: r.comment,
  } };
}

/** `config display firewall attack`. */
export function attackSettings(s: Settings): Facts {
  const t = thresholdsOf(s);
  return { facts: {
    'send-alert': yes(s.log.alerts), block: yes(s.dos.blockMinutes > 0), 'block-minute': s.dos.blockMinutes, 'minute-high': t.oneMinuteHigh, 'minute-low': t.oneMinuteLow,
    'max-incomplete-high': t.maxIncompleteHigh, 'max-incomplete-low': t.maxIncompleteLow, 'tcp-max-incomplete': t.tcpMaxIncomplete,
  } };
}
