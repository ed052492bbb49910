import type { OnDemandPlugin, PluginCatalog } from '../../sdk/catalog.ts';
import type { AnyPlugin } from '../../sdk/plugin.ts';
import type { LoadedPlugin } from './entry.ts';
import type { PluginHost } from './host.ts';

/** Where plugins that are loaded on demand come from. */
export interface OnDemandSource {
  list(): Promise<readonly OnDemandPlugin[]>;
  /** Rejects with a sentence. */
  read(id: string): Promise<LoadedPlugin>;
}

export const nothingOnDemand: OnDemandSource = {
  list: async () => [],
  read: async id => { throw new Error(`there is no plugin ${id}`); },
};

/** Plugins that are in memory already. */
export function onDemandFrom(plugins: readonly { readonly manifest: unknown; readonly def: AnyPlugin }[]): OnDemandSource {
  return {
    list: async () => plugins.map(({ manifest, def }) => ({ id: def.id, folder: undefined, manifest, problem: undefined })),
    read: async id => {
      const found = plugins.find(p => p.def.id === id);
      return found === undefined ? nothingOnDemand.read(id) : { def: found.def };
    },
  };
}

/** Loads and unloads plugins of a source through the host, one change at a time, so that quick changes of mind end as the last one said. */
export class Catalog implements PluginCatalog {
  readonly #host: PluginHost;
  readonly #source: OnDemandSource;
  readonly #mine = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(host: PluginHost, source: OnDemandSource) {
    this.#host = host;
    this.#source = source;
  }

  list(): Promise<readonly OnDemandPlugin[]> { return this.#source.list(); }

  load(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#host.info(id) === undefined) {
        const loaded = await this.#source.read(id);
        if (loaded.def.id !== id) {
          loaded.discard?.();
          throw new Error(`the plugin in the folder of ${id} calls itself ${loaded.def.id}`);
        }
        await this.#host.load(loaded);
        this.#mine.add(id);
      }
      const { state, why } = this.#host.info(id) ?? { state: 'gone', why: '' };
      if (state !== 'active') throw new Error(`${id} is ${state}${why === '' ? '' : `: ${why}`}`);
    });
  }

  unload(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#mine.delete(id) || this.#host.info(id) === undefined) return;
      // It may have gone while this waited for its turn: the router stops.
      await this.#host.unload(id).catch((error: unknown) => { if (this.#host.info(id) !== undefined) throw error; });
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }
}
