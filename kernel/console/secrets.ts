import { type Json, isObject, own } from '../config/document.ts';
import { effective, isSecret } from '../config/effective.ts';
import { child, isContainer, peel, type Schema } from '../config/schema.ts';
import { ConfigProblem, fieldOf } from '../config/section.ts';

type Step = string | number;

/** True for a setting whose value never leaves the router; by the schema's word, else by its name, as in diffs and logs. */
function hidden(schema: Schema | undefined, key: Step | undefined, value: Json | undefined): boolean {
  if (schema === undefined) return isSecret(undefined, key) && typeof value !== 'object' && typeof value !== 'boolean';
  const { core, meta } = peel(schema);
  if (meta.secret !== undefined) return meta.secret;
  return isSecret(meta, key) && !isContainer(core) && core._zod.def.type !== 'boolean';
}

const isSet = (value: Json | undefined): boolean => value !== undefined && value !== null && value !== '' && value !== false && !(typeof value === 'object' && Object.keys(value).length === 0);

const below = (schema: Schema | undefined, key: Step, value: Json | undefined): Schema | undefined => (schema === undefined ? undefined : child(peel(schema).core, key, value));

/** A copy in which every secret is replaced; undefined leaves it out. */
function replaced(schema: Schema | undefined, value: Json, key: Step | undefined, instead: (secret: Json) => Json | undefined): Json | undefined {
  if (hidden(schema, key, value)) return instead(value);
  if (Array.isArray(value)) return value.map((each, i) => replaced(below(schema, i, value), each, key, instead) ?? null);
  if (!isObject(value)) return value;
  const out: Record<string, Json> = {};
  for (const [k, each] of Object.entries(value)) {
    const shown = replaced(below(schema, k, value), each, k, instead);
    if (shown !== undefined) out[k] = shown;
  }
  return out;
}

/** Settings as they may be shown: of a secret only whether one is set (true, false). */
export const masked = (schema: Schema | undefined, value: Json): Json => replaced(schema, value, undefined, isSet) as Json;

/** What a person sees of a list entry, to find it again after the list was sorted. */
const bare = (schema: Schema | undefined, value: Json): string => JSON.stringify(sorted(replaced(schema, schema === undefined ? value : effective(schema, value) ?? value, undefined, () => undefined) ?? null));

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((k) => [k, sorted(own(value, k) as Json)]));
};

interface Place { readonly id: string; readonly keys: readonly Step[] }

/**
 * The value to store for one that came from somebody who cannot see secrets: where a secret stands, '' and true keep the one
 * there is, null and false clear it. Undefined: nothing is to be stored here. Throws ConfigProblem where a secret is to be
 * kept in a list that was changed so much that nobody can tell which one is meant.
 */
export function withSecrets(schema: Schema | undefined, next: Json, old: Json | undefined, at: Place): Json | undefined {
  const key = at.keys.findLast((k) => typeof k === 'string');
  if (hidden(schema, key, next)) {
    if (next === null || next === false) return undefined;
    if (next !== '' && next !== true) return next;
    if (isSet(old)) return old;
    if (next === '') return undefined;
    throw new ConfigProblem([fieldOf(at.id, at.keys, 'it is not known which secret is to be kept here; type it again')]);
  }
  const step = (value: Json, k: Step, before: Json | undefined): Json | undefined => withSecrets(below(schema, k, next), value, before, { id: at.id, keys: [...at.keys, k] });
  if (Array.isArray(next)) {
    const partners = pair(schema, next, Array.isArray(old) ? old : []);
    return next.flatMap((each, i) => {
      const value = step(each, i, partners[i]);
      return value === undefined ? [] : [value];
    });
  }
  if (!isObject(next)) return next;
  const out: Record<string, Json> = {};
  for (const [k, each] of Object.entries(next)) {
    const value = step(each, k, own(old, k));
    if (value !== undefined) out[k] = value;
  }
  return out;
}

/** Fields that name an entry, best first. */
const naming = ['id', 'name', 'user', 'index', 'mac', 'peer', 'ssid'];

/** For each entry of a list the one it was before: the same but for secrets, or of the same name, or in the same place. */
function pair(schema: Schema | undefined, next: readonly Json[], old: readonly Json[]): (Json | undefined)[] {
  const free = new Set(old.keys());
  const found: (Json | undefined)[] = next.map(() => undefined);
  const take = (i: number, j: number): void => {
    free.delete(j);
    found[i] = old[j];
  };
  /** Entries of the same key belong together; the one in the same place first. */
  const claim = (key: (value: Json, at: number, list: readonly Json[]) => string | undefined): void => {
    const [wanted, keys] = [next.map(key), old.map(key)];
    const open = (i: number): boolean => found[i] === undefined && wanted[i] !== undefined;
    for (const i of next.keys()) if (open(i) && free.has(i) && keys[i] === wanted[i]) take(i, i);
    const places = new Map<string, number[]>();
    for (const j of [...free].reverse()) if (keys[j] !== undefined) push(places, keys[j]!, j);
    for (const i of next.keys()) {
      const j = open(i) ? places.get(wanted[i]!)?.pop() : undefined;
      if (j !== undefined) take(i, j);
    }
  };
  claim((value, at, list) => bare(below(schema, at, list), value));
  claim((value) => {
    const name = naming.find((n) => own(value, n) !== undefined && own(value, n) !== '');
    return name === undefined ? undefined : `${name} ${JSON.stringify(own(value, name))}`;
  });
  if (next.length === old.length) claim((_value, at) => String(at));
  return found;
}

function push(places: Map<string, number[]>, key: string, place: number): void {
  const there = places.get(key);
  if (there === undefined) places.set(key, [place]);
  else there.push(place);
}
