import { CliError } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Logger } from '../../sdk/log.ts';
import { type Change, compare } from './diff.ts';
import { type Document, factory, same, sectionOf } from './document.ts';
import type { Entry, Pending, Store } from './store.ts';

/** How many commits are remembered. */
export const REMEMBERED = 50;

/** The history, the user-defined default and the commit on probation, in memory and in the store. */
export class Chronicle {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  #entries: readonly Entry[] = [];
  #userDefault: Document | undefined;
  #pending: Pending | undefined;

  /** What a router without settings begins with. */
  readonly factory: Document;

  constructor(store: Store, clock: Clock, log: Logger, beginning: Document = factory) {
    this.#store = store;
    this.factory = beginning;
    this.#clock = clock;
    this.#log = log;
  }

  /** Newest first. */
  get entries(): readonly Entry[] { return this.#entries; }
  get userDefault(): Document | undefined { return this.#userDefault; }
  get pending(): Pending | undefined { return this.#pending; }

  /** The settings to start with. Afterwards entry 0 holds exactly these. */
  async load(): Promise<Document> {
    const stored = await this.#store.load();
    this.#entries = stored.history.slice(0, REMEMBERED);
    this.#userDefault = stored.userDefault;
    const document = stored.pending?.previous ?? stored.document ?? stored.userDefault ?? this.factory;
    if (stored.pending) this.#log.warn({ author: stored.pending.author }, 'settings: the last commit was not confirmed before the restart: rolled back');
    const newest = this.#entries[0];
    const known = newest !== undefined && same(newest.document, document);
    // No plugin is loaded yet, so nobody knows what is secret: only the places are told.
    const changes = compare(newest?.document ?? this.factory, document, (id, doc) => ({ schema: undefined, settings: sectionOf(doc, id)?.settings }));
    const note = stored.pending ? 'not confirmed before the restart: rolled back' : newest ? 'found at start' : 'first start';
    const entry = this.entry(document, 'start', note, changes);
    try {
      if (!known) await this.add(entry, undefined, undefined);
      else if (!stored.intact || stored.pending) await this.#store.writeConfig(document);
      if (stored.pending) await this.#store.writePending(undefined);
    } catch (error) {
      this.#log.error({ error }, 'settings: the state directory cannot be written; the router runs on what it has read');
      if (!known && this.#entries[0] !== entry) this.#entries = [entry, ...this.#entries];
    }
    return document;
  }

  entry(document: Document, author: string, note: string, changes: readonly Change[]): Entry {
    return { seq: (this.#entries[0]?.seq ?? 0) + 1, time: this.#clock.wall(), author, note, changes, document };
  }

  /** Entry n, 0 being what runs. Throws CliError. */
  at(n: number): Entry {
    const entry = this.#entries[n];
    if (entry === undefined) throw new CliError(`the history has no entry ${n}; it goes from 0 (what runs) to ${this.#entries.length - 1}`);
    return entry;
  }

  /**
   * Stores a commit. config.json comes last, for its rename decides: before it, a crash leaves the old settings in force. When
   * anything fails all is taken back, down to `before`.
   */
  async add(entry: Entry, pending: Pending | undefined, before: Document | undefined): Promise<void> {
    try {
      if (pending !== undefined) await this.#store.writePending(pending);
      await this.#store.writeEntry(entry);
      await this.#store.writeConfig(entry.document);
    } catch (error) {
      const back = [() => this.#store.removeEntry(entry.seq), ...(before ? [() => this.#store.writeConfig(before)] : []), ...(pending ? [() => this.#store.writePending(undefined)] : [])];
      for (const undo of back) await undo().catch((e: unknown) => this.#log.error({ error: e }, 'settings: a half-stored commit could not be taken back'));
      throw error;
    }
    const forgotten = this.#entries.slice(REMEMBERED - 1);
    this.#entries = [entry, ...this.#entries.slice(0, REMEMBERED - 1)];
    if (pending !== undefined) this.#pending = pending;
    for (const old of forgotten) await this.#store.removeEntry(old.seq).catch((e: unknown) => this.#log.warn({ error: e }, 'settings: an old history entry could not be removed'));
  }

  async endPending(): Promise<void> {
    await this.#store.writePending(undefined);
    this.#pending = undefined;
  }

  async saveDefault(document: Document): Promise<void> {
    await this.#store.writeDefault(document);
    this.#userDefault = document;
  }
}
