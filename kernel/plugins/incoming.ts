import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { isArchive, MOST_PACKED, readArchive, unpack } from './archive.ts';
import { BadArchive } from './archive-entry.ts';

/** What a single file may be called, and what it is as a plugin's entry. */
const entries: Readonly<Record<string, string>> = { '.ts': 'plugin.ts', '.mts': 'plugin.ts', '.js': 'plugin.js', '.mjs': 'plugin.js' };

/**
 * Gives `use` the folder of a plugin, for as long as it takes: the folder itself; or one made for it from an archive (.tgz, .zip) or
 * from a single file, which becomes the entry. Rejects with a sentence.
 */
export async function asFolder<T>(path: string, use: (folder: string) => Promise<T>): Promise<T> {
  if (!existsSync(path)) throw new Error(`${path} does not exist`);
  const facts = await stat(path);
  if (facts.isDirectory()) return use(path);
  if (!facts.isFile()) throw new Error(`${path} is no file and no folder`);
  if (facts.size > MOST_PACKED) throw new Error(`${path} is larger than ${MOST_PACKED >> 20} MiB`);
  const box = await mkdtemp(join(tmpdir(), 'lancell-plugin-'));
  const folder = join(box, stemOf(path));
  try {
    await mkdir(folder);
    if (isArchive(await firstOctets(path))) await unpack(await readArchive(await readFile(path)), folder);
    else {
      const entry = entries[extname(path)];
      if (entry === undefined) throw new BadArchive(`${path} is no plugin: a folder, an archive (.tgz, .zip), or one .ts or .js file can be installed`);
      await copyFile(path, join(folder, entry));
    }
    return await use(folder);
  } catch (error) {
    // People know what they gave, not what was made of it.
    if (error instanceof Error) error.message = error.message.replaceAll(folder, path);
    throw error;
  } finally {
    await rm(box, { recursive: true, force: true });
  }
}

/** The same for octets that came over the network; `name` as the sender's file is called. */
export async function asFile<T>(data: Uint8Array, name: string, use: (path: string) => Promise<T>): Promise<T> {
  const box = await mkdtemp(join(tmpdir(), 'lancell-upload-'));
  try {
    const path = join(box, `${stemOf(name)}${isArchive(data) ? '' : extname(name).replace(/[^.\w]/g, '')}`);
    await writeFile(path, data, { flag: 'wx' });
    return await use(path);
  } finally {
    await rm(box, { recursive: true, force: true });
  }
}

/** What messages call it: '/tmp/meter-1.0.tgz' is 'meter-1.0'. */
const stemOf = (path: string): string => basename(path).replace(/\.(tgz|tar\.gz|zip|[cm]?[jt]s)$/i, '').replace(/^\.+|[^\w.-]/g, '').slice(0, 60) || 'plugin';

async function firstOctets(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
