import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type Args, CliError, type CommandSpec, type Facts, type Table } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Clock } from '../../sdk/clock.ts';
import { reasonOf, type Fault } from './faults.ts';
import { asFolder } from './incoming.ts';
import type { PluginHost } from './host.ts';
import type { Loader } from './loader.ts';
import { PluginMemory } from './memory.ts';
import { scaffold } from './scaffold.ts';
import type { PluginStore } from './store.ts';
import { watchFolder } from './watch.ts';

export interface PluginVerbParts {
  readonly host: PluginHost;
  readonly loader: Loader;
  /** Undefined without a state directory: nothing can be installed then. */
  readonly store: PluginStore | undefined;
  readonly clock: Clock;
  /** Default: one that measures in processes. */
  readonly memory?: PluginMemory;
  command<A extends Args>(spec: CommandSpec<A>): Disposable;
}

/** Registers the `plugin …` verbs; disposing takes them away. */
export function pluginVerbs(parts: PluginVerbParts): Disposable {
  const { host, store, clock } = parts;
  const memory = parts.memory ?? new PluginMemory(host);
  host.memoryOf = (id, generation) => memory.known(id, generation);
  const held: Disposable[] = [memory];
  const verb = <const A extends Args>(spec: CommandSpec<A>): void => { held.push(parts.command(spec)); };

  const id = { schema: z.string(), help: 'id of a plugin', complete: () => host.list().map(p => p.id) };
  const folder = { schema: z.string().refine(isAbsolute, 'the path must be absolute'), help: 'absolute path of a plugin\'s folder', rest: true };

  verb({ path: 'plugin list', help: 'plugins and their states', access: 'read', run: () => list(host) });
  verb({
    path: 'plugin info', help: 'one plugin: state, needs, what it holds, faults', access: 'read', args: { id },
    run: args => info(host, args.id),
  });
  verb({
    path: 'plugin load', help: 'load a plugin by id, or from a folder',
    args: { plugin: { schema: z.string(), help: 'id, or absolute path of a folder', rest: true, complete: async () => [...await notLoaded(parts)] } },
    run: async args => {
      const loaded = await said(() => loadFrom(parts, args.plugin));
      return stateOf(host, loaded);
    },
  });
  verb({
    path: 'plugin unload', help: 'stop a plugin and those that need it, and forget it', args: { id },
    run: async args => {
      const guarded = host.info(args.id)?.failClosed === true;
      await said(() => host.unload(args.id));
      const left = host.residue().filter(h => h.owner === args.id);
      return left.length === 0 ? `${args.id} is unloaded${guarded ? '; it guarded the router, and from now on packets are forwarded without it' : ''}` : [{ text: `${args.id} is unloaded, but left something behind:` }, residue(host, args.id)];
    },
  });
  verb({
    path: 'plugin reload', help: 'read a plugin anew and exchange it while packets flow', args: { id },
    run: async args => {
      await said(() => host.reload(args.id));
      return stateOf(host, args.id);
    },
  });
  verb({ path: 'plugin residue', help: 'what unloaded plugins left behind', access: 'read', run: () => (host.residue().length === 0 ? undefined : residue(host)) });
  verb({
    path: 'plugin memory', help: 'what is known of the memory of all; of one: measure it, in a process of its own', args: { id: { ...id, schema: z.string().optional() } },
    run: async args => {
      if (args.id === undefined) return memoryTable(host);
      const one = args.id;
      const { bytes, how } = await said(() => memory.measure(one));
      return `${one} takes ${kib(bytes)} of heap and buffers, ${how}`;
    },
  });
  verb({ path: 'plugin graph', help: 'who uses whom', access: 'read', run: () => ({ text: host.graph() }) });
  verb({
    path: 'plugin faults', help: 'what plugins did wrong', access: 'read', args: { id: { ...id, schema: z.string().optional() } },
    run: args => faults(host.faults(args.id)),
  });
  verb({
    path: 'plugin watch', help: 'load a plugin from a folder, and again whenever it is saved, until ^C', args: { folder },
    run: (args, io) => new Promise<void>(resolve => {
      const again = async () => {
        try {
          io.write(stateOf(host, await loadFrom(parts, args.folder)));
        } catch (error) {
          io.write(reasonOf(error));
        }
      };
      const watching = watchFolder({
        folder: args.folder, clock, reload: again,
        failed: error => { io.write(`${args.folder} cannot be watched any more: ${reasonOf(error)}`); end(); },
      });
      const end = () => { void watching.dispose(); resolve(); };
      if (io.signal.aborted) return end();
      io.signal.addEventListener('abort', end, { once: true });
      void again();
    }),
  });
  verb({
    path: 'plugin new', help: 'write a small plugin that works, to begin with', args: { folder },
    run: async args => {
      const made = await said(() => scaffold(args.folder));
      return `${made.id}: ${made.files.join(', ')} written to ${args.folder}`;
    },
  });
  verb({
    path: 'plugin install', help: 'copy a plugin into the state directory, load it now and at every start',
    args: { folder: { ...folder, help: 'absolute path of a plugin: its folder, an archive (.tgz, .zip), or one .ts or .js file' } },
    run: async args => {
      const to = inStore(store);
      const installed = await said(() => asFolder(args.folder, from => to.install(from)));
      return stateOf(host, await said(() => loadFrom(parts, installed.folder)));
    },
  });
  verb({
    path: 'plugin remove', help: 'unload a plugin that was installed, and delete its copy',
    args: { id: { ...id, complete: async () => (await store?.list() ?? []).map(p => p.id) } },
    run: async args => {
      const known = (await inStore(store).list()).map(p => p.id);
      if (!known.includes(args.id)) throw new CliError(`${args.id} is not installed; installed: ${known.join(', ') || 'nothing'}`);
      if (host.info(args.id)) await said(() => host.unload(args.id));
      await inStore(store).remove(args.id);
      return `${args.id} is removed`;
    },
  });
  verb({
    path: 'plugin installed', help: 'plugins in the state directory', access: 'read',
    run: async () => ({ columns: ['id', 'folder'], rows: (await inStore(store).list()).map(p => [p.id, p.folder]) }),
  });
  return { dispose: () => { for (const each of held.splice(0).reverse()) void each.dispose(); } };
}

/** What goes wrong with a plugin is a sentence for whoever gave the command, not a fault of the verb. */
async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CliError(reasonOf(error), { cause: error });
  }
}

const inStore = (store: PluginStore | undefined): PluginStore => {
  if (!store) throw new CliError('the router runs without a state directory, so nothing can be installed');
  return store;
};

/** Loads it, or exchanges the one that is loaded; gives the id. */
async function loadFrom({ host, loader, store }: PluginVerbParts, what: string): Promise<string> {
  const folder = isAbsolute(what) ? what : await folderOf(what, loader, store);
  if (host.info(what)) throw new CliError(`${what} is loaded already; to read it anew: plugin reload ${what}`);
  const loaded = await loader.read(folder);
  const { id } = loaded.def;
  if (host.info(id)) await host.reload(id, loaded);
  else await host.load(loaded);
  return id;
}

async function folderOf(id: string, loader: Loader, store: PluginStore | undefined): Promise<string> {
  const known = loader.folderOf(id) ?? (await store?.list())?.find(p => p.id === id)?.folder ?? (await loader.discover()).get(id);
  if (known === undefined) throw new CliError(`there is no plugin ${id}; there are ${[...(await loader.discover()).keys()].join(', ')}; from elsewhere give the absolute path of its folder`);
  return known;
}

async function notLoaded({ host, loader, store }: PluginVerbParts): Promise<Set<string>> {
  const all = [...(await loader.discover()).keys(), ...((await store?.list()) ?? []).map(p => p.id)];
  return new Set(all.filter(each => host.info(each) === undefined));
}

function stateOf(host: PluginHost, id: string): string {
  const plugin = host.info(id);
  if (!plugin) return `${id} is gone`;
  return `${id} ${plugin.state}${plugin.why ? `: ${plugin.why}` : ''} (generation ${plugin.generation})`;
}

const list = (host: PluginHost): Table => ({
  columns: ['id', 'state', 'version', 'gen', 'holds', 'faults', 'why'],
  rows: host.list().map(p => [p.id, p.state, p.version, p.generation, p.holds.length, p.faults.reduce((sum, f) => sum + f.count, 0), p.why]),
});

function info(host: PluginHost, id: string): (Facts | Table)[] {
  const plugin = host.info(id);
  if (!plugin) throw new CliError(`no plugin ${id} is loaded; loaded are ${host.list().map(p => p.id).join(', ')}`);
  const facts: Facts = {
    title: plugin.title || id,
    facts: {
      id, state: plugin.state, why: plugin.why, version: plugin.version, generation: plugin.generation, folder: plugin.folder ?? '',
      needs: plugin.needs.join(', '), provides: plugin.provides.join(', '), guards: plugin.failClosed ? 'nothing new is forwarded without it' : '',
    },
  };
  const holds: Table = { title: 'holds', columns: ['what'], rows: plugin.holds.map(h => [h]) };
  return plugin.faults.length > 0 ? [facts, holds, faults(plugin.faults)] : [facts, holds];
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;

const memoryTable = (host: PluginHost): Table => ({
  columns: ['id', 'memory', 'holds', 'counted'],
  rows: host.list().map(p => [p.id, p.memory === undefined ? 'not measured' : kib(p.memory.bytes), p.holds.length, Object.values(p.counters).reduce((sum, n) => sum + n, 0)]),
});

const residue = (host: PluginHost, id?: string): Table => ({
  title: 'residue', columns: ['plugin', 'gen', 'what', 'why'],
  rows: host.residue().filter(h => id === undefined || h.owner === id).map(h => [h.owner, h.generation, h.label, h.failed ?? '']),
});

const faults = (of: readonly Fault[]): Table => ({
  title: 'faults', columns: ['plugin', 'place', 'times', 'latest', 'message'],
  rows: of.map(f => [f.plugin, f.place, f.count, new Date(f.when).toISOString().replace('T', ' ').slice(0, 19), f.message]),
});
