import { pathToFileURL } from 'node:url';
import type { ServiceDirectory } from '../di.ts';
import type { Entry, Limits, LoadedPlugin, PluginState } from './entry.ts';
import type { Fault } from './faults.ts';
import { drawGraph } from './graph.ts';
import type { Holding } from './ledger.ts';
import { LifeCycle } from './life-cycle.ts';
import type { Measured } from './memory.ts';
import type { KernelServices } from './services.ts';

export type { LoadedPlugin, PluginState } from './entry.ts';

export interface PluginInfo {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly state: PluginState;
  /** Why it is in this state, in words; empty when there is nothing to say. */
  readonly why: string;
  readonly generation: number;
  readonly folder: string | undefined;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
  readonly failClosed: boolean;
  /** Labels of what it holds. */
  readonly holds: readonly string[];
  readonly faults: readonly Fault[];
  /** What it has counted, mostly packets it dropped; without those at 0. A name that several plugins use stands at each of them. */
  readonly counters: Readonly<Record<string, number>>;
  /** Undefined until somebody measures it (plugin memory). */
  readonly memory: Measured | undefined;
}

/** The plugins of a router. Every change of the set waits for the one before. */
export class PluginHost {
  readonly #life: LifeCycle;
  readonly #services: KernelServices;
  #turn: Promise<unknown> = Promise.resolve();
  /** What is known about the memory of a plugin as it is loaded now; set by whoever measures. */
  memoryOf: (id: string, generation: number) => Measured | undefined = () => undefined;

  constructor(services: KernelServices, limits: Limits = {}) {
    this.#services = services;
    this.#life = new LifeCycle(services, limits);
  }

  /** Which services live; the kernel adds its own here. */
  get directory(): ServiceDirectory { return this.#life.directory; }

  /**
   * Adds plugins and starts what can start, providers first. Resolves when each of them runs, waits or has failed; rejects
   * when one of them is loaded already (the others are loaded all the same).
   */
  load(...plugins: readonly LoadedPlugin[]): Promise<void> {
    return this.#inTurn(async () => {
      const refused: string[] = [];
      for (const loaded of plugins) {
        if (this.#life.entries.has(loaded.def.id)) {
          refused.push(`${loaded.def.id} is loaded already; reload it instead`);
          loaded.discard?.();
          continue;
        }
        const entry = this.#life.add(loaded);
        this.#attach(entry);
        loaded.adopt?.();
      }
      await this.#life.settled();
      this.#services.flows.bumpEpoch('plugins loaded');
      if (refused.length > 0) throw new Error(refused.join('; '));
    });
  }

  /** Stops its users, then the plugin, and forgets it. The users wait. */
  unload(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const entry = this.#entry(id);
      await this.#life.stop(entry, 'gone', 'unloaded', false);
      await this.#life.detach(entry);
      this.#life.remove(entry);
      await this.#life.settled();
      this.#services.flows.bumpEpoch(`plugin ${id} unloaded`);
    });
  }

  /**
   * Replaces a plugin while packets flow: the new one is read first, then the old one stops and the new one starts with
   * what the old one saved. If it does not start, the old one comes back, and the promise rejects with the reason.
   */
  reload(id: string, replacement?: LoadedPlugin): Promise<void> {
    return this.#inTurn(async () => {
      const entry = this.#entry(id);
      const next = replacement ?? (entry.loaded.read ? await entry.loaded.read() : entry.loaded);
      if (next.def.id !== id) {
        next.discard?.();
        throw new Error(`${id} cannot be replaced by ${next.def.id}: a reload keeps the id`);
      }
      const failure = await this.#held(`plugin ${id} reloaded`, () => this.#swap(entry, next));
      if (failure !== undefined) throw new Error(`${id}: ${failure}`);
    });
  }

  /** Stops everything, users before providers. */
  stopAll(): Promise<void> {
    return this.#inTurn(async () => {
      const entries = [...this.#life.entries.values()].sort((a, b) => b.started - a.started);
      for (const entry of entries) await this.#life.stop(entry, 'gone', 'the router stops', false);
      for (const entry of entries) {
        await this.#life.detach(entry);
        this.#life.entries.delete(entry.loaded.def.id);
      }
    });
  }

  /** Resolves when everything asked for so far is done and nothing starts or stops. */
  settled(): Promise<void> {
    return this.#inTurn(() => this.#life.settled());
  }

  list(): PluginInfo[] {
    return [...this.#life.entries.keys()].sort().map(id => this.info(id) as PluginInfo);
  }

  info(id: string): PluginInfo | undefined {
    const entry = this.#life.entries.get(id);
    const node = this.#life.nodes().find(n => n.id === id);
    if (!entry || !node) return undefined;
    const { def, folder } = entry.loaded;
    return {
      id, folder, state: entry.state, why: entry.why, generation: entry.number,
      title: def.title ?? '', version: def.version ?? '', failClosed: def.failClosed ?? false,
      needs: node.needs, provides: node.provides,
      holds: this.#life.ledger.held(id).map(h => h.label),
      faults: this.#life.faults.list(id),
      counters: Object.fromEntries([...entry.life?.counters ?? []].filter(([, c]) => c.n > 0).map(([name, c]) => [name, c.n])),
      memory: this.memoryOf(id, entry.number),
    };
  }

  /** Who uses whom, drawn. */
  graph(): string {
    return drawGraph(this.#life.nodes().map(node => ({ ...node, state: this.#life.entries.get(node.id)?.state ?? 'gone' })));
  }

  /** What plugins did wrong, all or one of them, gone ones too; the latest last. */
  faults(id?: string): readonly Fault[] { return this.#life.faults.list(id); }

  /** For those who call plugins on their own account: the engine, the verb tree. */
  report(id: string, place: string, error: unknown): void { this.#life.faults.report(id, place, error); }

  /** Which plugin an error comes from, by the folders in its stack; for errors that nobody caught. */
  blame(error: unknown): string | undefined {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    const from = (folder: string) => stack.includes(`${folder}/`) || stack.includes(`${pathToFileURL(folder).pathname}/`);
    for (const { loaded: { def, code } } of this.#life.entries.values()) if (code !== undefined && from(code)) return def.id;
    return undefined;
  }

  /** What is still held by generations that have ended; empty when unloading was complete. */
  residue(): readonly Holding[] { return this.#life.ledger.residue(); }

  /** Everything all plugins hold. */
  census(): readonly Holding[] { return this.#life.ledger.held(); }

  #entry(id: string): Entry {
    const entry = this.#life.entries.get(id);
    if (!entry) throw new Error(`no plugin ${id} is loaded`);
    return entry;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** The packets wait while a plugin is exchanged, and are decided anew afterwards. */
  async #held<T>(why: string, change: () => Promise<T>): Promise<T> {
    const breath = this.#services.hold(why);
    try {
      return await change();
    } finally {
      await breath.dispose();
      this.#services.flows.bumpEpoch(why);
    }
  }

  /** Says what went wrong, if anything did. */
  async #swap(entry: Entry, next: LoadedPlugin): Promise<string | undefined> {
    const before = entry.loaded;
    const ran = entry.state === 'active';
    await this.#life.stop(entry, 'stopping', 'is being reloaded', true);
    await this.#put(entry, next);
    if (!ran || stateOf(entry) === 'active') {
      if (next !== before) next.adopt?.();
      await this.#life.settled();
      return stateOf(entry) === 'failed' ? entry.why : undefined;
    }
    const why = entry.why;
    if (next !== before) next.discard?.();
    await this.#life.stop(entry, 'stopping', 'the generation before comes back', true);
    await this.#put(entry, before);
    await this.#life.settled();
    if (stateOf(entry) === 'active') return `the new one does not start (${why}); the old one is back`;
    return `the new one does not start (${why}), and the old one not again (${entry.why})`;
  }

  async #put(entry: Entry, loaded: LoadedPlugin): Promise<void> {
    await this.#life.detach(entry);
    entry.loaded = loaded;
    this.#attach(entry);
    if (stateOf(entry) !== 'failed') await this.#life.start(entry);
  }

  #attach(entry: Entry): void {
    this.#life.attach(entry, next => this.#apply(entry, next));
  }

  /** Committed settings come to the plugin: it is told, or restarted with them. */
  async #apply(entry: Entry, next: unknown): Promise<void> {
    entry.config = next;
    if (entry.state === 'active' && entry.life?.reconfigurable) {
      await entry.life.reconfigure(next);
      return;
    }
    const restarted = this.#inTurn(() => this.#held(`plugin ${entry.loaded.def.id} restarted`, () => this.#restart(entry)));
    // A setup that changes its own settings would wait for its own end.
    if (entry.state === 'starting') restarted.catch(() => {});
    else await restarted;
  }

  async #restart(entry: Entry): Promise<void> {
    if (entry.state !== 'active' && entry.state !== 'failed') return;
    await this.#life.stop(entry, 'stopping', 'its settings changed', true);
    await this.#life.start(entry);
    await this.#life.settled();
    if (stateOf(entry) === 'failed') throw new Error(`${entry.loaded.def.id}: ${entry.why}`);
  }
}

/** Read anew: the compiler takes a state it has seen for the state it still is. */
const stateOf = (entry: Entry): PluginState => entry.state;
