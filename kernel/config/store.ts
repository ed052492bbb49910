import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../sdk/log.ts';
import type { Change } from './diff.ts';
import { BadDocument, checkFormat, type Document, documentOf, isObject, LARGEST, parseDocument, parseJson } from './document.ts';
import { removeDurably, sweep, syncDirectory, writeDurably } from './durable.ts';
import { lock, type Lock } from './lock.ts';

/** One line of the history, with the settings that ran from then on. */
export interface Entry {
  readonly seq: number;
  /** ms since the epoch. */
  readonly time: number;
  readonly author: string;
  readonly note: string;
  readonly changes: readonly Change[];
  readonly document: Document;
}

/** A commit that waits for its confirmation. */
export interface Pending {
  /** What comes back when nobody confirms. */
  readonly previous: Document;
  /** ms since the epoch. */
  readonly deadline: number;
  readonly author: string;
}

export interface Loaded {
  /** Undefined: nothing stored (or nothing readable): begin with the defaults. */
  readonly document: Document | undefined;
  /** config.json itself was read; else it has to be written again. */
  readonly intact: boolean;
  /** Newest first. */
  readonly history: readonly Entry[];
  readonly userDefault: Document | undefined;
  readonly pending: Pending | undefined;
}

/** Where settings outlive the router. */
export interface Store {
  /** Undefined: in memory only. */
  readonly dir: string | undefined;
  load(): Promise<Loaded>;
  writeConfig(document: Document): Promise<void>;
  writeEntry(entry: Entry): Promise<void>;
  removeEntry(seq: number): Promise<void>;
  writeDefault(document: Document): Promise<void>;
  writePending(pending: Pending | undefined): Promise<void>;
  close(): Promise<void>;
}

/** Nothing outlives the router: tests, the memory lab. */
export function memoryStore(): Store {
  const nothing = async (): Promise<void> => {};
  return {
    dir: undefined,
    load: async () => ({ document: undefined, intact: false, history: [], userDefault: undefined, pending: undefined }),
    writeConfig: nothing, writeEntry: nothing, removeEntry: nothing, writeDefault: nothing, writePending: nothing, close: nothing,
  };
}

/** Opens a state directory and locks it. Throws Locked when another router has it. */
export async function openStore(dir: string, log: Logger, wall: () => number): Promise<Store> {
  await mkdir(join(dir, 'history'), { recursive: true, mode: 0o700 });
  const held = await lock(dir);
  try {
    await sweep(dir);
    await sweep(join(dir, 'history'));
  } catch (error) {
    await held.release();
    throw error;
  }
  return new DirectoryStore(dir, log, wall, held);
}

/** `<dir>/config.json`, `default.json`, `pending.json`, `history/<seq>.json`; what cannot be read goes to `bad/`. */
class DirectoryStore implements Store {
  readonly dir: string;
  readonly #log: Logger;
  readonly #wall: () => number;
  readonly #lock: Lock;

  constructor(dir: string, log: Logger, wall: () => number, held: Lock) {
    this.dir = dir;
    this.#log = log;
    this.#wall = wall;
    this.#lock = held;
  }

  async load(): Promise<Loaded> {
    const history = await this.#history();
    const userDefault = await this.#read('default.json', parseDocument);
    const pending = await this.#read('pending.json', parsePending);
    const current = await this.#read('config.json', parseDocument);
    let document = current.value;
    if (current.bad) {
      const good = history[0];
      document = good?.document ?? userDefault.value;
      const instead = good ? `the commit of ${new Date(good.time).toISOString()} by ${good.author}` : document ? 'the user-defined default' : 'the factory defaults';
      this.#log.warn({ dir: this.dir }, `settings: loading ${instead} instead`);
    }
    // That a commit waits for confirmation is known even when its file cannot be read; the one before it is the way back.
    const unreadable = pending.bad && history[1] ? { previous: history[1].document, deadline: 0, author: history[0]?.author ?? '' } : undefined;
    return { document, intact: current.value !== undefined, history, userDefault: userDefault.value, pending: pending.value ?? unreadable };
  }

  async #history(): Promise<Entry[]> {
    const names = (await readdir(join(this.dir, 'history'))).filter((n) => /^\d+\.json$/.test(n)).sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
    const entries: Entry[] = [];
    for (const name of names) {
      const { value } = await this.#read(join('history', name), (text) => parseEntry(text, Number.parseInt(name, 10)));
      if (value !== undefined) entries.push(value);
    }
    return entries;
  }

  /** A file that says nothing useful is put aside, and the log tells why. */
  async #read<T>(name: string, parse: (text: string) => T): Promise<{ value: T | undefined; bad: boolean }> {
    try {
      const text = await readFile(join(this.dir, name), 'utf8');
      if (text.length > LARGEST * 2) throw new BadDocument('it is too large');
      return { value: parse(text), bad: false };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { value: undefined, bad: false };
      if (!(error instanceof BadDocument)) throw error;
      const aside = join('bad', `${new Date(this.#wall()).toISOString().replace(/[:.]/g, '-')}-${name.replace(/[/\\]/g, '-')}`);
      await mkdir(join(this.dir, 'bad'), { recursive: true, mode: 0o700 });
      await rename(join(this.dir, name), join(this.dir, aside));
      await syncDirectory(this.dir);
      this.#log.error({ file: join(this.dir, name), kept: join(this.dir, aside) }, `settings: ${name} cannot be used: ${error.message}; it is kept as ${aside}`);
      return { value: undefined, bad: true };
    }
  }

  #write(name: string, value: unknown): Promise<void> { return writeDurably(join(this.dir, name), `${JSON.stringify(value, null, 2)}\n`); }
  #entry(seq: number): string { return join('history', `${String(seq).padStart(6, '0')}.json`); }

  writeConfig(document: Document): Promise<void> { return this.#write('config.json', document); }
  writeDefault(document: Document): Promise<void> { return this.#write('default.json', document); }
  writeEntry({ seq, ...entry }: Entry): Promise<void> { return this.#write(this.#entry(seq), { format: 1, ...entry }); }
  removeEntry(seq: number): Promise<void> { return rm(join(this.dir, this.#entry(seq)), { force: true }); }
  writePending(pending: Pending | undefined): Promise<void> {
    return pending === undefined ? removeDurably(join(this.dir, 'pending.json')) : this.#write('pending.json', { format: 1, ...pending });
  }

  close(): Promise<void> { return this.#lock.release(); }
}

function parseEntry(text: string, seq: number): Entry {
  const value = parseJson(text);
  if (!isObject(value)) throw new BadDocument('it is no history entry');
  checkFormat(value.format);
  const { time, author, note, changes } = value;
  if (typeof time !== 'number' || !Number.isFinite(new Date(time).getTime()) || typeof author !== 'string' || typeof note !== 'string' || !Array.isArray(changes)) throw new BadDocument('it is no history entry');
  const known = changes.filter((c) => isObject(c) && typeof c.section === 'string' && typeof c.path === 'string') as unknown as Change[];
  return { seq, time, author, note, changes: known, document: documentOf(value.document) };
}

function parsePending(text: string): Pending {
  const value = parseJson(text);
  if (!isObject(value)) throw new BadDocument('it is no note of a commit');
  checkFormat(value.format);
  if (typeof value.deadline !== 'number' || typeof value.author !== 'string') throw new BadDocument('it is no note of a commit');
  return { previous: documentOf(value.previous), deadline: value.deadline, author: value.author };
}
