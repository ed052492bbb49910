import { inNumbers, sentence, spoken } from '../../shell/words.ts';
import type { JsonSchema } from '../../wire/settings.ts';
import type { Keys } from './keys.ts';

/** The router names what has no title by its key. */
export const titleOf = (schema: JsonSchema, keys: Keys): string => schema.title ?? spoken(String(keys.at(-1) ?? ''));
export const helpOf = (schema: JsonSchema): string => sentence(schema.help ?? schema.description ?? '');

function rangeOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const low = minimum ?? exclusiveMinimum;
  if (low !== undefined && maximum !== undefined) return `${inNumbers(low)}–${inNumbers(maximum)}`;
  if (low !== undefined && low !== 0) return exclusiveMinimum === undefined ? `at least ${inNumbers(low)}` : `above ${inNumbers(low)}`;
  return maximum === undefined ? '' : `at most ${inNumbers(maximum)}`;
}

/** Help and range, unless the help tells the range already. */
export function helpWithRange(schema: JsonSchema): string {
  const help = helpOf(schema);
  const range = rangeOf(schema);
  const bounds = [schema.minimum ?? schema.exclusiveMinimum, schema.maximum].filter((n) => n !== undefined);
  const told = bounds.length > 0 && bounds.every((n) => (help.match(/\d[\d,.]*/g) ?? []).some((word) => Number(word.replace(/,|\.$/g, '')) === n));
  if (range === '' || told) return help;
  const words = `${range}${schema.unit ? ` ${schema.unit}` : ''}`;
  return help === '' ? words : `${help}${help.endsWith('.') ? '' : '.'} ${sentence(words)}.`;
}
