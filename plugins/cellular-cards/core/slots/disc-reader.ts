import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../../../../sdk/index.ts';
import type { CardDevice, CardMedium } from '../../contract.ts';
import { type DiscEntry, type DiscReader, findOnDisc, openDisc } from './disc.ts';
import { openDevice, until } from './medium.ts';

/** Discs of cards have some ten MiB; a memory card is not copied whole by accident. */
const MOST_FILE = 1024 * 1024 * 1024;

type Disk = NonNullable<CardDevice['disk']>;

/** The octets of a card's storage, until the card goes. */
export async function openMedium(disk: Disk, gone: AbortSignal): Promise<CardMedium> {
  return until(gone, await (disk.open?.() ?? openDevice(disk.path)));
}

/** Its file system. Rejects when it is none of those that are read. */
export async function recognised(medium: CardMedium): Promise<DiscReader> {
  const disc = await openDisc(medium.read);
  if (disc === undefined) throw new Error('its file system is none that the router reads (ISO 9660, FAT)');
  return disc;
}

/** Does something with a card's disc, read-only, and lets go of it. Rejects with a CliError, whatever went wrong. */
export async function withDisc<T>(disk: Disk, gone: AbortSignal, work: (disc: DiscReader) => Promise<T>): Promise<T> {
  try {
    const medium = await openMedium(disk, gone);
    try {
      return await work(await recognised(medium));
    } finally {
      await medium.close();
    }
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** What lies at a path: a directory's entries, or the one file. */
export async function show(disc: DiscReader, path: string): Promise<readonly DiscEntry[]> {
  const entry = await findOnDisc(disc, path);
  if (entry === undefined) throw new Error(`there is no ${path} on the disc`);
  return entry.directory ? disc.list(entry) : [entry];
}

/** The file at a path. */
export async function fileAt(disc: DiscReader, path: string): Promise<DiscEntry> {
  const entry = await findOnDisc(disc, path);
  if (entry === undefined) throw new Error(`there is no ${path} on the disc`);
  if (entry.directory) throw new Error(`${path} is a directory; its files can be had one by one`);
  return entry;
}

export interface Copied { readonly file: string; readonly bytes: number; readonly sha256: string }

/** Copies one file of the disc into a folder, under its own name. Half a file is never left. */
export async function copyOut(disc: DiscReader, path: string, folder: string): Promise<Copied> {
  const entry = await fileAt(disc, path);
  if (entry.bytes > MOST_FILE) throw new Error(`${path} is too long to copy (${entry.bytes} octets)`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const to = join(folder, entry.name.replace(/^\.+/, '_') || 'file');
  const hash = createHash('sha256');
  const out = await open(`${to}.part`, 'w', 0o600);
  try {
    for await (const part of disc.octets(entry, 0, entry.bytes)) {
      hash.update(part);
      await out.write(part);
    }
    await out.close();
    await rename(`${to}.part`, to);
  } catch (error) {
    await out.close().catch(() => {});
    await rm(`${to}.part`, { force: true });
    throw error;
  }
  return { file: to, bytes: entry.bytes, sha256: hash.digest('hex') };
}
