import { CliError } from '../../sdk/index.ts';
import { bitsOf, format4, parse4 } from '../../sdk/wire/address.ts';
import type { IdleName } from './idle-times.ts';
import { NAME_MOST } from './rules/model.ts';
import type { RuleSettings } from './rules/schema.ts';
import { parseService } from './rules/text.ts';
import type { Settings } from './settings.ts';

/** The original's words for what is kept of a rule that is being edited. */
type Draft = Partial<RuleSettings>;
type Taken = (values: readonly string[], rule: RuleSettings) => Draft;

const YES = ['yes', 'no'] as const;
const PERMIT = ['forward', 'block', 'reject'] as const;
const LOG = ['none', 'match', 'not-match', 'both'] as const;

/** One of the words, or an error that names them. */
function choice<T extends string>(field: string, allowed: readonly T[], value: string | undefined): T {
  const found = allowed.find((a) => a === value?.toLowerCase());
  if (found === undefined) throw new CliError(`${value === undefined ? `${field} needs a value` : `'${value}' is not allowed for ${field}`}; allowed: ${allowed.join(', ')}`);
  return found;
}

function number(field: string, value: string | undefined, least: number, most: number): number {
  const n = value !== undefined && /^\d+$/.test(value) ? Number(value) : -1;
  if (n < least || n > most) throw new CliError(`${field} must be a number from ${least} to ${most}${value === undefined ? '' : `, not '${value}'`}`);
  return n;
}

function exactly(field: string, values: readonly string[], what: readonly string[]): void {
  if (values.length !== what.length) throw new CliError(`${field} takes ${what.map((w) => `<${w}>`).join(' ') || 'no value'}`);
}

function ip(field: string, value: string | undefined): string {
  const address = parse4(value ?? '');
  if (address === undefined) throw new CliError(`'${value ?? ''}' is no IPv4 address for ${field}, like 192.168.1.33`);
  return format4(address);
}

/** 'forward' lets through; 'block' is silent; 'reject' is ours. */
const actionOf = (word: (typeof PERMIT)[number]): RuleSettings['action'] => word === 'forward' ? 'permit' : word === 'block' ? 'drop' : 'reject';
export const wordOf = (action: RuleSettings['action']): string => action === 'permit' ? 'forward' : action === 'drop' ? 'block' : 'reject';

const addressFields = (prefix: 'srcaddr' | 'destaddr'): Record<string, Taken> => {
  const add = (rule: RuleSettings, text: string): Draft => {
    const list = prefix === 'srcaddr' ? rule.source : rule.destination;
    const next = [...list.filter((t) => t !== text && t.toLowerCase() !== 'any'), text];
    return prefix === 'srcaddr' ? { source: next } : { destination: next };
  };
  return {
    [`${prefix}-any`]: (v) => {
      exactly(`${prefix}-any`, v, []);
      return prefix === 'srcaddr' ? { source: [], sourceNot: false } : { destination: [], destinationNot: false };
    },
    [`${prefix}-single`]: (v, rule) => {
      exactly(`${prefix}-single`, v, ['address']);
      return add(rule, ip(`${prefix}-single`, v[0]));
    },
    [`${prefix}-subnet`]: (v, rule) => {
      exactly(`${prefix}-subnet`, v, ['address', 'mask']);
      const [address, mask] = [ip(`${prefix}-subnet`, v[0]), ip(`${prefix}-subnet`, v[1])];
      const bits = bitsOf(parse4(mask)!);
      if (bits === undefined) throw new CliError(`'${v[1]}' is no subnet mask, like 255.255.255.0`);
      return add(rule, `${address}/${bits}`);
    },
    [`${prefix}-range`]: (v, rule) => {
      exactly(`${prefix}-range`, v, ['first', 'last']);
      const [first, last] = [ip(`${prefix}-range`, v[0]), ip(`${prefix}-range`, v[1])];
      if (parse4(first)! > parse4(last)!) throw new CliError(`the range ${first}-${last} is inverted`);
      return add(rule, `${first}-${last}`);
    },
  };
};

/** Adds a service; the bare protocol that stood there meant all its ports, and now means these. */
function service(rule: RuleSettings, text: string): Draft {
  const [protocol = ''] = text.split('/');
  const bare = new Set([protocol, protocol === 'tcp' ? '6' : '17']);
  return { services: [...rule.services.filter((s) => s !== text && !bare.has(s.toLowerCase())), text] };
}

const portFields = (protocol: 'tcp' | 'udp'): Record<string, Taken> => ({
  'destport-any': (v, rule) => {
    exactly('destport-any', v, []);
    return { services: [...rule.services.filter((s) => s.split('/')[0]!.toLowerCase() !== protocol), protocol] };
  },
  'destport-single': (v, rule) => {
    exactly('destport-single', v, ['port']);
    return service(rule, `${protocol}/${number('destport-single', v[0], 0, 65_535)}`);
  },
  'destport-range': (v, rule) => {
    exactly('destport-range', v, ['first', 'last']);
    const [first, last] = [number('destport-range', v[0], 0, 65_535), number('destport-range', v[1], 0, 65_535)];
    if (first > last) throw new CliError(`the range ${first}-${last} is inverted`);
    return service(rule, `${protocol}/${first}-${last}`);
  },
});
const ports = { tcp: portFields('tcp'), udp: portFields('udp') };

const ruleFields: Readonly<Record<string, Taken>> = {
  permit: (v) => ({ action: actionOf(choice('permit', PERMIT, v[0])) }),
  active: (v) => ({ active: choice('active', YES, v[0]) === 'yes' }),
  protocol: (v) => {
    const n = number('protocol', v[0], 0, 255);
    return { services: n === 0 ? [] : [n === 6 ? 'tcp' : n === 17 ? 'udp' : String(n)] };
  },
  log(v) {
    const how = choice('log', LOG, v[0]);
    if (how === 'not-match' || how === 'both') throw new CliError(`log ${how} is not done: what no rule matches is logged by the set (config edit firewall set <set> log yes); allowed: none, match`);
    return { log: how === 'match' };
  },
  alert: (v) => ({ alert: choice('alert', YES, v[0]) === 'yes' }),
  name: (v) => ({ name: v.join(' ') }),
  ...addressFields('srcaddr'),
  ...addressFields('destaddr'),
  tcp: (v, rule) => portField('tcp', v, rule),
  udp: (v, rule) => portField('udp', v, rule),
  'destport-custom': (v, rule) => {
    const text = v.join(' ');
    const found = parseService(text);
    if (typeof found === 'string' || found[0]?.kind !== 'named') throw new CliError(`destport-custom takes <the name of a service>; firewall service list shows them`);
    return { services: [...rule.services.filter((s) => s !== text), text] };
  },
};

const pick = <T>(table: Readonly<Record<string, T>>, word: string | undefined, what: string): T => {
  const key = word?.toLowerCase() ?? '';
  if (!Object.hasOwn(table, key)) throw new CliError(`${word === undefined ? `${what} is missing` : `'${word}' is no ${what}`}; allowed: ${Object.keys(table).join(', ')}`);
  return table[key]!;
};

const portField: (protocol: 'tcp' | 'udp', values: readonly string[], rule: RuleSettings) => Draft = (protocol, [field, ...values], rule) =>
  pick(ports[protocol], field, `word after ${protocol}`)(values, rule);

/** What 'srcaddr-subnet 192.168.1.0 255.255.255.0' makes of a rule; addresses and ports are added to those that are there. Throws CliError. */
export function ruleChange(words: readonly string[], rule: RuleSettings): Draft {
  const [field, ...values] = words;
  return pick(ruleFields, field, 'word of a rule')(values, rule);
}

const SECONDS_MOST = 604_800;
/** The original's timeouts of a set, by the setting that stands for them. */
export const timeoutFields: Readonly<Record<string, IdleName>> = {
  'icmp-timeout': 'icmp', 'udp-idle-timeout': 'udp', 'connection-timeout': 'connection', 'fin-wait-timeout': 'finWait', 'tcp-idle-timeout': 'tcp',
};
const setFields = ['name', 'default-permit', 'log', 'pnc', ...Object.keys(timeoutFields), 'rule'] as const;

/** What a word about a whole set changes. */
export interface SetChange { readonly name?: string; readonly action?: RuleSettings['action']; readonly log?: boolean; readonly idle?: Settings['idle'] }

/** Throws CliError with what would be right. */
export function setChange(words: readonly string[]): SetChange {
  const [field = '', ...values] = words;
  const timeout = Object.hasOwn(timeoutFields, field) ? timeoutFields[field]! : undefined;
  if (timeout !== undefined) {
    const seconds = number(field, values[0], 0, SECONDS_MOST);
    return { idle: { [timeout]: seconds === 0 ? undefined : seconds } };
  }
  switch (field) {
    case 'name': {
      const name = values.join(' ');
      if (name.length > NAME_MOST) throw new CliError(`the name has ${name.length} characters; allowed: ${NAME_MOST}`);
      return { name };
    }
    case 'default-permit': return { action: actionOf(choice(field, PERMIT, values[0])) };
    case 'log': return { log: choice(field, YES, values[0]) === 'yes' };
    case 'pnc':
      if (choice(field, YES, values[0]) === 'yes') throw new CliError('the Prestige Network Commander is not known here; allowed: no');
      return {};
  }
  throw new CliError(`${field === '' ? 'a word is missing' : `'${field}' is no word of a set`}; allowed: ${setFields.join(', ')}`);
}

/** Words that may stand next after 'set <set>'. `rules`: how many the set has. */
export function completeSet(typed: string, rules: number, services: readonly string[]): readonly string[] {
  const words = typed.split(/\s+/).slice(0, -1).map((w) => w.toLowerCase());
  const [first, second, third, fourth] = words;
  if (first === undefined) return setFields;
  if (first !== 'rule') return first === 'default-permit' ? PERMIT : first === 'log' || first === 'pnc' ? YES : [];
  if (second === undefined) return Array.from({ length: Math.min(rules + 1, 50) }, (_, i) => String(i + 1));
  if (third === undefined) return Object.keys(ruleFields);
  if (fourth !== undefined) return [];
  switch (third) {
    case 'permit': return PERMIT;
    case 'active': case 'alert': return YES;
    case 'log': return LOG.slice(0, 2);
    case 'tcp': return Object.keys(ports.tcp);
    case 'udp': return Object.keys(ports.udp);
    case 'destport-custom': return services;
  }
  return [];
}
