import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { BadArchive, type Entry } from './archive-entry.ts';

const LOCAL = 0x0403_4b50;
const CENTRAL = 0x0201_4b50;
const END = 0x0605_4b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 65_535;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** The part of st_mode that tells files, folders, links and devices apart; in archives made on a Unix. */
const S_IFMT = 0o170_000;
/** 0: from a system without such modes. */
const kinds: ReadonlyMap<number, 'file' | 'folder'> = new Map([[0, 'file'], [0o100_000, 'file'], [0o040_000, 'folder']]);

const inflated = promisify(inflateRaw);

/**
 * A ZIP archive (PKWARE APPNOTE 6.3.10) of stored and deflated files, as its central directory has them; the local headers must agree.
 * @param most octets of all files together
 */
export async function readZip(zip: Uint8Array, most: number): Promise<Entry[]> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = endOf(view);
  const [disk, disks, here, count] = [4, 6, 8, 10].map((at) => view.getUint16(end + at, true)) as [number, number, number, number];
  const [size, start] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  if (disk !== 0 || disks !== 0 || here !== count || count === 0xffff || start === 0xffff_ffff) throw new BadArchive('archives in several parts, or in the form for very large ones, are not taken');
  if (start + size !== end) throw new BadArchive('the archive is damaged: its directory is not where it says');
  const entries: Entry[] = [];
  let left = most;
  let from = 0;
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) throw new BadArchive('the archive is damaged: its directory cannot be read');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => view.getUint16(at + o, true)) as [number, number, number];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > end) throw new BadArchive('the archive is damaged: its directory cannot be read');
    const found: Found = {
      path: nameIn(zip.subarray(at + 46, at + 46 + nameLength)), flags: view.getUint16(at + 8, true), method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true), mode: view.getUint16(at + 40, true), local: view.getUint32(at + 42, true),
    };
    const kind = kinds.get(found.mode & S_IFMT);
    if (kind === undefined) throw new BadArchive(`'${found.path.slice(0, 80)}' is a link or a device; only files and folders are taken`);
    left -= found.size;
    if (left < 0) throw new BadArchive(`the archive unpacks to more than ${most >> 20} MiB`);
    // Files that share their octets make small archives that unpack to much.
    if (found.local < from) throw new BadArchive('files of the archive overlap, or are out of order');
    const data = dataOf(zip, view, found, start);
    from = data.byteOffset - zip.byteOffset + data.length;
    const isFolder = kind === 'folder' || found.path.endsWith('/');
    if (isFolder && found.size > 0) throw new BadArchive(`'${found.path.slice(0, 80)}' is a folder with a content`);
    entries.push({ path: found.path, data: isFolder ? undefined : await contentOf(found, data) });
    at = next;
  }
  if (at !== end) throw new BadArchive('the archive is damaged: its directory is longer than it says');
  return entries;
}

interface Found {
  readonly path: string; readonly flags: number; readonly method: number; readonly crc: number; readonly packed: number; readonly size: number;
  readonly mode: number; readonly local: number;
}

/** Where the record begins that stands at the end, with a comment behind it. */
function endOf(view: DataView): number {
  for (let at = view.byteLength - END_SIZE; at >= 0 && at >= view.byteLength - END_SIZE - LONGEST_COMMENT; at--) {
    if (view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw new BadArchive('the archive is cut off');
}

/** The packed octets of a file: behind its local header, in front of the directory. */
function dataOf(zip: Uint8Array, view: DataView, { path, local, packed }: Found, directory: number): Uint8Array {
  if (local + 30 > directory || view.getUint32(local, true) !== LOCAL) throw new BadArchive('the archive is damaged: a file is not where it should be');
  const nameEnd = local + 30 + view.getUint16(local + 26, true);
  const from = nameEnd + view.getUint16(local + 28, true);
  if (from + packed > directory) throw new BadArchive('the archive is damaged: a file is longer than it');
  // Two programs could otherwise see two archives in one.
  if (nameIn(zip.subarray(local + 30, nameEnd)) !== path) throw new BadArchive(`'${path.slice(0, 80)}' has another name in front of its content`);
  return zip.subarray(from, from + packed);
}

async function contentOf({ path, flags, method, size, crc }: Found, data: Uint8Array): Promise<Uint8Array> {
  const named = `'${path.slice(0, 80)}'`;
  if ((flags & ENCRYPTED) !== 0) throw new BadArchive(`${named} is encrypted`);
  if (method !== STORED && method !== DEFLATED) throw new BadArchive(`${named} is packed in a way that is not known here (${method})`);
  let content = data;
  if (method === DEFLATED) {
    try {
      // One octet more would show that it is not as long as it says; none is too few for zlib.
      content = await inflated(data, { maxOutputLength: Math.max(1, size) });
    } catch (error) {
      throw new BadArchive(`${named} ${(error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'is longer than it says' : 'is damaged'}`);
    }
  }
  if (content.length !== size || crc32(content) !== crc) throw new BadArchive(`${named} is damaged: its length or checksum is wrong`);
  return content;
}

function nameIn(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw new BadArchive('a name in the archive is not UTF-8');
  }
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb8_8320 : c >>> 1;
  return c;
});

/** CRC-32 as in RFC 1952 section 8. */
function crc32(data: Uint8Array): number {
  let c = 0xffff_ffff;
  for (const octet of data) c = table[(c ^ octet) & 255]! ^ (c >>> 8);
  return (c ^ 0xffff_ffff) >>> 0;
}
