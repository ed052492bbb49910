import { z, type ZodType } from 'zod';
import { isSecret } from '../config/effective.ts';
import type { Meta } from '../config/schema.ts';

export type JsonSchema = { [key: string]: unknown };

/**
 * The settings of a plugin as JSON Schema (2020-12), in the form in which they are typed. What the plugin says with meta comes
 * along as `title`, `unit` and `help`; secrets are `writeOnly` and show no default.
 * @param base where in a larger document this schema will stand ('#/components/schemas/lan'), for its own references
 */
export function settingsSchema(schema: ZodType, base = '#'): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return marked(json, undefined, base) as JsonSchema;
}

function marked(json: unknown, name: string | undefined, base: string): unknown {
  if (Array.isArray(json)) return json.map((each) => marked(each, name, base));
  if (typeof json !== 'object' || json === null) return json;
  const schema = json as JsonSchema;
  const out: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) out[key] = below(key, value, name, base);
  if (schema['secret'] === true || (isSecret(schema as Meta, name) && isLeaf(schema))) {
    out['writeOnly'] = true;
    delete out['default'];
  }
  delete out['secret'];
  if (typeof schema['help'] === 'string' && schema['description'] === undefined) out['description'] = schema['help'];
  return out;
}

const isLeaf = ({ type, anyOf, oneOf, allOf }: JsonSchema): boolean => type !== 'object' && type !== 'array' && type !== 'boolean' && anyOf === undefined && oneOf === undefined && allOf === undefined;

function below(key: string, value: unknown, name: string | undefined, base: string): unknown {
  switch (key) {
    case 'properties': case '$defs': case 'patternProperties':
      return Object.fromEntries(Object.entries(value as JsonSchema).map(([k, each]) => [k, marked(each, key === 'properties' ? k : undefined, base)]));
    case 'items': case 'prefixItems': case 'anyOf': case 'oneOf': case 'allOf': return marked(value, name, base);
    case 'additionalProperties': case 'propertyNames': case 'not': return marked(value, undefined, base);
    case '$ref': return typeof value === 'string' && value.startsWith('#') ? base + value.slice(1) : value;
    // zod gives plain integers these bounds; they say nothing.
    case 'minimum': case 'maximum': return typeof value === 'number' && Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
    default: return value;
  }
}
