import { CliError } from '../../sdk/cli.ts';
import { type Line, splitLine, type Word } from '../cli/words.ts';
import { DEEPEST, type Json, type Keys, own } from './document.ts';
import { anything, child, childKeys, isContainer, isList, peel, type Schema } from './schema.ts';
import { checkKey, clip, spell, steps } from './spelling.ts';
import { choices } from './words.ts';

/** The settings that paths lead into. */
export interface Known {
  readonly ids: readonly string[];
  /** Undefined while the plugin is not loaded. */
  schema(id: string): Schema | undefined;
  /** Defaults included. */
  settings(id: string): Json;
}

/** Where a path leads. */
export interface Target {
  readonly id: string;
  readonly keys: Keys;
  readonly path: string;
  /** Of the setting itself; `anything` where the plugin is not loaded. */
  readonly schema: Schema;
  /** What is there now, default included. */
  readonly value: Json | undefined;
  /** What stood behind the path: the value for `set`. */
  readonly rest: string;
}

const startsJson = /^[[{]/;

/**
 * Two spellings mean the same. As one word, dotted: `lan.interfaces[0].ip`, a key with odd characters as `["a.b"]`.
 * As words, one per step and as they are: `lan interfaces 0 ip`, `dns hosts a.example`. The first word may be dotted and
 * further words lead on from there. Throws CliError with what there is instead.
 */
export function resolve(text: string, known: Known): Target {
  const line = splitLine(text);
  const json = line.words.find((w) => !w.quoted && startsJson.test(w.text))?.start ?? Number.POSITIVE_INFINITY;
  // Quotes inside a JSON value are its own affair.
  if (line.problem !== undefined && line.problem.at <= json) throw new CliError(line.problem.message);
  const { id, first, used } = section(line.words, known);
  const at = new Walk(id, known);
  for (const step of first) at.step(step);
  let next = used;
  for (; next < line.words.length && at.open; next++) {
    const word = line.words[next] as Word;
    if (!word.quoted && startsJson.test(word.text) || !at.leads(word.text)) break;
    at.step(word.text);
  }
  return { ...at.target(), rest: valueText(line, next) };
}

/** The same for a path given as keys. */
export function follow(id: string, keys: Keys, known: Known): Omit<Target, 'rest'> {
  const at = new Walk(id, known);
  for (const key of keys) at.step(String(key));
  return at.target();
}

/** The section that a line begins with: the longest id that fits, for ids may hold dots themselves. */
function section(words: readonly Word[], known: Known): { id: string; first: string[]; used: number } {
  const [word] = words;
  if (word === undefined) throw new CliError(`which setting? There are: ${known.ids.join(', ')}`);
  if (known.ids.includes(word.text)) return { id: word.text, first: [], used: 1 };
  const parts = steps(word.text);
  for (let n = parts.length; n > 0; n--) {
    const id = parts.slice(0, n).join('.');
    if (known.ids.includes(id)) return { id, first: parts.slice(n), used: 1 };
  }
  for (let n = Math.min(words.length, 8); n > 1; n--) {
    const id = words.slice(0, n).map((w) => w.text).join('.');
    if (known.ids.includes(id)) return { id, first: [], used: n };
  }
  throw new CliError(`there are no settings '${clip(word.text)}'; there are: ${known.ids.join(', ')}`);
}

/** A value is one quoted word without its quotes, or everything else as it was typed. */
function valueText(line: Line, from: number): string {
  const words = line.words.slice(from);
  const first = words[0];
  if (first === undefined) return '';
  return words.length === 1 && first.quoted ? first.text : line.raw.slice(first.start, words.at(-1)?.end);
}

class Walk {
  readonly #id: string;
  readonly #keys: (string | number)[] = [];
  #schema: Schema;
  #value: Json | undefined;

  constructor(id: string, known: Known) {
    this.#id = id;
    this.#schema = known.schema(id) ?? anything;
    this.#value = known.settings(id);
  }

  /** Settings may follow below. */
  get open(): boolean {
    const { core } = peel(this.#schema);
    return isContainer(core) || (core === anything && typeof this.#value === 'object');
  }

  #key(step: string): string | number {
    return (isList(peel(this.#schema).core) || Array.isArray(this.#value)) && /^\d{1,6}$/.test(step) ? Number(step) : step;
  }

  leads(step: string): boolean {
    const { core } = peel(this.#schema);
    return core === anything ? own(this.#value, this.#key(step)) !== undefined : child(core, this.#key(step), this.#value) !== undefined;
  }

  step(step: string): void {
    if (this.#keys.length >= DEEPEST) throw new CliError(`the path has more than ${DEEPEST} steps`);
    const key = this.#key(checkKey(step));
    const { core } = peel(this.#schema);
    const next = this.leads(step) ? child(core, key, this.#value) : undefined;
    if (next === undefined) throw noSuch(this.target(), step);
    const size = Array.isArray(this.#value) ? this.#value.length : 0;
    if (typeof key === 'number' && key > size) throw new CliError(`${this.path} has ${size} entries; the next one would be [${size}]`);
    this.#keys.push(key);
    this.#schema = next;
    this.#value = own(this.#value, key);
  }

  get path(): string { return spell(this.#id, this.#keys); }
  target(): Omit<Target, 'rest'> { return { id: this.#id, keys: this.#keys, path: this.path, schema: this.#schema, value: this.#value }; }
}

/** 'lan has no setting x; there are …' */
export function noSuch(at: Omit<Target, 'rest'>, step: string): CliError {
  const names = childKeys(peel(at.schema).core, at.value);
  return new CliError(`${at.path} has no setting '${clip(step)}'${names.length > 0 ? `; there are: ${names.slice(0, 40).join(', ')}` : ''}`);
}

/**
 * What the last word of a half-typed path (or value) may become. A dotted word is completed as a whole,
 * so `lan.int` becomes `lan.interfaces`.
 */
export function complete(text: string, known: Known): readonly string[] {
  const begun = /\s$/.test(text) ? '' : splitLine(text).words.at(-1)?.text ?? '';
  const before = text.slice(0, text.length - begun.length);
  const dotted = before.trim() === '';
  const cut = dotted ? begun.search(/[.[][^.[]*$/) : -1;
  const found = dotted ? known.ids.filter((id) => id.startsWith(begun)) : [];
  try {
    if (!dotted) {
      const target = resolve(before, known);
      if (target.rest !== '') return [];
      const names = childKeys(peel(target.schema).core, target.value);
      found.push(...[...names, ...choices(target.schema)].filter((n) => n.startsWith(begun)));
    } else if (cut > 0) {
      const target = resolve(begun.slice(0, cut), known);
      const list = isList(peel(target.schema).core);
      const below = childKeys(peel(target.schema).core, target.value).map((n) => spell(target.id, [...target.keys, list ? Number(n) : n]));
      found.push(...below.filter((n) => n.startsWith(begun)));
    }
  } catch { /* the words before lead nowhere: there is nothing to offer */ }
  return [...new Set(found)].sort();
}
