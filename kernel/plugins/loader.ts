import { existsSync, realpathSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { AnyPlugin } from '../../sdk/plugin.ts';
import { problemsOf } from './check.ts';
import { reasonOf } from './faults.ts';
import { copyPlugin, removeCopy, sweepCopies } from './generations.ts';
import type { LoadedPlugin } from './entry.ts';
import { offered, ownCode, translator } from './third-party.ts';

/** Folders this process has imported in place: a second import would give the same old module again. */
const importedInPlace = new Set<string>();

/** The entry file; a folder that has both is run as the router itself is. */
const entries = ownCode.extension === '.ts' ? ['plugin.ts', 'plugin.js'] : ['plugin.js', 'plugin.ts'];

/** How deep below `plugins/` a plugin may lie. */
const DEPTH = 3;

export interface LoaderOptions {
  /** State directory of the router; copies of third-party plugins go there, else to the system's temporary folder. */
  readonly state?: string;
  /** The router's own plugins; default those that came with it. */
  readonly plugins?: string;
}

/** Turns a folder with plugin.ts (or plugin.js) into a plugin, as often as wanted, always as its files are now. */
export class Loader {
  readonly #own: string;
  readonly #foreign: string;
  /** Copies per folder: the one in use and the one before it. There are never more on disk. */
  readonly #copies = new Map<string, { live: string | undefined; before: string | undefined }>();
  readonly #folders = new Map<string, string>();

  constructor(options: LoaderOptions = {}) {
    const own = options.plugins ?? fileURLToPath(new URL('plugins', ownCode.root));
    this.#own = existsSync(own) ? realpathSync(own) : own;
    this.#foreign = options.state === undefined ? join(tmpdir(), 'lancell-plugins') : join(options.state, 'plugins', '.gen');
  }

  /** Removes copies that routers left which are no more. Call it once, at start. */
  async sweep(): Promise<void> {
    await sweepCopies(this.#own, DEPTH);
    await sweepCopies(this.#foreign, 0);
  }

  /** Removes this router's copies. */
  close(): void {
    for (const { live, before } of this.#copies.values()) for (const copy of [live, before]) if (copy !== undefined) removeCopy(copy);
    this.#copies.clear();
  }

  /** Reads a plugin from a folder. Rejects with a sentence that names the folder and what is wrong. */
  async read(where: string): Promise<LoadedPlugin> {
    const folder = existsSync(where) ? realpathSync(where) : where;
    mustBePlugin(folder);
    const inPlace = this.isOwn(folder) && !importedInPlace.has(folder);
    const copy = inPlace ? undefined : await this.#copy(folder);
    try {
      if (inPlace) importedInPlace.add(folder);
      const def = await importPlugin(copy ?? folder, folder);
      this.#folders.set(def.id, folder);
      return {
        def, folder,
        code: copy ?? folder,
        read: () => this.read(folder),
        adopt: () => this.#adopt(folder, copy),
        discard: () => { if (copy !== undefined) removeCopy(copy); },
      };
    } catch (error) {
      if (copy !== undefined) removeCopy(copy);
      throw error;
    }
  }

  /** Whether the folder came with the router. */
  isOwn(folder: string): boolean { return folder.startsWith(this.#own + sep); }

  /** Folders of the router's own plugins, by the name they have below `plugins/`: 'nat', 'vpn.ike'. */
  async discover(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const look = async (folder: string, depth: number): Promise<void> => {
      const names = await readdir(folder, { withFileTypes: true }).catch(() => []);
      if (names.some(n => n.name === `plugin${ownCode.extension}`)) found.set(relative(this.#own, folder).replaceAll(sep, '.'), folder);
      if (depth === 0) return;
      for (const each of names) {
        if (each.isDirectory() && !each.name.startsWith('.') && each.name !== 'node_modules') await look(join(folder, each.name), depth - 1);
      }
    };
    await look(this.#own, DEPTH);
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Where a plugin was read from, even when it is unloaded by now. */
  folderOf(id: string): string | undefined {
    const folder = this.#folders.get(id);
    return folder !== undefined && existsSync(folder) ? folder : undefined;
  }

  async #copy(folder: string): Promise<string> {
    const copies = this.#copies.get(folder);
    if (copies?.before !== undefined) {
      removeCopy(copies.before);
      copies.before = undefined;
    }
    return this.isOwn(folder) ? copyPlugin(folder, join(folder, '..')) : copyPlugin(folder, this.#foreign, translator());
  }

  #adopt(folder: string, copy: string | undefined): void {
    this.#copies.set(folder, { live: copy, before: this.#copies.get(folder)?.live });
  }
}

function mustBePlugin(folder: string): void {
  if (!existsSync(folder)) throw new Error(`${folder} does not exist`);
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file; a plugin is a folder with a plugin.ts in it`);
  if (!entries.some(name => existsSync(join(folder, name)))) throw new Error(`${folder} has no plugin.ts or plugin.js, so it is no plugin`);
}

async function importPlugin(at: string, folder: string): Promise<AnyPlugin> {
  // A copy has one of them, renamed where types were taken out.
  const file = entries.map(name => join(at, name)).find(path => existsSync(path)) ?? join(at, 'plugin.js');
  let module: { default?: unknown };
  try {
    module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    throw new Error(`${basename(folder)}: ${inFolder(explain(error), at, folder)}`, { cause: error });
  }
  const problems = problemsOf(module.default);
  if (problems.length > 0) throw new Error(`${basename(folder)}: ${join(folder, basename(file))}: ${problems.join('; ')}`);
  return module.default as AnyPlugin;
}

/** People know the folder they gave, not the copy of it; Node writes it as a path or as the path of a URL. */
const inFolder = (text: string, copy: string, folder: string): string =>
  text.replaceAll(pathToFileURL(copy).pathname, folder).replaceAll(copy, folder);

/** The reason, the place if it is a syntax error, and what could have been imported. */
function explain(error: unknown): string {
  // Deno colours its messages, and advises to install what this plugin could not use.
  const reason = stripVTControlCharacters(reasonOf(error)).replace(/\n\s*hint:.*/, '');
  const place = error instanceof SyntaxError ? /^file:\S+/.exec(error.stack ?? '')?.[0] : undefined;
  const missing = /Cannot find package|bare specifier|not a dependency/.test(reason);
  const hint = missing ? ` (by name a plugin may import ${offered.join(', ')}, node: modules, and what lies in its own node_modules)` : '';
  return `${place === undefined ? '' : `${place.replace(/^file:\/\//, '')}: `}${reason}${hint}`;
}
