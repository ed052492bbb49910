import { CliError } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Events } from '../../sdk/events.ts';
import type { Logger } from '../../sdk/log.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { breath } from './breath.ts';
import { Candidate } from './candidate.ts';
import { Chronicle } from './chronicle.ts';
import { type Change, compare, differences } from './diff.ts';
import { type Document, factory, isObject, type Json, type JsonObject, type Keys, LARGEST, same, sectionOf, unstorable, withSection } from './document.ts';
import { drop, put } from './edit.ts';
import { effective } from './effective.ts';
import { follow, type Known } from './paths.ts';
import type { Schema } from './schema.ts';
import { ConfigProblem, type ConfigSection, type FieldProblem, migrate } from './section.ts';
import { type Parsed, Sections } from './sections.ts';
import type { Entry, Store } from './store.ts';
import { spell } from './spelling.ts';
import { applyAll, type Step } from './transaction.ts';
import { typed } from './typed.ts';

export interface Committed {
  readonly changes: readonly Change[];
  /** ms since the epoch; rolled back then unless confirmed. */
  readonly confirmBy: number | undefined;
}

/** The part of the event bus that settings need. */
export interface Emitter { emit<K extends keyof Events>(topic: K, event: Events[K]): void }

interface How { readonly author: string; readonly note: string; readonly minutes?: number | undefined; readonly draft?: Document }

/** When a roll-back that fell due did not succeed, it is tried again. */
const RETRY_MS = 60_000;

/**
 * The router's settings: what runs, one candidate that is edited, and the history. A commit parses everything, verifies across
 * plugins, applies what changed and stores it; all of that happens or nothing. Commits queue: none sees another half done.
 */
export class Config {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #bus: Emitter;
  readonly #sections = new Sections();
  readonly #candidate = new Candidate();
  readonly #chronicle: Chronicle;
  #document: Document = factory;
  #timer: Disposable | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  /** The commit under way: which sections have been given their part of `next`. */
  #work: { readonly next: Document; readonly parsed: Parsed; readonly began: Set<string> } | undefined;

  /** Loads the settings; a commit that nobody had confirmed when the router stopped is rolled back here. */
  static async open(opts: { store: Store; clock: Clock; log: Logger; bus: Emitter; /** What a router without settings begins with, and `reset factory` goes back to. */ factory?: Document }): Promise<Config> {
    const config = new Config(opts.store, opts.clock, opts.log, opts.bus, opts.factory);
    config.#document = await config.#chronicle.load();
    return config;
  }

  private constructor(store: Store, clock: Clock, log: Logger, bus: Emitter, beginning: Document | undefined) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#bus = bus;
    this.#chronicle = new Chronicle(store, clock, log, beginning);
  }

  /** Undefined: settings live in memory only. */
  get directory(): string | undefined { return this.#store.dir; }
  /** The stored form of what runs. */
  get document(): Document { return this.#document; }
  get candidate(): { readonly authors: readonly string[]; readonly since: number | undefined } { return this.#candidate; }
  get sections(): readonly ConfigSection[] { return this.#sections.all; }
  /** When the last commit rolls back by itself, in ms since the epoch. */
  get confirmBy(): number | undefined { return this.#chronicle.pending?.deadline; }
  /** Newest first; 0 is what runs. */
  history(): readonly Entry[] { return this.#chronicle.entries; }

  /** A plugin's settings come into force; `running` has them from now on. Throws ConfigProblem, and the stored ones stay as they are;
   *  with `tell` they are attached to be repaired: the commit that does it calls `apply`. */
  attach(section: ConfigSection, tell?: (problem: ConfigProblem) => void): Disposable {
    const doc = this.#work?.began.has(section.id) ? this.#work.next : this.#document;
    return this.#sections.attach(section, sectionOf(doc, section.id), tell);
  }

  /** Parsed settings of an attached section. While a commit hands out settings, a section sees its own new ones. */
  running<T = unknown>(id: string): T {
    const { began, parsed } = this.#work ?? {};
    return (parsed !== undefined && began?.has(id) ? this.#sections.in(parsed, id) : this.#sections.parsed(id)) as T;
  }

  /** The settings for whoever resolves paths or shows them. */
  known(which: 'running' | 'candidate'): Known {
    const doc = which === 'candidate' ? this.#candidate.draft ?? this.#document : this.#document;
    return {
      ids: [...new Set([...this.#sections.ids, ...Object.keys(doc.sections)])].sort(),
      schema: (id) => this.#sections.schema(id),
      settings: (id) => {
        const { schema, settings } = this.#sections.read(id, doc);
        return (schema === undefined ? settings : effective(schema, settings ?? {})) ?? {};
      },
    };
  }

  /** Sets one value in the candidate; says what differs now. Throws CliError for a place that does not exist. */
  set(id: string, keys: Keys, value: Json, author: string): Change[] {
    const wrong = unstorable(value, keys.length);
    if (wrong !== undefined) throw new CliError(`${spell(id, keys)}: ${wrong}`);
    const target = follow(id, keys, this.known('candidate'));
    return this.#edit(id, author, (schema, settings) => put(schema, settings, target.keys, value));
  }

  /** In the candidate a field gets its default again; an entry of a list or record goes. */
  delete(id: string, keys: Keys, author: string): Change[] {
    const target = follow(id, keys, this.known('candidate'));
    return this.#edit(id, author, (schema, settings) => drop(schema, settings, target.keys) ?? {});
  }

  /** Replaces a whole section of the candidate, as a form does. */
  replace(id: string, settings: JsonObject, author: string): Change[] {
    return this.set(id, [], settings, author);
  }

  #edit(id: string, author: string, change: (schema: Schema, settings: JsonObject) => Json): Change[] {
    const draft = this.#candidate.draft ?? this.#document;
    const next = this.#changed(draft, id, change);
    this.#candidate.edit(this.#document, next, author, this.#clock.wall());
    return compare(draft, next, this.#sections.read);
  }

  #changed(doc: Document, id: string, change: (schema: Schema, settings: JsonObject) => Json): Document {
    const section = this.#sections.section(id);
    const settings = change(section.schema, migrate(section, sectionOf(doc, id)));
    if (!isObject(settings)) throw new CliError(`${id}: settings are fields in {…}`);
    return withSection(doc, id, { version: section.version, settings: structuredClone(settings) });
  }

  /** True when there was something to discard. */
  discard(): boolean { return this.#candidate.discard(); }

  /** What the candidate would change; with `n`, what has changed since that entry of the history. */
  diff(n?: number): Change[] {
    if (n !== undefined) return compare(this.#chronicle.at(n).document, this.#document, this.#sections.read);
    return compare(this.#document, this.#candidate.draft ?? this.#document, this.#sections.read);
  }

  /** What keeps the candidate from being committed. */
  check(): readonly FieldProblem[] { return this.#problems(this.#candidate.draft ?? this.#document); }

  #problems(document: Document): readonly FieldProblem[] {
    try {
      this.#sections.examine(document);
      return [];
    } catch (error) {
      if (error instanceof ConfigProblem) return error.fields;
      throw error;
    }
  }

  /** Commits the candidate. Throws ConfigProblem or CommitFailed; then the candidate stays, to be corrected. */
  commit(opts: { author: string; confirmMinutes?: number; note?: string }): Promise<Committed> {
    return this.#exclusive(async () => {
      const draft = this.#candidate.draft;
      if (draft === undefined) return { changes: [], confirmBy: this.confirmBy };
      this.#refuseWhilePending();
      return this.#transact(draft, { author: opts.author, note: opts.note ?? '', minutes: opts.confirmMinutes, draft });
    });
  }

  /** Changes one plugin's settings at once; a candidate that somebody edits is left out of it. Throws CliError with the reasons. */
  update<T>(id: string, mutate: (draft: T) => void, author: string): Promise<Committed> {
    return this.#exclusive(async () => {
      this.#refuseWhilePending();
      const { schema } = this.#sections.section(id);
      const changed = structuredClone(this.#sections.parsed(id)) as T;
      mutate(changed);
      await breath(this.#document);
      const [before, after] = [typed(id, schema, this.#sections.parsed(id)), typed(id, schema, changed)];
      const next = this.#changed(this.#document, id, (s, settings) => differences(before, after, true)
        .reduce<Json>((now, d) => (d.after === undefined ? drop(s, now, d.keys) ?? {} : put(s, now, d.keys, d.after)), settings));
      await breath(next);
      return this.#transact(next, { author, note: '' });
    });
  }

  /** Back to entry n of the history. Also ends a commit that waits for confirmation. */
  rollback(n: number, author: string): Promise<Committed> {
    return this.#exclusive(async () => {
      const entry = this.#chronicle.at(n);
      if (n === 0) throw new CliError('entry 0 is what runs already');
      return this.#transact(entry.document, { author, note: `rollback ${n}: as of ${new Date(entry.time).toISOString()}` });
    });
  }

  /** Another document in place of what runs, such as a backup. Throws ConfigProblem or CommitFailed; then nothing changes. */
  restore(document: Document, author: string, note: string): Promise<Committed> {
    return this.#exclusive(async () => {
      this.#refuseWhilePending();
      return this.#transact(document, { author, note });
    });
  }

  /** What `restore` of this document would change, and what keeps it from being done. */
  consider(document: Document): { readonly changes: readonly Change[]; readonly problems: readonly FieldProblem[] } {
    return { changes: compare(this.#document, document, this.#sections.read), problems: this.#problems(document) };
  }

  /** Everything to the user-defined default (the factory's where none was saved) or to the factory's; drops the candidate. */
  reset(to: 'user' | 'factory', author: string): Promise<Committed & { readonly to: 'user' | 'factory' }> {
    return this.#exclusive(async () => {
      const saved = to === 'user' ? this.#chronicle.userDefault : undefined;
      const done = await this.#transact(saved ?? this.#chronicle.factory, { author, note: `reset to the ${saved ? 'user-defined default' : 'factory defaults'}` });
      this.#candidate.discard();
      return { ...done, to: saved ? 'user' : 'factory' };
    });
  }

  /** What runs becomes the user-defined default configuration. */
  saveDefault(): Promise<void> { return this.#exclusive(() => this.#chronicle.saveDefault(this.#document)); }
  /** Writes what runs once more, for a disk that came back. */
  save(): Promise<void> { return this.#exclusive(() => this.#store.writeConfig(this.#document)); }

  /** Keeps what was committed on probation. Throws CliError when nothing waits. */
  confirm(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#chronicle.pending === undefined) throw new CliError('no commit waits for confirmation');
      await this.#endPending();
    });
  }

  /** Waits for the commit under way and gives the directory back. An unconfirmed commit is rolled back at the next start. */
  async close(): Promise<void> {
    await this.#exclusive(async () => { await this.#timer?.dispose(); });
    await this.#store.close();
  }

  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run);
    this.#tail = result.catch(() => {});
    return result;
  }

  #refuseWhilePending(): void {
    const { pending } = this.#chronicle;
    if (pending === undefined) return;
    throw new CliError(`the commit by ${pending.author} waits for confirmation until ${new Date(pending.deadline).toISOString()}: use 'config confirm' or 'config rollback 1' first`);
  }

  async #transact(next: Document, how: How): Promise<Committed> {
    const before = this.#document;
    const parsed = this.#sections.examine(next);
    await breath(next);
    const changes = compare(before, next, this.#sections.read);
    await breath(next);
    const wasPending = this.#chronicle.pending !== undefined;
    if (!same(before, next)) {
      if (JSON.stringify(next).length > LARGEST) throw new CliError(`the settings are larger than ${LARGEST} octets`);
      const entry = this.#chronicle.entry(next, how.author, how.note, changes);
      const deadline = how.minutes === undefined ? undefined : this.#clock.wall() + how.minutes * 60_000;
      const pending = deadline === undefined ? undefined : { previous: before, deadline, author: how.author };
      await this.#apply(next, parsed, changes, () => this.#chronicle.add(entry, pending, before));
      this.#candidate.moved(before, next, how.draft);
      if (pending !== undefined) this.#arm((how.minutes as number) * 60_000);
    }
    if (!same(before, next)) {
      const changed = [...new Set(changes.map((c) => c.section))];
      this.#log.info({ author: how.author, changed, note: how.note }, `settings: committed, ${changes.length} changes`);
      this.#bus.emit('config/committed', { author: how.author, changed });
    }
    if (wasPending) await this.#endPending();
    return { changes, confirmBy: this.confirmBy };
  }

  async #apply(next: Document, parsed: Parsed, changes: readonly Change[], store: () => Promise<void>): Promise<void> {
    const touched = new Set(changes.map((c) => c.section));
    // One that came after the settings were examined (breath.ts) is given its own by `settle`.
    const steps = this.#sections.ids.filter((id) => touched.has(id) && this.#sections.in(parsed, id) !== undefined).map((id): Step => ({
      id, before: this.#sections.parsed(id), after: this.#sections.in(parsed, id),
      // By name: applying may have put another generation of the plugin in place. One that is gone needs nothing.
      apply: (settings) => (settings !== undefined && this.#sections.has(id) ? this.#sections.section(id).apply?.(settings) : undefined),
    }));
    const began = new Set<string>();
    const told = new Set<string>();
    this.#work = { next, parsed, began };
    try {
      const watch = { began: (id: string) => { began.add(id); told.add(id); }, undone: (id: string) => { began.delete(id); } };
      await applyAll(steps, this.#clock, watch, store);
      this.#document = next;
    } finally {
      this.#work = undefined;
      await this.#sections.settle(this.#document, this.#document === next ? parsed : new Map(), told, this.#log);
    }
  }

  #arm(ms: number): void {
    void this.#timer?.dispose();
    this.#timer = this.#clock.after(ms, () => { void this.#exclusive(() => this.#expire()); });
  }

  async #expire(): Promise<void> {
    const { pending } = this.#chronicle;
    if (pending === undefined) return;
    try {
      await this.#transact(pending.previous, { author: pending.author, note: 'not confirmed in time: rolled back' });
    } catch (error) {
      this.#log.error({ error }, 'settings: the roll-back of an unconfirmed commit failed; trying again in a minute');
      this.#arm(RETRY_MS);
    }
  }

  async #endPending(): Promise<void> {
    await this.#chronicle.endPending();
    await this.#timer?.dispose();
    this.#timer = undefined;
  }
}
