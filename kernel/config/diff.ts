import { type Document, isObject, type Json, type Keys, own, same, sectionOf } from './document.ts';
import { effective, isSecret, wordOf } from './effective.ts';
import { child, peel, type Schema } from './schema.ts';
import { spell } from './spelling.ts';

/**
 * One setting that differs. Of a secret neither value is told, so that no history or log can leak one; nor of anything
 * whose plugin is not loaded, for then nobody knows what is secret.
 */
export interface Change {
  readonly section: string;
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
  readonly secret?: true;
}

/** How to read a section of a document: its settings in today's shape, and the schema while its plugin is loaded. */
export type Reader = (id: string, doc: Document) => { readonly schema: Schema | undefined; readonly settings: Json | undefined };

interface Difference { readonly keys: Keys; readonly before: Json | undefined; readonly after: Json | undefined }

const isMap = (v: Json | undefined): boolean => v === undefined || isObject(v);
const isList = (v: Json | undefined): boolean => v === undefined || Array.isArray(v);
const hasParts = (v: Json | undefined): boolean => typeof v === 'object' && v !== null && Object.keys(v).length > 0;
const hasObjects = (v: Json | undefined): boolean => Array.isArray(v) && v.some((each) => typeof each === 'object' && each !== null);

/**
 * The smallest places where two values differ, for people: a list of plain values is one place, lists of objects are compared
 * entry by entry between what they have in common at both ends, what came or went is told field by field. `coarse`, for editing: any
 * list, and whatever came or went, is one place.
 */
export function differences(before: Json | undefined, after: Json | undefined, coarse: boolean, keys: Keys = []): Difference[] {
  if (same(before, after)) return [];
  const oneSided = before === undefined || after === undefined;
  const maps = isMap(before) && isMap(after) && (hasParts(before) || hasParts(after)) && !(coarse && oneSided);
  const lists = !coarse && isList(before) && isList(after) && (hasObjects(before) || hasObjects(after));
  if (!maps && !lists) return [{ keys, before, after }];
  if (lists) return inLists((before ?? []) as readonly Json[], (after ?? []) as readonly Json[], keys);
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((name) => differences(own(before, name), own(after, name), coarse, [...keys, name]));
}

/** An entry that came or went in the middle makes no difference of those behind it. */
function inLists(before: readonly Json[], after: readonly Json[], keys: Keys): Difference[] {
  const { head, tail } = common(before, after);
  const [was, is] = [before.length - tail, after.length - tail];
  const found: Difference[] = [];
  for (let i = head; i < Math.max(was, is); i++) {
    found.push(...differences(i < was ? before[i] : undefined, i < is ? after[i] : undefined, false, [...keys, i]));
  }
  return found;
}

/** How many entries two lists have in common from their beginnings, and, behind those, up to their ends. */
function common(a: readonly Json[], b: readonly Json[]): { readonly head: number; readonly tail: number } {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && same(a[head], b[head])) head++;
  let tail = 0;
  while (tail < most - head && same(a[a.length - 1 - tail], b[b.length - 1 - tail])) tail++;
  return { head, tail };
}

/** By schema, the settings that were filled in last: what a commit compares with is what the one before it has made. */
const filledLast = new WeakMap<Schema, { readonly settings: Json; readonly whole: Json | undefined }>();

function filled(schema: Schema, settings: Json): Json | undefined {
  const last = filledLast.get(schema);
  if (last?.settings === settings) return last.whole;
  const whole = effective(schema, settings);
  filledLast.set(schema, { settings, whole });
  return whole;
}

/** What differs between two documents, defaults included: a setting that was never typed has its default as `before`. */
export function compare(before: Document, after: Document, read: Reader): Change[] {
  const ids = [...new Set([...Object.keys(before.sections), ...Object.keys(after.sections)])].sort();
  return ids.flatMap((id) => {
    if (same(sectionOf(before, id), sectionOf(after, id))) return [];
    const [a, b] = [read(id, before), read(id, after)];
    const schema = b.schema ?? a.schema;
    const whole = (v: Json | undefined): Json => (schema === undefined ? v : filled(schema, v ?? {})) ?? {};
    const [from, to] = [whole(a.settings), whole(b.settings)];
    return differences(from, to, false).map((d) => changeOf(id, schema, from, to, d));
  });
}

function changeOf(section: string, schema: Schema | undefined, from: Json, to: Json, d: Difference): Change {
  const path = spell(section, d.keys);
  if (schema === undefined || hides(schema, from, d.keys) || hides(schema, to, d.keys)) return { section, path, secret: true };
  return { section, path, ...(d.before !== undefined && { before: d.before }), ...(d.after !== undefined && { after: d.after }) };
}

/** True when the way leads to, or through, a secret. */
export function hides(schema: Schema | undefined, value: Json, keys: Keys): boolean {
  let at = schema;
  let here: Json | undefined = value;
  let name: string | undefined;
  for (const key of keys) {
    const peeled: ReturnType<typeof peel> | undefined = at === undefined ? undefined : peel(at);
    if (peeled?.meta.secret === true) return true;
    at = peeled === undefined ? undefined : child(peeled.core, key, here);
    here = own(here, key);
    if (typeof key === 'string') name = key;
  }
  return isSecret(at === undefined ? undefined : peel(at).meta, name);
}

/** 'lan.ip: 192.168.1.1 → 192.168.10.1' */
export const inWords = (c: Change): string => (c.secret ? `${c.path}: (changed)` : `${c.path}: ${wordOf(c.before)} → ${wordOf(c.after)}`);

/**
 * Three-way merge: `mine` was edited from `base` while `base` became `theirs`. Where both touched the same setting, mine counts.
 */
export function merge(base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): Json | undefined {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || !isObject(mine) || !isObject(theirs)) return mine;
  const out: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const value = merge(own(base, key), own(mine, key), own(theirs, key));
    if (value !== undefined) out[key] = value;
  }
  return out;
}

/** `merge` for whole documents. */
export function rebase(base: Document, mine: Document, theirs: Document): Document {
  const sections = merge(base.sections as unknown as Json, mine.sections as unknown as Json, theirs.sections as unknown as Json);
  return { format: 1, sections: sections as unknown as Document['sections'] };
}
