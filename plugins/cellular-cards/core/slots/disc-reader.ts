import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disc, type DiscEntry, findOnDisc, listDirectory, openDisc, type ReadAt } from './iso9660.ts';

const CHUNK = 256 * 1024;
/** Discs of cards have some ten MiB; a memory card is not copied whole by accident. */
const MOST_FILE = 1024 * 1024 * 1024;

/** Does something with a card's disc, read-only, and lets go of it. Rejects in words. */
export async function withDisc<T>(path: string, work: (disc: Disc, read: ReadAt) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw new Error(`the disc cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read: ReadAt = async (offset, length) => {
    const buf = new Uint8Array(length);
    let n = 0;
    while (n < length) {
      const { bytesRead } = await file.read(buf, n, length - n, offset + n);
      if (bytesRead === 0) break;
      n += bytesRead;
    }
    return buf.subarray(0, n);
  };
  try {
    const disc = await openDisc(read);
    if (disc === undefined) throw new Error('its file system is none that the router reads (ISO 9660)');
    return await work(disc, read);
  } finally {
    await file.close();
  }
}

/** What lies at a path: a directory's entries, or the one file. */
export function show(path: string, within: string): Promise<readonly DiscEntry[]> {
  return withDisc(path, async (disc, read) => {
    const entry = await findOnDisc(disc, within, read);
    if (entry === undefined) throw new Error(`there is no ${within} on the disc`);
    return entry.directory ? listDirectory(disc, entry, read) : [entry];
  });
}

export interface Copied { readonly file: string; readonly bytes: number; readonly sha256: string }

/** Copies one file of the disc into a folder, under its own name. Half a file is never left. */
export function copyOut(path: string, within: string, folder: string): Promise<Copied> {
  return withDisc(path, async (disc, read) => {
    const entry = await findOnDisc(disc, within, read);
    if (entry === undefined) throw new Error(`there is no ${within} on the disc`);
    if (entry.directory) throw new Error(`${within} is a directory; copy its files one by one`);
    if (entry.bytes > MOST_FILE) throw new Error(`${within} is too long to copy (${entry.bytes} octets)`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const to = join(folder, entry.name.replace(/^\.+/, '_') || 'file');
    const hash = createHash('sha256');
    const out = await open(`${to}.part`, 'w', 0o600);
    try {
      for (let done = 0; done < entry.bytes;) {
        const part = await read(entry.offset + done, Math.min(CHUNK, entry.bytes - done));
        if (part.length === 0) throw new Error(`${within} ends too soon: the disc is damaged, or gone`);
        hash.update(part);
        await out.write(part);
        done += part.length;
      }
      await out.close();
      await rename(`${to}.part`, to);
    } catch (error) {
      await out.close().catch(() => {});
      await rm(`${to}.part`, { force: true });
      throw error;
    }
    return { file: to, bytes: entry.bytes, sha256: hash.digest('hex') };
  });
}
