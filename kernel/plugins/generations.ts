import { existsSync, rmSync, statSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import process from 'node:process';
import type { Translator } from './third-party.ts';

/** More than this is not a plugin, but a folder given by mistake. */
const MOST_FILES = 2000;
const MOST_BYTES = 64 * 2 ** 20;

const isTest = (name: string): boolean => /\.test\.[cm]?[jt]s$/.test(name);

/** '.nat~4711-2': the name of a folder's generation copy, with the process it belongs to. */
const copyName = /^\.(.+)~(\d+)-(\d+)$/;

/**
 * Copies a plugin's folder, so that importing it runs the files as they are now: a query string would leave the files it
 * imports itself stale. Without its tests and hidden files.
 */
export async function copyPlugin(from: string, beside: string, translate?: Translator): Promise<string> {
  const to = await freshFolder(beside, basename(from));
  const size = { files: 0, bytes: 0 };
  const copy = async (source: string, target: string): Promise<void> => {
    for (const name of await readdir(source)) {
      if (name.startsWith('.') || name === 'node_modules' || isTest(name)) continue;
      const path = join(source, name);
      const facts = await stat(path);
      if (facts.isDirectory()) {
        await mkdir(join(target, name));
        await copy(path, join(target, name));
        continue;
      }
      if (!facts.isFile()) continue;
      size.bytes += facts.size;
      if (++size.files > MOST_FILES || size.bytes > MOST_BYTES) throw new Error(`${from} is too big for a plugin (more than ${MOST_FILES} files or ${MOST_BYTES >> 20} MiB)`);
      if (translate && ['.ts', '.mts', '.js', '.mjs'].includes(extname(name))) {
        const out = await translate(await readFile(path, 'utf8'), name, path);
        await writeFile(join(target, out.name), out.text);
      } else {
        await copyFile(path, join(target, name));
      }
    }
  };
  try {
    await copy(from, to);
    if (translate) await makeModule(from, to);
  } catch (error) {
    removeCopy(to);
    throw error;
  }
  return to;
}

/** Its files are ECMAScript modules whatever its package says, and its own packages are found. */
async function makeModule(from: string, to: string): Promise<void> {
  const file = join(to, 'package.json');
  const own: unknown = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {};
  await writeFile(file, JSON.stringify({ ...(own as object), type: 'module' }));
  const packages = join(from, 'node_modules');
  if (existsSync(packages)) await symlink(packages, join(to, 'node_modules'), 'dir');
}

/** Never the same name twice in a process: it would mean the module that was imported under it before. */
let latest = 1;

/** Two routers may share the folder: mkdir says who was first. */
async function freshFolder(beside: string, name: string): Promise<string> {
  await mkdir(beside, { recursive: true });
  for (;;) {
    const path = join(beside, `.${name}~${process.pid}-${++latest}`);
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

export function removeCopy(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Removes what routers left here that are no more; looks into folders down to `depth`. */
export async function sweepCopies(root: string, depth: number): Promise<void> {
  for (const each of await readdir(root, { withFileTypes: true }).catch(() => [])) {
    if (!each.isDirectory()) continue;
    const path = join(root, each.name);
    const pid = Number(copyName.exec(each.name)?.[2] ?? 0);
    if (pid > 0) {
      if (isLeftOver(path, pid)) removeCopy(path);
    } else if (depth > 0 && each.name !== 'node_modules') {
      await sweepCopies(path, depth - 1);
    }
  }
}

function isLeftOver(path: string, pid: number): boolean {
  if (pid === process.pid) {
    // In a container the router may get the same number at every start; what is older than the process is not its own.
    return statSync(path).mtimeMs < Date.now() - process.uptime() * 1000;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
