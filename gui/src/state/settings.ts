import { released } from '../shell/pointer.ts';
import { Cell } from './cell.ts';
import type { Change, HistoryDetail, HistoryEntry, Json, JsonSchema, Path, Problem, Section } from '../wire/settings.ts';
import { wire } from '../wire/socket.ts';

export type { Change, HistoryDetail, HistoryEntry, Json, JsonSchema, Path, Problem, Section, Step } from '../wire/settings.ts';

interface Pending { readonly changes: readonly Change[]; readonly problems: readonly Problem[]; readonly authors: readonly string[]; readonly since: number | null; readonly confirmBy: number | null; readonly newest: number }

/** What somebody looks at. */
interface Held { readonly id: string; readonly only: string | undefined; readonly cell: Cell<Section | undefined>; users: number }

/** Sends a `config.…` request. Rejects with WireError. */
async function config<T>(what: string, fields: Readonly<Record<string, unknown>> = {}): Promise<T> {
  return (await wire.ask({ type: `config.${what}`, ...fields }))['result'] as T;
}

/**
 * The settings as this page knows them: the candidate's changes, what is wrong with it, and sections that somebody looks at. The
 * router tells of every change, whoever made it.
 */
class Settings {
  readonly changes = new Cell<readonly Change[]>([]);
  readonly problems = new Cell<readonly Problem[]>([]);
  readonly authors = new Cell<readonly string[]>([]);
  /** ms since the epoch by the router's clock: what was applied last rolls back then. */
  readonly confirmBy = new Cell<number | undefined>(undefined);
  /** Grows with every commit. */
  readonly newest = new Cell(0);
  readonly #sections = new Map<string, Held>();
  #begun = false;

  /** Called once, when somebody has signed in. */
  watch(): void {
    if (this.#begun) return;
    this.#begun = true;
    wire.subscribe('config', { items: (items) => void this.#pending(items.at(-1) as Pending) });
    wire.epoch.watch(() => this.#refresh());
  }

  async #pending(now: Pending): Promise<void> {
    await released();
    this.changes.value = now.changes;
    this.problems.value = now.problems;
    this.authors.value = now.authors;
    this.confirmBy.value = now.confirmBy ?? undefined;
    this.newest.value = now.newest;
    this.#refresh();
  }

  /** A section while somebody looks at it; `release` when he is done. `only`: of its lists and groups none but this. */
  hold(id: string, only?: string): { readonly cell: Cell<Section | undefined>; release(): void } {
    const key = only === undefined ? id : `${id} ${only}`;
    let held = this.#sections.get(key);
    if (held === undefined) {
      held = { id, only, cell: new Cell<Section | undefined>(undefined), users: 0 };
      this.#sections.set(key, held);
      void this.#load(held, true);
    }
    const mine = held;
    mine.users++;
    return { cell: mine.cell, release: () => { if (--mine.users === 0 && this.#sections.get(key) === mine) this.#sections.delete(key); } };
  }

  #refresh(): void {
    for (const held of this.#sections.values()) void this.#load(held, held.cell.value === undefined);
  }

  async #load({ id, only, cell }: Held, withSchema: boolean): Promise<void> {
    try {
      const shown = await config<Omit<Section, 'schema'>>('show', { section: id, ...(only === undefined ? {} : { only }) });
      const known = cell.value;
      const schema = !withSchema && known?.version === shown.version ? known.schema : (await config<{ schema: JsonSchema }>('schema', { section: id })).schema;
      cell.value = { ...shown, schema };
    } catch {
      // Gone with its plugin, or the connection is: whoever looks at it is told by other means.
    }
  }

  /** A plugin was reloaded: its schema may be another. */
  reread(id: string): void {
    for (const held of this.#sections.values()) if (held.id === id) void this.#load(held, true);
  }

  async set(path: Path, value: Json): Promise<void> { await config('set', { path: path.length === 1 ? path[0] : path, value }); }
  async delete(path: Path): Promise<void> { await config('delete', { path: path.length === 1 ? path[0] : path }); }
  async commit(confirmMinutes?: number): Promise<readonly Change[]> {
    return (await config<{ changes: readonly Change[] }>('commit', confirmMinutes === undefined ? {} : { confirmMinutes })).changes;
  }
  async confirm(): Promise<void> { await config('confirm'); }
  async discard(): Promise<void> { await config('discard'); }
  async history(): Promise<readonly HistoryEntry[]> { return (await config<{ entries: readonly HistoryEntry[] }>('history')).entries; }
  entry(n: number): Promise<HistoryDetail> { return config('history', { n }); }
  /** What has changed since entry n: a roll-back to it undoes that. */
  async since(n: number): Promise<readonly Change[]> { return (await config<{ changes: readonly Change[] }>('diff', { n })).changes; }
  async rollback(n: number): Promise<readonly Change[]> { return (await config<{ changes: readonly Change[] }>('rollback', { n })).changes; }
  reset(to: 'user' | 'factory'): Promise<{ readonly changes: readonly Change[]; readonly to: 'user' | 'factory' }> { return config('reset', { to }); }
  async saveDefault(): Promise<void> { await config('default'); }
}

export const settings = new Settings();
