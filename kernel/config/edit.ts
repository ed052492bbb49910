import { isObject, type Json, type Keys, own, same } from './document.ts';
import { anything, child, isList, isRecord, peel, type Schema } from './schema.ts';

/**
 * The stored value with `value` at `keys`. Containers on the way that were not stored begin as their default, so that setting
 * one entry of a record that has preset entries does not lose the others. The way has been checked against the schema.
 */
export function put(schema: Schema, stored: Json | undefined, keys: Keys, value: Json): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  const { core, default: preset } = peel(schema);
  const base = container(stored) ?? container(preset) ?? (isList(core) ? [] : {});
  const next = put(child(core, key, base) ?? anything, own(base, key), rest, value);
  if (Array.isArray(base)) return [...base.slice(0, Number(key)), next, ...base.slice(Number(key) + 1)];
  return { ...base, [key]: next };
}

/**
 * The stored value without what is at `keys`: a field has its default again, an entry of a record or list is gone.
 * `inherited` is the default that the schemas above give for this place. Undefined: nothing needs to be stored any more.
 */
export function drop(schema: Schema, stored: Json | undefined, keys: Keys, inherited?: Json): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return inherited;
  const { core, default: preset } = peel(schema);
  const normal = inherited ?? preset;
  const base = container(stored) ?? container(normal);
  if (base === undefined) return undefined;
  const entries = isList(core) || isRecord(core);
  const below = child(core, key, base) ?? anything;
  const old = own(base, key);
  let next = entries && rest.length === 0 ? undefined : drop(below, old, rest, own(normal, key));
  // A field may go when all in it is as by default; an entry is there only as long as it is stored.
  if (entries && rest.length > 0 && old !== undefined) next ??= peel(below).default;
  const left = Array.isArray(base)
    ? base.flatMap((each, i) => (i !== Number(key) ? [each] : next === undefined ? [] : [next]))
    : without(base, String(key), next);
  return same(left, preset) ? undefined : left;
}

const container = (value: Json | undefined): readonly Json[] | Readonly<Record<string, Json>> | undefined =>
  (Array.isArray(value) || isObject(value) ? value : undefined);

function without(base: Readonly<Record<string, Json>> | readonly Json[], key: string, next: Json | undefined): Json {
  const { [key]: _gone, ...left } = base as Readonly<Record<string, Json>>;
  return next === undefined ? left : { ...left, [key]: next };
}
