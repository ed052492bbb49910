/** What a settings file may hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject { readonly [key: string]: Json }

/** Way to a value inside a section: fields and record keys as strings, list places as numbers. */
export type Keys = readonly (string | number)[];

/** Settings of one plugin as somebody set them: what is absent has its default. `version` is the plugin's configVersion. */
export interface Section { readonly version: number; readonly settings: JsonObject }

/** The stored shape. Documents are never changed in place; an edit makes a new one. */
export interface Document { readonly format: 1; readonly sections: Readonly<Record<string, Section>> }

const FORMAT = 1;
export const factory: Document = { format: FORMAT, sections: {} };

/** Bounds of everything that is stored or typed: far above real settings, far below what would hurt. */
export const DEEPEST = 32;
export const LONGEST_KEY = 128;
export const LARGEST = 4 * 1024 * 1024;

/** Why a text is no settings document, in words for the log. */
export class BadDocument extends Error {
  override name = 'BadDocument';
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of the value itself, never one of its prototype. */
export function own(value: Json | undefined, key: string | number): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string | number, Json>>)[key];
}

/** Deep equality; the order of keys does not matter. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length
    && keys.every((k) => Object.hasOwn(b, k) && same((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]));
}

/** Names that reach a prototype when somebody assigns to them. */
export const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What is wrong with a value that shall be stored; undefined: nothing. */
export function unstorable(value: unknown, depth = 0): string | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value} is not a number that can be stored`;
  if (typeof value !== 'object') return `a ${typeof value} cannot be stored`;
  if (depth >= DEEPEST) return `it is nested deeper than ${DEEPEST} levels`;
  if (!Array.isArray(value) && ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return 'only plain data can be stored';
  for (const [key, each] of Object.entries(value)) {
    if (reserved.has(key)) return `'${key}' cannot be a name`;
    if (key.length > LONGEST_KEY) return `a name is longer than ${LONGEST_KEY} characters`;
    const wrong = unstorable(each, depth + 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The document in this text. Throws BadDocument: not JSON, of a newer format, or of the wrong shape. */
export function parseDocument(text: string): Document {
  return documentOf(parseJson(text));
}

/** Throws BadDocument. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') throw new BadDocument('it is empty');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadDocument(`it is not JSON (${error instanceof Error ? error.message : String(error)}), perhaps cut off`);
  }
}

/** Throws BadDocument. */
export function documentOf(value: unknown): Document {
  if (!isObject(value)) throw new BadDocument('it is JSON, but no settings document');
  checkFormat(value.format);
  if (!isObject(value.sections)) throw new BadDocument(`it has no 'sections'`);
  for (const [id, section] of Object.entries(value.sections)) {
    const version = own(section, 'version');
    if (!isObject(own(section, 'settings')) || !Number.isInteger(version) || (version as number) < 1) throw new BadDocument(`the section '${id}' lacks a version or settings`);
  }
  // One level for each of: sections, id, section.
  const wrong = unstorable(value.sections, -3);
  if (wrong !== undefined) throw new BadDocument(wrong);
  return { format: FORMAT, sections: value.sections as unknown as Document['sections'] };
}

/** Throws BadDocument. */
export function checkFormat(format: unknown): void {
  if (format === FORMAT) return;
  if (typeof format === 'number' && format > FORMAT) throw new BadDocument(`it is of format ${format}, newer than this router knows (${FORMAT})`);
  throw new BadDocument(`it has no valid 'format'`);
}

/** The document with this section's settings replaced; a section without any setting is not kept. */
export function withSection(doc: Document, id: string, section: Section): Document {
  const { [id]: _old, ...others } = doc.sections;
  return { format: FORMAT, sections: Object.keys(section.settings).length === 0 ? others : { ...others, [id]: section } };
}

export const sectionOf = (doc: Document, id: string): Section | undefined => (Object.hasOwn(doc.sections, id) ? doc.sections[id] : undefined);
