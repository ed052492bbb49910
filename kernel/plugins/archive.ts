import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { BadArchive } from './archive-entry.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

/** A file of an archive: its path, slashes between the names, below the folder that the archive is to become. */
export interface Member { readonly path: string; readonly data: Uint8Array }

/** Octets of the archive, and of everything in it. */
export const MOST_PACKED = 8 * 2 ** 20;
const MOST_UNPACKED = 32 * 2 ** 20;
const MOST_MEMBERS = 2000;
const LONGEST_PATH = 255;
const MOST_DEPTH = 12;

const inflated = promisify(gunzip);

/** By its first octets: gzip (RFC 1952), or a local file header of ZIP. */
export function isArchive(data: Uint8Array): boolean {
  return (data[0] === 0x1f && data[1] === 0x8b) || (data[0] === 0x50 && data[1] === 0x4b && data[2] === 3 && data[3] === 4);
}

/**
 * The files of a .tgz or .zip, without hidden ones, and without the one folder around them that most archives have. Throws BadArchive for
 * whatever could leave the folder, fill the disk, or mean one thing here and another elsewhere.
 */
export async function readArchive(data: Uint8Array): Promise<readonly Member[]> {
  if (data.length > MOST_PACKED) throw new BadArchive(`the archive is larger than ${MOST_PACKED >> 20} MiB`);
  if (!isArchive(data)) throw new BadArchive('this is neither .tgz nor .zip');
  const members = data[0] === 0x1f ? readTar(await unzipped(data)) : await readZip(data, MOST_UNPACKED);
  const seen = new Map<string, string>();
  const out: Member[] = [];
  for (const { path: named, data: content } of members) {
    const path = inside(named);
    if (path === '') continue;
    // Two names that some file systems take for one.
    const folded = path.normalize('NFC').toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) throw new BadArchive(`the archive has '${show(named)}' twice${other === path ? '' : ` (as '${show(other)}')`}`);
    seen.set(folded, path);
    if (content !== undefined && !path.split('/').some((name) => name.startsWith('.'))) out.push({ path, data: content });
    if (seen.size > MOST_MEMBERS) throw new BadArchive(`the archive has more than ${MOST_MEMBERS} members`);
  }
  for (const { path } of out) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (out.some((m) => m.path === path.slice(0, at))) throw new BadArchive(`'${show(path.slice(0, at))}' is a file and a folder`);
    }
  }
  if (out.length === 0) throw new BadArchive('there is no file in the archive');
  return withoutTop(out);
}

/** Writes them below a folder that is there and empty. */
export async function unpack(members: readonly Member[], folder: string): Promise<void> {
  for (const { path, data } of members) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), data, { flag: 'wx' });
  }
}

async function unzipped(data: Uint8Array): Promise<Uint8Array> {
  try {
    return await inflated(data, { maxOutputLength: MOST_UNPACKED });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new BadArchive(`the archive unpacks to more than ${MOST_UNPACKED >> 20} MiB`);
    throw new BadArchive('the archive is damaged: gzip cannot read it');
  }
}

/** A member's name as a path below the folder: './a//b/' is 'a/b'. Throws for one that leads out of it. */
function inside(named: string): string {
  const wrong = named.startsWith('/') || /^[A-Za-z]:/.test(named) ? 'is an absolute path' : named.includes('\\') ? 'has a backslash'
    : /\p{Cc}/u.test(named) ? 'has control characters' : named.length > LONGEST_PATH ? `is longer than ${LONGEST_PATH} characters` : undefined;
  if (wrong !== undefined) throw new BadArchive(`'${show(named)}' ${wrong}`);
  const names = named.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new BadArchive(`'${show(named)}' leads out of the folder`);
  if (names.length > MOST_DEPTH) throw new BadArchive(`'${show(named)}' lies more than ${MOST_DEPTH} folders deep`);
  return names.join('/');
}

/** npm puts everything into 'package/', others into the name of the project. */
function withoutTop(members: readonly Member[]): readonly Member[] {
  const [top = ''] = members[0]!.path.split('/', 1);
  if (!members.every((m) => m.path.startsWith(`${top}/`))) return members;
  return members.map((m) => ({ ...m, path: m.path.slice(top.length + 1) }));
}

const show = (name: string): string => name.slice(0, 80).replace(/\p{Cc}/gu, '?');
