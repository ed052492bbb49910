import { z } from 'zod';
import { CliError } from '../../sdk/cli.ts';
import { type Json, unstorable } from './document.ts';
import { isPlain, type Schema } from './schema.ts';
import { ConfigProblem, fieldOf } from './section.ts';

const encode = (schema: Schema, value: unknown) => z.core.safeEncode(schema, value as never);

/**
 * A plugin's own view of its settings, back in the form in which they are stored. Where the schema changes nothing that is the same, and whether
 * it fits is looked at once, by the commit: zod would need longer for thousands of rules than all the rest.
 */
export function typed(id: string, schema: Schema, value: unknown): Json {
  if (isPlain(schema)) {
    const wrong = unstorable(value);
    if (wrong !== undefined) throw new CliError(`${id}: ${wrong}`);
    return value as Json;
  }
  let result: ReturnType<typeof encode>;
  try {
    result = encode(schema, value);
  } catch (error) {
    throw new CliError(`${id}: these settings cannot be changed by the plugin itself: ${error instanceof Error ? error.message : String(error)} (use z.codec)`);
  }
  if (!result.success) throw new ConfigProblem(result.error.issues.map((i) => fieldOf(id, i.path, i.message)));
  const wrong = unstorable(result.data);
  if (wrong !== undefined) throw new CliError(`${id}: ${wrong}`);
  return result.data as Json;
}
