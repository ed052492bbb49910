import { token } from './token.ts';

/** A plugin that waits in its folder until something asks for it: a `card.json` lies beside its plugin.ts. */
export interface OnDemandPlugin {
  readonly id: string;
  /** Undefined: it was handed over in memory. */
  readonly folder: string | undefined;
  /** What card.json holds, as it was found: a stranger's data. Undefined when it is no JSON; then `problem` says so. */
  readonly manifest: unknown;
  readonly problem: string | undefined;
}

/** The plugins that are loaded on demand, the router's own and those installed. */
export interface PluginCatalog {
  /** What there is now, by id. */
  list(): Promise<readonly OnDemandPlugin[]>;
  /** Loads it, unless it is loaded; resolves when it is active. Rejects with a sentence. Not to be awaited during a setup. */
  load(id: string): Promise<void>;
  /** Unloads what `load` has loaded; a plugin that a person loaded stays. Not to be awaited while a plugin is set up or unloaded. */
  unload(id: string): Promise<void>;
}
export const PluginCatalogToken = token<PluginCatalog>('kernel.plugin-catalog');
