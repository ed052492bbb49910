import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Loader } from './loader.ts';
import { packagesOf } from './packages.ts';

/** Third-party plugins that are there at every start: folders below `<state>/plugins`, named by their ids. */
export class PluginStore {
  readonly #root: string;
  readonly #loader: Loader;

  constructor(state: string, loader: Loader) {
    this.#root = join(state, 'plugins');
    this.#loader = loader;
  }

  /** Id and folder of what is installed. */
  async list(): Promise<{ readonly id: string; readonly folder: string }[]> {
    const names = await readdir(this.#root, { withFileTypes: true }).catch(() => []);
    return names.filter(n => n.isDirectory() && !n.name.startsWith('.')).map(n => ({ id: n.name, folder: join(this.#root, n.name) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Copies a plugin's folder in, in place of one with the same id; says where it is now. It is read first: what is not a
   * plugin is not installed, and what was installed before stays.
   */
  async install(from: string): Promise<{ readonly id: string; readonly folder: string }> {
    const read = await this.#loader.read(from);
    read.discard?.();
    const { id } = read.def;
    const folder = join(this.#root, id);
    const incoming = join(this.#root, `.${id}.new`);
    const outgoing = join(this.#root, `.${id}.old`);
    await mkdir(this.#root, { recursive: true });
    for (const each of [incoming, outgoing]) await rm(each, { recursive: true, force: true });
    // Links are followed: the folder must not depend on where it came from.
    const packages = join(from, 'node_modules');
    const wanted = (source: string) => source === from || (source !== packages && !basename(source).startsWith('.'));
    await cp(from, incoming, { recursive: true, dereference: true, filter: wanted });
    for (const name of await packagesOf(from)) await cp(join(packages, name), join(incoming, 'node_modules', name), { recursive: true, dereference: true });
    if (existsSync(folder)) await rename(folder, outgoing);
    await rename(incoming, folder);
    await rm(outgoing, { recursive: true, force: true });
    return { id, folder };
  }

  /** Says whether it was installed. */
  async remove(id: string): Promise<boolean> {
    if (!(await this.list()).some(each => each.id === id)) return false;
    await rm(join(this.#root, id), { recursive: true, force: true });
    return true;
  }
}
