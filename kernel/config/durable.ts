import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';

const mark = '.tmp';

/**
 * Writes a file so that after a crash or power cut its name holds either the old content or the new, never a part: a
 * temporary file beside it, fsync, rename, fsync of the directory (without which the rename itself may be lost).
 * Only the owner may read it: settings hold passwords.
 */
export async function writeDurably(path: string, content: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}${mark}`);
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The same, done when it returns: for what must not be lost and is rare. */
export function writeDurablySync(path: string, content: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.now${mark}`);
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectorySync(dirname(path));
}

/** Removes a file for good. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}

/** Some file systems (9p, FUSE) do not know fsync of a directory. */
const unknown = (error: unknown): boolean => ['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

function syncDirectorySync(dir: string): void {
  let handle: number;
  // Windows cannot open directories; there the rename alone has to do.
  try { handle = openSync(dir, 'r'); } catch { return; }
  try {
    fsyncSync(handle);
  } catch (error) {
    if (!unknown(error)) throw error;
  } finally {
    closeSync(handle);
  }
}

export async function syncDirectory(dir: string): Promise<void> {
  // Windows cannot open directories; there the rename alone has to do.
  const handle = await open(dir, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (error) {
    if (!unknown(error)) throw error;
  } finally {
    await handle.close();
  }
}

/** Takes away what a writer left that died before its rename. */
export async function sweep(dir: string): Promise<void> {
  for (const name of await readdir(dir)) if (name.startsWith('.') && name.endsWith(mark)) await rm(join(dir, name), { force: true });
}
