import type { Json, JsonSchema, Step } from '../../wire/settings.ts';

/** How a setting is edited. */
export type Kind = 'switch' | 'choice' | 'set' | 'number' | 'text' | 'secret' | 'object' | 'list' | 'record' | 'variant' | 'json';

export interface Node {
  readonly kind: Kind;
  /** Without references and wrappers; what the outermost says counts. */
  readonly schema: JsonSchema;
  /** It may be null. */
  readonly nullable: boolean;
  /** Of a choice or a set. */
  readonly options: readonly Json[];
  /** Of a variant: the shapes it may have, told apart by the constant of `by`. */
  readonly variants: readonly { readonly value: Json; readonly schema: JsonSchema }[];
  readonly by: string;
}

const DEEPEST = 16;

/** Follows references into the schema of the whole section. */
function resolved(schema: JsonSchema, root: JsonSchema, depth = 0): JsonSchema {
  if (schema.$ref === undefined || depth > DEEPEST) return schema;
  const { $ref, ...said } = schema;
  let at: unknown = root;
  if ($ref !== '#') for (const step of $ref.replace(/^#\//, '').split('/')) at = (at as Record<string, unknown> | undefined)?.[step.replace(/~1/g, '/').replace(/~0/g, '~')];
  return { ...resolved((at as JsonSchema | undefined) ?? {}, root, depth + 1), ...said };
}

export function nodeOf(given: JsonSchema, root: JsonSchema): Node {
  let schema = resolved(given, root);
  if (schema.allOf !== undefined) {
    const parts = schema.allOf.map((s) => resolved(s, root));
    schema = { ...Object.assign({}, ...parts), ...schema, properties: Object.assign({}, ...parts.map((p) => p.properties), schema.properties) };
  }
  const plain = (kind: Kind, more: Partial<Node> = {}): Node => ({ kind, schema, nullable: false, options: [], variants: [], by: '', ...more });
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) {
    const real = options.map((o) => resolved(o, root)).filter((o) => o.type !== 'null');
    const nullable = real.length < options.length;
    const { anyOf: _any, oneOf: _one, ...said } = schema;
    if (real.length === 1) return { ...nodeOf({ ...real[0]!, ...said }, root), nullable };
    if (real.every((o) => o.const !== undefined || o.enum !== undefined)) return plain('choice', { nullable, options: real.flatMap((o) => o.enum ?? [o.const!]) });
    const by = Object.keys(real[0]?.properties ?? {}).find((k) => real.every((o) => o.properties?.[k]?.const !== undefined)) ?? '';
    if (by !== '') return plain('variant', { nullable, by, variants: real.map((o) => ({ value: o.properties![by]!.const!, schema: o })) });
    // '1.2.3.4' or a word: text is the common shape, and the router says what does not fit.
    if (real.every((o) => o.type === 'string' || o.enum !== undefined || o.const !== undefined)) return plain(schema.writeOnly ? 'secret' : 'text', { nullable });
    return plain('json', { nullable });
  }
  const types = Array.isArray(schema.type) ? schema.type as readonly string[] : [schema.type as string];
  const [type] = types.filter((t) => t !== 'null');
  const nullable = types.includes('null');
  if (schema.writeOnly) return plain('secret', { nullable });
  if (schema.enum !== undefined) return plain('choice', { nullable, options: schema.enum });
  if (schema.const !== undefined) return plain('choice', { options: [schema.const] });
  switch (type) {
    case 'boolean': return plain('switch', { nullable });
    case 'number': case 'integer': return plain('number', { nullable });
    case 'string': return plain('text', { nullable });
    case 'array': {
      if (schema.items === undefined) return plain('json');
      const words = resolved(schema.items, root).enum;
      return words === undefined ? plain('list') : plain('set', { options: words });
    }
    case 'object': return plain(schema.properties !== undefined ? 'object' : typeof schema.additionalProperties === 'object' ? 'record' : 'json');
    default: return plain('json');
  }
}

export const isScalar = (kind: Kind): boolean => kind === 'switch' || kind === 'choice' || kind === 'set' || kind === 'number' || kind === 'text' || kind === 'secret' || kind === 'json';

export const isObject = (v: unknown): v is Readonly<Record<string, Json>> => typeof v === 'object' && v !== null && !Array.isArray(v);

export function valueAt(value: Json | undefined, keys: readonly Step[]): Json | undefined {
  let at: unknown = value;
  for (const key of keys) at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<Step, Json>)[key] : undefined;
  return at as Json | undefined;
}

/** The schema of the setting that a way leads to; `value` tells variants apart. */
export function schemaAt(root: JsonSchema, keys: readonly Step[], value: Json | undefined): JsonSchema | undefined {
  let at: JsonSchema | undefined = root;
  for (const [i, key] of keys.entries()) {
    if (at === undefined) return undefined;
    const node = nodeOf(at, root);
    const here = valueAt(value, keys.slice(0, i));
    if (node.kind === 'variant') at = variantOf(node, here)?.properties?.[String(key)];
    else if (node.kind === 'object') at = node.schema.properties?.[String(key)];
    else if (node.kind === 'list') at = node.schema.items;
    else if (node.kind === 'record') at = node.schema.additionalProperties as JsonSchema;
    else at = undefined;
  }
  return at;
}

export function variantOf(node: Node, value: Json | undefined): JsonSchema | undefined {
  const chosen = isObject(value) ? value[node.by] : undefined;
  return (node.variants.find((v) => v.value === chosen) ?? node.variants[0])?.schema;
}

/** What a new entry begins with. */
export function beginning(given: JsonSchema, root: JsonSchema, depth = 0): Json | undefined {
  const { kind, schema, by, variants } = nodeOf(given, root);
  if (schema.default !== undefined && !(isObject(schema.default) && kind === 'object')) return schema.default;
  if (depth > DEEPEST) return undefined;
  if (kind === 'object' || kind === 'variant') {
    const shape = kind === 'object' ? schema : variants[0]?.schema ?? {};
    const out: Record<string, Json> = {};
    for (const [key, each] of Object.entries(shape.properties ?? {})) {
      const value = key === by ? each.const : beginning(each, root, depth + 1);
      if (value !== undefined) out[key] = value;
    }
    return { ...out, ...(isObject(schema.default) ? schema.default : {}) };
  }
  if (kind === 'list') return [];
  if (kind === 'record') return {};
  return undefined;
}

const step = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g;
/** 'interfaces[0].ip' as a way. */
export const keysOf = (path: string): readonly Step[] => [...path.matchAll(step)].map((m) => (m[2] !== undefined ? Number(m[2]) : m[3] !== undefined ? m[3].replace(/\\(.)/g, '$1') : m[1]!));

export const same = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [Object.keys(a), Object.keys(b)];
  return x.length === y.length && x.every((k) => same((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]));
};
