import type { ZodType } from 'zod';
import { CliError } from '../../sdk/cli.ts';
import type { Committed, Config } from '../config/commit.ts';
import { type Change, inWords } from '../config/diff.ts';
import { isObject, type Json, type Keys, own, same, sectionOf, unstorable } from '../config/document.ts';
import { follow, resolve } from '../config/paths.ts';
import { anything, child, peel, type Schema } from '../config/schema.ts';
import { ConfigProblem, type FieldProblem, fieldOf } from '../config/section.ts';
import { spell } from '../config/spelling.ts';
import { masked, withSecrets } from './secrets.ts';
import { type JsonSchema, settingsSchema } from './settings-schema.ts';

/** A change with the sentence that people read. */
export interface ToldChange extends Change { readonly words: string }
/** A field that does not fit; `keys` is the way to it inside its section. */
export interface ToldProblem extends FieldProblem { readonly keys: Keys }

export interface Edited { readonly changes: readonly ToldChange[]; readonly problems: readonly ToldProblem[] }
/** `confirmBy`: ms since the epoch; rolled back then unless confirmed. */
export interface Done { readonly changes: readonly ToldChange[]; readonly confirmBy: number | null }
export interface Pending extends Edited { readonly authors: readonly string[]; readonly since: number | null; readonly confirmBy: number | null }
export interface HistoryEntry { readonly n: number; readonly time: number; readonly author: string; readonly note: string; readonly changes: number }

/** 'lan.lan.ip', or the section and the way inside it as a list: ['lan', 'lan', 'ip']. */
export type Path = string | readonly [string, ...(string | number)[]];

/** The settings as remote faces see and edit them: as data, secrets never leaving. */
export class SettingsDesk {
  readonly config: Config;
  readonly #listeners = new Set<() => void>();

  constructor(config: Config) {
    this.config = config;
  }

  /** Told when somebody edited or committed here. */
  onChange(fn: () => void): () => void {
    this.#listeners.add(fn);
    return () => { this.#listeners.delete(fn); };
  }

  #changed<T>(result: T): T {
    for (const fn of [...this.#listeners]) fn();
    return result;
  }

  sections(): { id: string; title: string; version: number }[] {
    return this.config.sections.map((s) => ({ id: s.id, title: s.schema.meta()?.title ?? s.id, version: s.version })).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Throws CliError when the plugin is not loaded. */
  schema(id: string): { section: string; version: number; schema: JsonSchema } {
    const section = this.#section(id);
    return { section: id, version: section.version, schema: settingsSchema(section.schema) };
  }

  /** Defaults included; of a secret only whether one is set. `only`: of lists and groups none but this, for there may be 10,000 entries in another. */
  show(id: string, only?: string): { section: string; version: number; running: Json; candidate: Json; set: Json } {
    const { version, schema } = this.#section(id);
    const shown = (value: Json): Json => masked(schema, only === undefined || !isObject(value) ? value : Object.fromEntries(Object.entries(value).filter(([key, v]) => key === only || typeof v !== 'object')));
    const value = (which: 'running' | 'candidate'): Json => shown(this.config.known(which).settings(id));
    return { section: id, version, running: value('running'), candidate: value('candidate'), set: shown(sectionOf(this.config.document, id)?.settings ?? {}) };
  }

  #section(id: string): { readonly schema: ZodType; readonly version: number } {
    const section = this.config.sections.find((s) => s.id === id);
    if (section === undefined) throw new CliError(`there are no settings '${id.slice(0, 60)}'; there are: ${this.sections().map((s) => s.id).join(', ') || 'none'}`);
    return section;
  }

  /**
   * Sets a value in the candidate. Throws ConfigProblem when it cannot be one of this setting; what only shows between
   * several settings is told in `problems`, and may be set right before the commit. For secrets see withSecrets.
   */
  set(path: Path, value: unknown, author: string): Edited {
    const { id, keys, schema, current } = this.#target(path);
    const wrong = unstorable(value, keys.length) ?? tooMany(value);
    if (wrong !== undefined) throw new CliError(`${spell(id, keys)}: ${wrong}`);
    const next = withSecrets(schema === anything ? undefined : schema, value as Json, current, { id, keys });
    if (next === undefined) return this.#changed(this.#edited(keys.length === 0 ? this.config.replace(id, {}, author) : this.config.delete(id, keys, author)));
    refuse(schema, id, keys, next);
    return this.#changed(this.#edited(this.config.set(id, keys, next, author)));
  }

  /**
   * A JSON merge patch (RFC 7396) of one section of the candidate: all of it or nothing. Lists are replaced, null gives a field
   * its default again. Throws as `set` does.
   */
  patch(id: string, patch: Readonly<Record<string, unknown>>, author: string): Edited {
    const { schema } = this.#section(id);
    const wrong = unstorable(patch) ?? tooMany(patch);
    if (wrong !== undefined) throw new CliError(`${id}: ${wrong}`);
    const known = this.config.known('candidate');
    const places = leavesOf(schema, patch as Json, known.settings(id));
    // Each is an edit of its own, of the whole candidate.
    if (places.length > MOST_LEAVES) throw new CliError(`${id}: a patch of more than ${MOST_LEAVES} settings is too much at once`);
    const leaves = places.map((leaf) => {
      const target = follow(id, leaf.keys, known);
      const value = leaf.value === null ? undefined : withSecrets(target.schema, leaf.value, target.value, { id, keys: leaf.keys });
      if (value !== undefined) refuse(target.schema, id, leaf.keys, value);
      return { keys: target.keys, value };
    });
    const before = this.config.known('candidate').settings(id);
    const changes = leaves.flatMap(({ keys, value }) => (value === undefined ? this.config.delete(id, keys, author) : this.config.set(id, keys, value, author)));
    return this.#changed(this.#edited(same(before, this.config.known('candidate').settings(id)) ? [] : changes));
  }

  /** In the candidate a field gets its default again; an entry of a list or record goes. */
  delete(path: Path, author: string): Edited {
    const { id, keys } = this.#target(path);
    return this.#changed(this.#edited(keys.length === 0 ? this.config.replace(id, {}, author) : this.config.delete(id, keys, author)));
  }

  /** The section that a path leads into. Throws CliError when there is none. */
  sectionOf(path: Path): string { return this.#target(path).id; }

  /** Sections that the candidate would change. */
  changedSections(): string[] { return [...new Set(this.config.diff().map((c) => c.section))]; }

  #target(path: Path): { id: string; keys: Keys; schema: Schema; current: Json | undefined } {
    const known = this.config.known('candidate');
    if (typeof path !== 'string') {
      const [id, ...keys] = path;
      this.#section(id);
      const at = follow(id, keys, known);
      return { id, keys: at.keys, schema: at.schema, current: at.value };
    }
    const at = resolve(path, known);
    if (at.rest !== '') throw new CliError(`'${path.slice(0, 60)}' is no path of a setting: ${at.path} has no '${at.rest.slice(0, 60)}'`);
    this.#section(at.id);
    return { id: at.id, keys: at.keys, schema: at.schema, current: at.value };
  }

  #edited(changes: readonly Change[]): Edited { return { changes: told(changes), problems: this.check() }; }

  /** What the candidate would change; with `n`, what has changed since that entry of the history. */
  diff(n?: number): Pending {
    const { authors, since } = this.config.candidate;
    return { ...this.#edited(this.config.diff(n)), authors, since: since ?? null, confirmBy: this.config.confirmBy ?? null };
  }

  check(): ToldProblem[] { return this.config.check().map(withKeys); }

  async commit(author: string, how: { confirmMinutes?: number | undefined; note?: string | undefined } = {}): Promise<Done> {
    const { confirmMinutes, note } = how;
    return this.#done(await this.config.commit({ author, ...(confirmMinutes === undefined ? {} : { confirmMinutes }), ...(note === undefined ? {} : { note }) }));
  }

  async confirm(): Promise<void> {
    await this.config.confirm();
    this.#changed(undefined);
  }

  discard(): boolean { return this.#changed(this.config.discard()); }

  /** Newest first; 0 is what runs. */
  history(): HistoryEntry[] {
    return this.config.history().map((e, n) => ({ n, time: e.time, author: e.author, note: e.note, changes: e.changes.length }));
  }

  /** What one entry of the history changed. */
  entry(n: number): Omit<HistoryEntry, 'changes'> & { readonly changes: readonly ToldChange[] } {
    const entry = this.config.history()[n];
    if (entry === undefined) throw new CliError(`the history has no entry ${n}; it goes from 0 (what runs) to ${this.config.history().length - 1}`);
    return { n, time: entry.time, author: entry.author, note: entry.note, changes: told(entry.changes) };
  }

  async rollback(n: number, author: string): Promise<Done> { return this.#done(await this.config.rollback(n, author)); }

  async reset(to: 'user' | 'factory', author: string): Promise<Done & { readonly to: 'user' | 'factory' }> {
    const done = await this.config.reset(to, author);
    return { ...this.#done(done), to: done.to };
  }

  async saveDefault(): Promise<void> { await this.config.saveDefault(); }

  #done(done: Committed): Done { return this.#changed({ changes: told(done.changes), confirmBy: done.confirmBy ?? null }); }
}

/** Settings that one merge patch may touch. */
const MOST_LEAVES = 500;
/** What is wrong with one value: more nobody corrects one by one. */
const MOST_ISSUES = 100;
/** Values in one request: far more than people change at a time, and few enough to be looked through at once. */
export const MOST_VALUES = 20_000;

/** Why these are too many values; undefined: they are not. */
export function tooMany(value: unknown, most = MOST_VALUES): string | undefined {
  let count = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const each = open.pop();
    if (++count > most) return `it holds more than ${most} values`;
    if (typeof each !== 'object' || each === null) continue;
    for (const below of Object.values(each)) open.push(below);
  }
  return undefined;
}

export const told = (changes: readonly Change[]): ToldChange[] => changes.map((c) => ({ ...c, words: inWords(c) }));

const spelled = /\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g;

/** The way inside the section, from its spelling. */
export function withKeys(problem: FieldProblem): ToldProblem {
  const { section, path } = problem;
  const rest = path.startsWith(section) ? path.slice(section.length) : '';
  const keys = [...rest.matchAll(spelled)].map(([, name, place, quoted]) => name ?? (place === undefined ? (JSON.parse(quoted ?? '""') as string) : Number(place)));
  return { ...problem, keys };
}

/** Where a merge patch sets or clears something. Alternatives of a union are replaced as a whole: half of one is neither. */
function leavesOf(schema: Schema | undefined, patch: Json, value: Json | undefined, keys: Keys = []): { keys: Keys; value: Json }[] {
  const core = schema === undefined ? undefined : peel(schema).core;
  const type = core?._zod.def.type;
  if (!isObject(patch) || (type !== 'object' && type !== 'record')) return [{ keys, value: isObject(patch) ? merged(value, patch) : patch }];
  return Object.entries(patch).flatMap(([k, each]) => leavesOf(child(core as Schema, k, value), each, own(value, k), [...keys, k]));
}

function merged(value: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const out: Record<string, Json> = isObject(value) ? { ...value } : {};
  for (const [k, each] of Object.entries(patch)) {
    if (each === null) delete out[k];
    else out[k] = merged(own(value, k), each);
  }
  return out;
}

function refuse(schema: Schema, id: string, keys: Keys, value: Json): void {
  if (schema === anything) return;
  let result: ReturnType<ZodType['safeParse']>;
  try {
    result = (schema as ZodType).safeParse(value);
  } catch {
    // A schema that cannot be asked here is asked at the commit.
    return;
  }
  if (!result.success) throw new ConfigProblem(result.error.issues.slice(0, MOST_ISSUES).map((issue) => fieldOf(id, [...keys, ...issue.path], issue.message)));
}
