import type { ZodType } from 'zod';
import { z } from 'zod';

/** What the command line needs to know of a schema: which words it may take. */
export interface Shape {
  readonly kinds: ReadonlySet<'number' | 'boolean' | 'string' | 'json'>;
  readonly choices: readonly string[];
  /** For error texts: 'a whole number from 1 to 65535'. */
  readonly description: string;
  readonly optional: boolean;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
}

const shapes = new WeakMap<ZodType, Shape>();

/** Computed once per schema. */
export function shapeOf(schema: ZodType): Shape {
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const branches = flatten(json);
  const kinds = new Set(branches.map(kindOf));
  const choices = branches.flatMap((b) => (b.enum ?? (b.const === undefined ? [] : [b.const])).map(String));
  const described = [...(choices.length > 0 ? [`one of ${choices.join(', ')}`] : []), ...branches.filter((b) => b.enum === undefined && b.const === undefined).map(describe)];
  const shape: Shape = { kinds, choices, description: [...new Set(described)].join(', or '), optional: accepts(schema, undefined) };
  shapes.set(schema, shape);
  return shape;
}

/** A schema with an asynchronous check cannot be asked here; it counts as required. */
function accepts(schema: ZodType, value: unknown): boolean {
  try {
    return schema.safeParse(value).success;
  } catch {
    return false;
  }
}

function flatten(json: JsonSchema): readonly JsonSchema[] {
  const inner = json.anyOf ?? json.oneOf;
  return inner === undefined ? [json] : inner.flatMap(flatten);
}

function kindOf(json: JsonSchema): 'number' | 'boolean' | 'string' | 'json' {
  const sample = json.const ?? json.enum?.[0];
  if (typeof sample === 'number' || json.type === 'number' || json.type === 'integer') return 'number';
  if (typeof sample === 'boolean' || json.type === 'boolean') return 'boolean';
  return json.type === 'object' || json.type === 'array' ? 'json' : 'string';
}

// zod gives plain integers these bounds; they say nothing to a person.
const bound = (n: number | undefined): n is number => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;

function describe(json: JsonSchema): string {
  switch (kindOf(json)) {
    case 'boolean': return 'yes or no';
    case 'json': return `JSON (${String(json.type)})`;
    case 'number': return (json.type === 'integer' ? 'a whole number' : 'a number') + range(json.minimum, json.maximum);
    case 'string': return (json.format === undefined ? 'text' : `text (${json.format})`) + length(json.minLength, json.maxLength);
  }
}

function range(low: number | undefined, high: number | undefined): string {
  if (bound(low) && bound(high)) return ` from ${low} to ${high}`;
  if (bound(low)) return ` not below ${low}`;
  return bound(high) ? ` not above ${high}` : '';
}

function length(low: number | undefined, high: number | undefined): string {
  if (low !== undefined && high !== undefined) return ` of ${low} to ${high} characters`;
  if (high !== undefined) return ` of at most ${high} characters`;
  return low !== undefined && low > 1 ? ` of at least ${low} characters` : '';
}
