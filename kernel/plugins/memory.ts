import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Disposable } from '../../sdk/scope.ts';
import type { PluginHost, PluginInfo } from './host.ts';

export interface Measured { readonly bytes: number; readonly how: string }

/** What one process has measured: octets of heap and buffers that the plugin added. Rejects with a sentence. */
export type Probe = (needs: readonly string[], folder: string, id: string) => Promise<number>;

const HOW = 'measured in a process of its own';
const RUNS = 3;
const LONGEST_MS = 30_000;
const MOST_FILES = 5000;

/**
 * How much memory a plugin takes. All plugins share one heap, and V8 does not know whose an object is; so a process of its own loads what the plugin
 * needs, then the plugin, collects garbage before and after, and tells the difference. Known by the content of the plugin's files: what has
 * not changed is not measured again.
 */
export class PluginMemory implements Disposable {
  readonly #host: Pick<PluginHost, 'list' | 'info'>;
  readonly #probe: Probe;
  readonly #children = new Set<ChildProcess>();
  readonly #byContent = new Map<string, Measured>();
  readonly #byId = new Map<string, { readonly generation: number; readonly measured: Measured }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(host: Pick<PluginHost, 'list' | 'info'>, probe?: Probe) {
    this.#host = host;
    this.#probe = probe ?? ((needs, folder, id) => inProcess([...needs, folder, id], this.#children));
  }

  /** Undefined: nobody has measured it since it was loaded. */
  known(id: string, generation: number): Measured | undefined {
    const found = this.#byId.get(id);
    return found?.generation === generation ? found.measured : undefined;
  }

  /** Median of three processes, one after the other; of several plugins one at a time. Rejects with a sentence. */
  measure(id: string): Promise<Measured> {
    const done = this.#turn.then(() => this.#measure(id));
    this.#turn = done.catch(() => {});
    return done;
  }

  dispose(): void { for (const child of this.#children) child.kill('SIGKILL'); }

  async #measure(id: string): Promise<Measured> {
    const info = this.#host.info(id);
    if (info?.folder === undefined) throw new Error(info === undefined ? `no plugin ${id} is loaded` : `${id} has no folder that another process could read it from`);
    const { folder, generation } = info;
    const content = await contentOf(folder);
    const measured = this.#byContent.get(content) ?? { bytes: await this.#median(info, folder), how: HOW };
    this.#byContent.set(content, measured);
    this.#byId.set(id, { generation, measured });
    return measured;
  }

  async #median(info: PluginInfo, folder: string): Promise<number> {
    const needs = providersOf(info, this.#host.list()).flatMap((p) => p.folder ?? []);
    const found: number[] = [];
    for (let i = 0; i < RUNS; i++) found.push(await this.#probe(needs, folder, info.id));
    return Math.max(0, Math.round(found.sort((a, b) => a - b)[RUNS >> 1]!));
  }
}

/** Everything a plugin needs, and what that needs, without itself. */
export function providersOf(plugin: PluginInfo, all: readonly PluginInfo[]): PluginInfo[] {
  const found = new Set<PluginInfo>();
  const look = ({ needs }: PluginInfo): void => {
    for (const service of needs) {
      const provider = all.find((p) => p.provides.includes(service));
      if (provider === undefined || provider.id === plugin.id || found.has(provider)) continue;
      found.add(provider);
      look(provider);
    }
  };
  look(plugin);
  return [...found];
}

/** A digest of names and contents of the plugin's own files. */
async function contentOf(folder: string): Promise<string> {
  const hash = createHash('sha256').update(folder);
  let files = 0;
  const look = async (at: string): Promise<void> => {
    for (const each of (await readdir(join(folder, at), { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(at, each.name);
      if (each.name.startsWith('.') || each.name === 'node_modules') continue;
      if (each.isDirectory()) await look(path);
      else if (each.isFile() && ++files <= MOST_FILES) hash.update(`\0${path}\0`).update(await readFile(join(folder, path)));
    }
  };
  await look('');
  return hash.digest('hex');
}

function inProcess(words: readonly string[], children: Set<ChildProcess>): Promise<number> {
  const program = fileURLToPath(new URL(`./memory-probe.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
  const flags = process.versions['deno'] === undefined ? ['--expose-gc'] : ['run', '-A', '--no-check', '--v8-flags=--expose-gc'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, program, ...words], { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS, killSignal: 'SIGKILL' });
    children.add(child);
    // Packets come first.
    if (child.pid !== undefined) try { setPriority(child.pid, constants.priority.PRIORITY_LOW); } catch { /* it has ended already */ }
    let [out, errors] = ['', ''];
    child.stdout.on('data', (d: Buffer) => { out = (out + d.toString()).slice(-1000); });
    child.stderr.on('data', (d: Buffer) => { errors = (errors + d.toString()).slice(-1000); });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      children.delete(child);
      const octets = /^octets (-?\d+)$/m.exec(out)?.[1];
      if (code === 0 && octets !== undefined) resolve(Number(octets));
      else reject(new Error(`the process that measures ended (${signal ?? code}): ${errors.trim().split('\n').at(-1) ?? ''}`));
    });
  });
}
