import { z } from 'zod';
import { isObject, type Json, own } from './document.ts';

/** Any zod schema, as zod's own internals name it. */
export type Schema = z.core.$ZodType;

/** What a plugin tells about a setting with `.meta({…})`. */
export interface Meta { readonly title?: string; readonly unit?: string; readonly help?: string; readonly secret?: boolean }

/** A schema without its wrappers (optional, default, nullable, …) and what those said; the outermost word counts. */
export interface Peeled {
  readonly core: Schema;
  readonly meta: Meta;
  /** In the form in which settings are typed and stored. */
  readonly default: Json | undefined;
  readonly optional: boolean;
  readonly nullable: boolean;
}

/** Stands where a schema says nothing. */
export const anything: Schema = z.unknown();

const defOf = (schema: Schema) => (schema as z.core.$ZodTypes)._zod.def;

/** A schema never changes, and is asked at every entry of a list of thousands. */
const peeled = new WeakMap<Schema, Peeled>();

export function peel(schema: Schema): Peeled {
  let known = peeled.get(schema);
  if (known === undefined) peeled.set(schema, (known = unwrap(schema)));
  return known;
}

function unwrap(schema: Schema): Peeled {
  let core = schema;
  let meta: Meta = {};
  let preset: Json | undefined;
  let optional = false;
  let nullable = false;
  for (;;) {
    meta = { ...(z.globalRegistry.get(core) as Meta | undefined), ...meta };
    const def = defOf(core);
    switch (def.type) {
      case 'optional': optional = true; core = def.innerType; continue;
      case 'nullable': nullable = true; core = def.innerType; continue;
      case 'default': case 'prefault': preset ??= def.defaultValue as Json; core = def.innerType; continue;
      case 'nonoptional': case 'readonly': case 'catch': core = def.innerType; continue;
      case 'lazy': core = def.getter(); continue;
      // z.preprocess is a pipe out of a transform; every other pipe is stored as what goes into it.
      case 'pipe': core = defOf(def.in).type === 'transform' ? def.out : def.in; continue;
      default: return { core, meta, default: preset, optional, nullable };
    }
  }
}

export const isList = (core: Schema): boolean => { const { type } = defOf(core); return type === 'array' || type === 'tuple'; };
export const isAnything = (core: Schema): boolean => { const { type } = defOf(core); return type === 'any' || type === 'unknown'; };
export const isRecord = (core: Schema): boolean => defOf(core).type === 'record';
export const optionsOf = (core: Schema): readonly Schema[] => { const def = defOf(core); return def.type === 'union' ? def.options : []; };

/** The element type of a list. */
export const elementOf = (core: Schema): Schema | undefined => { const def = defOf(core); return def.type === 'array' ? def.element : undefined; };

/** Has settings below it. */
export function isContainer(core: Schema): boolean {
  const def = defOf(core);
  if (def.type === 'union') return def.options.some((o) => isContainer(peel(o).core));
  return def.type === 'object' || def.type === 'record' || def.type === 'intersection' || isList(core);
}

/** True when the schema takes the value; a schema that cannot be asked (asynchronous checks) does not. */
export function accepts(schema: Schema, value: unknown): boolean {
  try {
    return z.core.safeParse(schema, value).success;
  } catch {
    return false;
  }
}

/** The alternative of a union that this value belongs to. */
export function chosen(union: Schema, value: Json | undefined): Schema | undefined {
  const def = defOf(union);
  if (def.type !== 'union') return undefined;
  const { discriminator } = def as unknown as { discriminator?: string };
  const tag = discriminator === undefined ? undefined : own(value, discriminator);
  const tagged = tag === undefined ? undefined : def.options.find((o) => o._zod.propValues?.[discriminator as string]?.has(tag as string));
  return tagged ?? def.options.find((o) => accepts(o, value));
}

/** By schema; while one that contains itself is looked at it counts as plain. */
const plain = new WeakMap<Schema, boolean>();

/** Parsing gives what was stored, but for defaults: nothing in it converts, coerces, trims or catches. */
export function isPlain(schema: Schema): boolean {
  let known = plain.get(schema);
  if (known === undefined) {
    plain.set(schema, true);
    known = changesNothing(schema);
    plain.set(schema, known);
  }
  return known;
}

function changesNothing(schema: Schema): boolean {
  const def = defOf(schema);
  if ((def as { coerce?: boolean }).coerce === true || def.checks?.some((c) => c._zod.def.check === 'overwrite') === true) return false;
  switch (def.type) {
    case 'string': case 'number': case 'boolean': case 'enum': case 'literal': case 'null': return true;
    case 'optional': case 'nullable': case 'default': case 'prefault': return isPlain(def.innerType);
    case 'array': return isPlain(def.element);
    case 'object': return def.catchall === undefined && Object.values(def.shape).every(isPlain);
    case 'record': return isPlain(def.keyType) && isPlain(def.valueType);
    case 'tuple': return def.items.every(isPlain) && (def.rest === null || isPlain(def.rest));
    default: return false;
  }
}

/** The schema one step down, or undefined when there is no such setting. `value` helps to choose among alternatives. */
export function child(core: Schema, key: string | number, value: Json | undefined): Schema | undefined {
  const def = defOf(core);
  switch (def.type) {
    case 'any': case 'unknown': return core;
    case 'array': return typeof key === 'number' ? def.element : undefined;
    case 'tuple': return typeof key === 'number' ? def.items[key] ?? def.rest ?? undefined : undefined;
    case 'record': return accepts(def.keyType, String(key)) ? def.valueType : undefined;
    case 'object': {
      if (Object.hasOwn(def.shape, key)) return def.shape[key];
      return def.catchall === undefined || defOf(def.catchall).type === 'never' ? undefined : def.catchall;
    }
    case 'intersection': return child(peel(def.left).core, key, value) ?? child(peel(def.right).core, key, value);
    case 'union': return childOfUnion(core, def.options, key, value);
    default: return undefined;
  }
}

function childOfUnion(union: Schema, options: readonly Schema[], key: string | number, value: Json | undefined): Schema | undefined {
  const { discriminator } = defOf(union) as unknown as { discriminator?: string };
  const at = chosen(union, value);
  const first = at === undefined || key === discriminator ? undefined : child(peel(at).core, key, value);
  if (first !== undefined) return first;
  const all = options.map((o) => child(peel(o).core, key, value)).filter((s) => s !== undefined);
  if (all.length < 2) return all[0];
  // Until it is clear which alternative holds, the name's meaning in any of them counts: a secret stays covered.
  const metas = all.map((s) => peel(s).meta);
  const secret = metas.some((m) => m.secret);
  return z.union(all as [Schema, ...Schema[]]).meta({ ...metas[0], ...(secret && { secret }) });
}

/** Names of the settings one step down: fields always, record keys and list places as far as they exist. */
export function childKeys(core: Schema, value: Json | undefined): readonly string[] {
  const def = defOf(core);
  const present = isObject(value) ? Object.keys(value) : Array.isArray(value) ? value.map((_, i) => String(i)) : [];
  switch (def.type) {
    case 'object': return [...new Set([...Object.keys(def.shape), ...(def.catchall === undefined ? [] : present)])];
    case 'record': return [...new Set([...[...(def.keyType._zod.values ?? [])].map(String), ...present])];
    case 'intersection': return [...new Set([...childKeys(peel(def.left).core, value), ...childKeys(peel(def.right).core, value)])];
    case 'union': {
      const at = chosen(core, value);
      return [...new Set((at === undefined ? def.options : [at]).flatMap((o) => childKeys(peel(o).core, value)))];
    }
    default: return present;
  }
}
