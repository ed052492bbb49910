import { isObject, type Json, type JsonObject, own } from './document.ts';
import { child, childKeys, chosen, isContainer, isList, type Meta, optionsOf, peel, type Schema } from './schema.ts';

/**
 * Settings with their defaults filled in, in the form in which they are typed: what `config show` prints. Fields that the
 * schema does not know stay. Unlike parsing it never fails, so a half-edited candidate can be shown too.
 */
export function effective(schema: Schema, stored: Json | undefined): Json | undefined {
  const { core, default: preset } = peel(schema);
  const value = stored ?? preset;
  if (value === undefined || value === null || typeof value !== 'object') return value;
  if (optionsOf(core).length > 0) {
    const at = chosen(core, value);
    return at === undefined ? value : effective(at, value);
  }
  if (!isContainer(core)) return value;
  if (Array.isArray(value)) return isList(core) ? value.map((each, i) => filled(child(core, i, value), each) ?? null) : value;
  const out: Record<string, Json> = {};
  for (const key of new Set([...childKeys(core, value), ...Object.keys(value)])) {
    const each = filled(child(core, key, value), own(value, key));
    if (each !== undefined) out[key] = each;
  }
  return out;
}

const filled = (schema: Schema | undefined, value: Json | undefined): Json | undefined => (schema === undefined ? value : effective(schema, value));

const secretWords = new Set(['password', 'passphrase', 'secret', 'pin', 'psk', 'token', 'passwords', 'secrets', 'tokens']);

/** The schema's word counts; where it says nothing (or the plugin is not loaded), the name decides, as in the log. */
export function isSecret(meta: Meta | undefined, key: string | number | undefined): boolean {
  if (meta?.secret !== undefined) return meta.secret;
  return typeof key === 'string'
    && key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).some((word) => secretWords.has(word));
}

const COVER = '(secret)';

/** A copy with every secret covered; what is not set stays visibly empty. */
export function covered(schema: Schema | undefined, value: Json, key?: string | number): Json {
  const peeled = schema === undefined ? undefined : peel(schema);
  const plain = typeof value === 'object' && value !== null ? false : typeof value === 'boolean' || value === null || value === '';
  if (isSecret(peeled?.meta, key) && !plain && (typeof value !== 'object' || peeled?.meta.secret === true)) return COVER;
  const below = (k: string | number): Schema | undefined => (peeled === undefined ? undefined : child(peeled.core, k, value));
  if (Array.isArray(value)) return value.map((each, i) => covered(below(i), each, key));
  if (!isObject(value)) return value;
  const out: Record<string, Json> = {};
  for (const [k, each] of Object.entries(value)) out[k] = covered(below(k), each, k);
  return out as JsonObject;
}

/** Scalars as people write them, lists joined, anything larger as JSON. */
export function wordOf(value: Json | undefined): string {
  if (value === undefined) return '(not set)';
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (Array.isArray(value) && value.length > 0 && value.every((v) => typeof v !== 'object')) return value.map(wordOf).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
