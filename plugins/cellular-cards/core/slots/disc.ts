import { openFat } from './fat.ts';
import { openIso } from './iso9660.ts';
import { partitions, within } from './partitions.ts';

/** Octets of a disc; short at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;
export interface DiscEntry {
  /** As it may be shown and written: see disc-name.ts. */
  readonly name: string;
  readonly directory: boolean;
  readonly bytes: number;
  /** Where the file system has it: an octet of the disc, or a cluster. */
  readonly at: number;
}

/** A file system, to be looked at. What is damaged rejects in words; nothing throws for bytes, and nothing goes round in circles. */
export interface DiscReader {
  readonly system: 'ISO 9660' | 'FAT12' | 'FAT16' | 'FAT32';
  readonly label: string;
  readonly root: DiscEntry;
  /** What lies in a directory, by name. */
  list(directory: DiscEntry): Promise<DiscEntry[]>;
  /** A file's octets from `from` up to `to`, in pieces of at most `PIECE`. */
  octets(file: DiscEntry, from: number, to: number): AsyncGenerator<Uint8Array>;
}

export const PIECE = 256 * 1024;
/** What is longer than any directory of a card is damaged. */
export const MOST_DIRECTORY = 2 * 1024 * 1024;
export const MOST_ENTRIES = 10_000;
const MOST_DEPTH = 64;

/** ISO 9660, FAT over the whole disc, or the first partition that has FAT; undefined: none of them. */
export async function openDisc(read: ReadAt): Promise<DiscReader | undefined> {
  const whole = await openIso(read) ?? await openFat(read);
  if (whole !== undefined) return whole;
  for (const part of await partitions(read)) {
    const found = await openFat(within(read, part.at, part.bytes));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Follows a path from the root, letters great or small; undefined: there is no such thing. */
export async function findOnDisc(disc: DiscReader, path: string): Promise<DiscEntry | undefined> {
  let at: DiscEntry | undefined = disc.root;
  const parts = path.split('/').filter(p => p !== '' && p !== '.');
  if (parts.length > MOST_DEPTH) return undefined;
  for (const part of parts) {
    if (at?.directory !== true) return undefined;
    const entries: readonly DiscEntry[] = await disc.list(at);
    at = entries.find(e => e.name === part) ?? entries.find(e => e.name.toLowerCase() === part.toLowerCase());
  }
  return at;
}

/** Octets from `at` up to `end`, in pieces of at most `PIECE`. */
export async function* pieces(read: ReadAt, at: number, end: number): AsyncGenerator<Uint8Array> {
  while (at < end) {
    const part = await read(at, Math.min(PIECE, end - at));
    if (part.length === 0) throw damaged('it ends too soon');
    at += part.length;
    yield part;
  }
}

export const damaged = (what: string): Error => new Error(`${what}: the disc is damaged, or gone`);
export const byName = (a: DiscEntry, b: DiscEntry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
