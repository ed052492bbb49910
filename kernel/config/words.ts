import { CliError } from '../../sdk/cli.ts';
import { shapeOf } from '../cli/schema.ts';
import type { ZodType } from 'zod';
import { z } from 'zod';
import { type Json, unstorable } from './document.ts';
import { isAnything, isContainer, optionsOf, peel, type Schema } from './schema.ts';
import { clip } from './spelling.ts';

const yes = new Set(['yes', 'on', 'true']);
const no = new Set(['no', 'off', 'false']);
const numeric = /^[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|0x[0-9a-f]+)$/i;

/** What a word may mean to this schema, the likeliest first. */
function readings(schema: Schema, text: string): Json[] {
  const { core, nullable } = peel(schema);
  const found: Json[] = [];
  if (nullable && text === 'null') found.push(null);
  for (const option of optionsOf(core)) found.push(...readings(option, text));
  if (isContainer(core) || isAnything(core)) {
    const json = jsonOf(text);
    if (json !== undefined) found.push(json);
    if (isContainer(core)) return found;
  }
  const kinds = kindsOf(core);
  if (kinds.has('number') && numeric.test(text)) found.push(Number(text));
  if (kinds.has('boolean')) {
    if (yes.has(text.toLowerCase())) found.push(true);
    if (no.has(text.toLowerCase())) found.push(false);
  }
  if (kinds.has('string') || isAnything(core)) found.push(text);
  return found;
}

/** Values that cannot be written as JSON Schema (a date, a file) have no words either. */
function kindsOf(core: Schema): ReadonlySet<string> {
  try {
    return shapeOf(core as ZodType).kinds;
  } catch {
    return new Set(['string']);
  }
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The words as a value of this setting, in the form in which it is stored. Throws CliError with what is allowed. */
export function readValue(path: string, schema: Schema, text: string): Json {
  let said = '';
  for (const value of readings(schema, text)) {
    const wrong = unstorable(value);
    if (wrong !== undefined) throw new CliError(`${path}: ${wrong}`);
    const problem = refusal(schema, value);
    if (problem === undefined) return value;
    said ||= problem;
  }
  throw new CliError(`${path}: '${clip(text)}' is not valid${said === '' ? '' : ` (${said})`}; allowed: ${expected(schema)}`);
}

/** Why the schema does not take this value; undefined: it does. */
function refusal(schema: Schema, value: Json): string | undefined {
  try {
    const result = z.core.safeParse(schema, value);
    return result.success ? undefined : result.error.issues.map((i) => [...i.path.length > 0 ? [`${i.path.map(String).join('.')}:`] : [], i.message].join(' ')).join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** 'yes or no', 'a whole number from 1 to 9', 'one of a, b', 'JSON …'. */
export function expected(schema: Schema): string {
  const { core, nullable } = peel(schema);
  let description = 'a value';
  if (isContainer(core) && optionsOf(core).length === 0) description = 'JSON in {…} or […]';
  else {
    try {
      description = shapeOf(core as ZodType).description;
    } catch { /* not expressible as JSON Schema */ }
  }
  return nullable ? `${description}, or null` : description;
}

/** Words that can be offered for this setting. */
export function choices(schema: Schema): readonly string[] {
  const { core } = peel(schema);
  if (isContainer(core)) return [];
  const found = new Set<string>();
  try {
    const shape = shapeOf(core as ZodType);
    for (const choice of shape.choices) found.add(choice);
    if (shape.kinds.has('boolean')) for (const word of ['yes', 'no']) found.add(word);
  } catch { /* nothing to offer */ }
  return [...found];
}
