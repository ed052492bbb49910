import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnDemandPlugin } from '../../sdk/catalog.ts';
import type { OnDemandSource } from './catalog.ts';
import type { LoadedPlugin } from './entry.ts';
import type { Loader } from './loader.ts';
import type { PluginStore } from './store.ts';

const MANIFEST = 'card.json';
/** No manifest is longer (octets). */
const MOST = 64 * 1024;

/** Whether the plugin in this folder is loaded when it is asked for, not at start. */
export const isOnDemand = (folder: string): boolean => existsSync(join(folder, MANIFEST));

/** Plugins that came with the router, and those installed, which have a manifest. */
export class OnDemandFolders implements OnDemandSource {
  readonly #loader: Loader;
  readonly #store: PluginStore | undefined;
  /**
   * A runtime never forgets a module, so a plugin that comes and goes with a card is read again only when its files changed.
   */
  readonly #read = new Map<string, { readonly stamp: string; readonly loaded: LoadedPlugin }>();

  constructor(loader: Loader, store: PluginStore | undefined) {
    this.#loader = loader;
    this.#store = store;
  }

  async list(): Promise<readonly OnDemandPlugin[]> {
    const found = [...(await this.#folders())].map(([id, folder]) => described(id, folder));
    return (await Promise.all(found)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async read(id: string): Promise<LoadedPlugin> {
    const folder = (await this.#folders()).get(id);
    if (folder === undefined) throw new Error(`there is no plugin ${id} that is loaded on demand`);
    const stamp = await stampOf(folder);
    const known = this.#read.get(folder);
    if (known?.stamp === stamp) return known.loaded;
    const { def, code, read, adopt } = await this.#loader.read(folder);
    // Whatever becomes of it, its copy on disk is kept and removed by the loader.
    adopt?.();
    const loaded: LoadedPlugin = { def, folder, ...(read && { read }), ...(code !== undefined && { code }) };
    this.#read.set(folder, { stamp, loaded });
    return loaded;
  }

  /** By id; an installed one stands in for the router's own of the same name. */
  async #folders(): Promise<Map<string, string>> {
    const installed = (await this.#store?.list() ?? []).map(({ id, folder }): [string, string] => [id, folder]);
    return new Map([...await this.#loader.discover(), ...installed].filter(([, folder]) => isOnDemand(folder)));
  }
}

async function described(id: string, folder: string): Promise<OnDemandPlugin> {
  const file = join(folder, MANIFEST);
  try {
    if ((await stat(file)).size > MOST) return { id, folder, manifest: undefined, problem: `${file} is longer than ${MOST} octets` };
    return { id, folder, manifest: JSON.parse(await readFile(file, 'utf8')) as unknown, problem: undefined };
  } catch (error) {
    return { id, folder, manifest: undefined, problem: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Changes when a file of the plugin does. */
async function stampOf(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).filter(name => /\.(?:m?[jt]s|json)$/.test(name) && !name.includes('node_modules')).sort();
  const facts = await Promise.all(names.map(async name => {
    const { size, mtimeMs } = await stat(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  }));
  return facts.join('\n');
}
