import { CliError } from '../../sdk/index.ts';
import type { Settings } from './settings.ts';
import { ANY_ZONE } from './rules/model.ts';
import { STANDARD_ZONES } from './zones.ts';

/** A direction as the original's older tree calls it: a numbered set of rules. */
export interface RuleSet { readonly number: number; readonly from: string; readonly to: string }

/** LAN → WAN is 1 and WAN → LAN is 2, as in the original's family; the others follow row by row of the matrix, those of further zones at the end. */
export function ruleSets(settings: Pick<Settings, 'zones'>): readonly RuleSet[] {
  const pairs = (zones: readonly string[]): string[] => zones.flatMap((from) => zones.map((to) => `${from} ${to}`));
  const ways = new Set(['LAN WAN', 'WAN LAN', ...pairs(STANDARD_ZONES), ...pairs([...STANDARD_ZONES, ...settings.zones])]);
  return [...ways].map((way, i) => {
    const [from = '', to = ''] = way.split(' ');
    return { number: i + 1, from, to };
  });
}

/** A set by its number, or by its direction: 'LAN-WAN', 'Any-LAN' (which has no number: 0). Throws a CliError that says what there is. */
export function setNamed(settings: Pick<Settings, 'zones'>, word: string): RuleSet {
  const sets = ruleSets(settings);
  if (/^\d+$/.test(word)) {
    const found = sets[Number(word) - 1];
    if (found) return found;
    throw new CliError(`there is no set ${word}; sets are 1–${sets.length} (config display firewall lists them), or directions like LAN-WAN`);
  }
  const names = [...STANDARD_ZONES, ...settings.zones, ANY_ZONE];
  const way = names.flatMap((from) => names.map((to) => ({ from, to }))).find(({ from, to }) => `${from}-${to}`.toLowerCase() === word.toLowerCase());
  if (!way) throw new CliError(`there is no set '${word}'; sets are numbers from 1 to ${sets.length}, or directions like LAN-WAN, of the zones ${names.join(', ')}`);
  return sets.find((s) => s.from === way.from && s.to === way.to) ?? { number: 0, ...way };
}

export const setWords = (settings: Pick<Settings, 'zones'>): readonly string[] => ruleSets(settings).flatMap((s) => [String(s.number), `${s.from}-${s.to}`]);
