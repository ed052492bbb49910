import type { ZodType } from 'zod';
import { shapeOf } from '../../cli/schema.ts';
import { clip } from '../../config/spelling.ts';
import { HttpProblem } from '../problem.ts';
import type { Parameters } from './operation.ts';

const truths: Readonly<Record<string, boolean>> = { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false };

/** What a text may mean to this schema, the likeliest first. */
function readings(schema: ZodType, text: string): unknown[] {
  const { kinds } = shapeOf(schema);
  const found: unknown[] = [];
  if (kinds.has('number') && /^[+-]?\d+(\.\d+)?$/.test(text)) found.push(Number(text));
  if (kinds.has('boolean') && Object.hasOwn(truths, text.toLowerCase())) found.push(truths[text.toLowerCase()]);
  if (kinds.has('json')) {
    try {
      found.push(JSON.parse(text));
    } catch { /* no JSON: another reading may fit */ }
  }
  return [...found, text];
}

/** The value of one parameter. Throws HttpProblem 400 with what is allowed. */
export function fromText(name: string, schema: ZodType, text: string | undefined): unknown {
  let said: readonly string[] = [];
  for (const value of text === undefined ? [undefined] : readings(schema, text)) {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    said = result.error.issues.map((i) => i.message);
  }
  const { description } = shapeOf(schema);
  throw new HttpProblem(400, text === undefined ? `${name} is missing; allowed: ${description}` : `${name}: '${clip(text)}' does not fit (${said.join('; ')}); allowed: ${description}`);
}

/** All parameters of one kind; names that nobody knows are refused, for they are misspelt ones. */
export function fromTexts(parameters: Parameters, texts: ReadonlyMap<string, string>, what: string): Record<string, unknown> {
  for (const name of texts.keys()) if (!Object.hasOwn(parameters, name)) throw new HttpProblem(400, `there is no ${what} '${clip(name)}'; there are: ${Object.keys(parameters).join(', ') || 'none'}`);
  return Object.fromEntries(Object.entries(parameters).map(([name, { schema }]) => [name, fromText(name, schema, texts.get(name))]));
}
