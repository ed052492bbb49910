import type { Arg, Args } from '../../sdk/cli.ts';
import { UsageError } from './errors.ts';
import { shapeOf } from './schema.ts';
import { type Line, restOf } from './words.ts';

const yes = new Set(['yes', 'on', 'true', 'enable', '1']);
const no = new Set(['no', 'off', 'false', 'disable', '0']);
const numeric = /^[+-]?(?:\d+(?:\.\d+)?|0x[0-9a-f]+)$/i;

/** The values a word may stand for, the likeliest first; the schema takes the first that it accepts. */
function readings(arg: Arg, text: string): unknown[] {
  const { kinds, choices } = shapeOf(arg.schema);
  const found: unknown[] = [];
  if (kinds.has('number') && numeric.test(text)) found.push(Number(text));
  if (kinds.has('string')) found.push(text);
  if (kinds.has('boolean')) {
    const low = text.toLowerCase();
    if (yes.has(low)) found.push(true);
    if (no.has(low)) found.push(false);
  }
  if (kinds.has('json')) {
    try {
      found.push(JSON.parse(text));
    } catch { /* not JSON: another reading may fit */ }
  }
  const begun = choices.filter((c) => c.toLowerCase().startsWith(text.toLowerCase()));
  if (text !== '' && begun.length === 1 && kinds.has('string')) found.push(begun[0]);
  return found.length > 0 ? found : [text];
}

function take(name: string, arg: Arg, text: string, at: number): unknown {
  let said: string[] = [];
  for (const value of readings(arg, text)) {
    const result = arg.schema.safeParse(value);
    if (result.success) return result.data;
    said = result.error.issues.filter((i) => i.code === 'custom' || i.code === 'invalid_format').map((i) => i.message);
  }
  const { choices, description } = shapeOf(arg.schema);
  const why = said.length > 0 ? ` (${said.join('; ')})` : '';
  throw new UsageError(`'${text}' is not a valid ${name}${why}; allowed: ${description}`, at, choices);
}

/** The words from `from` on as checked values. Throws UsageError with the position and what is allowed. */
export function parseArgs(args: Args, line: Line, from: number): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  let next = from;
  for (const [name, arg] of Object.entries(args)) {
    const word = line.words[next];
    if (word === undefined) {
      const { choices, description, optional } = shapeOf(arg.schema);
      if (!optional) throw new UsageError(`${name} is missing: ${arg.help}; allowed: ${description}`, endOf(line), choices);
      values[name] = arg.schema.parse(undefined);
    } else if (arg.rest) {
      values[name] = take(name, arg, restOf(line, next)!, word.start);
      next = line.words.length;
    } else {
      values[name] = take(name, arg, word.text, word.start);
      next++;
    }
  }
  const extra = line.words[next];
  if (extra !== undefined) throw new UsageError(`'${extra.text}' is one word too many`, extra.start);
  return values;
}

const endOf = (line: Line): number => (line.words.at(-1)?.end ?? -1) + 1;

/** '<port>', '[on|off]', '<text…>' */
export function usageOf(args: Args | undefined): string {
  return Object.entries(args ?? {}).map(([name, arg]) => {
    const { choices, optional } = shapeOf(arg.schema);
    const inner = choices.length > 0 && choices.length <= 6 ? choices.join('|') : name;
    return optional ? `[${inner}${arg.rest ? '…' : ''}]` : `<${inner}${arg.rest ? '…' : ''}>`;
  }).join(' ');
}

/** Which argument the n-th word after the verb belongs to. */
export function argAt(args: Args | undefined, n: number): readonly [string, Arg] | undefined {
  const list = Object.entries(args ?? {});
  const rest = list.findIndex(([, a]) => a.rest === true);
  return list[rest >= 0 ? Math.min(n, rest) : n];
}
