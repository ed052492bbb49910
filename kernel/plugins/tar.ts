import { BadArchive, type Entry } from './archive-entry.ts';

const BLOCK = 512;
/** Octets of a pax header: times and the like, not files. */
const MOST_PAX = 64 * 1024;

/**
 * A tar archive of plain files and folders (POSIX.1-2017, pax, "ustar Interchange Format"); `data` of the entries is part of `tar`. Links,
 * devices and names in extensions are refused, and so is whatever does not add up.
 */
export function readTar(tar: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; ; ) {
    if (at + BLOCK > tar.length) throw new BadArchive('the archive is cut off');
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((octet) => octet === 0)) return entries;
    if (octal(header, 148, 8) !== checksum(header)) throw new BadArchive('the archive is damaged: a header has a wrong checksum');
    const name = text(header, 0, 100);
    const isUstar = text(header, 257, 5) === 'ustar';
    // GNU tar, whose magic ends in a blank, keeps other things there.
    const prefix = isUstar && header[262] === 0 ? text(header, 345, 155) : '';
    const path = prefix === '' ? name : `${prefix}/${name}`;
    const size = octal(header, 124, 12);
    const from = at + BLOCK;
    at = from + Math.ceil(size / BLOCK) * BLOCK;
    if (at > tar.length) throw new BadArchive('the archive is cut off');
    const kind = String.fromCharCode(header[156] ?? 0);
    switch (kind) {
      case '0': case '\0': case '7':
        // Before POSIX a folder was a file whose name ends in a slash.
        entries.push({ path, data: path.endsWith('/') ? undefined : tar.subarray(from, from + size) });
        break;
      case '5': entries.push({ path, data: undefined }); break;
      case 'g': case 'x': refuseNames(tar.subarray(from, from + size)); break;
      case '1': case '2': throw new BadArchive(`'${path.slice(0, 80)}' is a link; links are not taken`);
      case 'L': case 'K': throw new BadArchive('a name in the archive is too long');
      default: throw new BadArchive(`'${path.slice(0, 80)}' is no file and no folder`);
    }
  }
}

/** Extended headers tell of times and owners, which do not matter here; one that gives the next file another name or size would. */
function refuseNames(data: Uint8Array): void {
  if (data.length > MOST_PAX) throw new BadArchive('a header of the archive is too large');
  const keys = new TextDecoder().decode(data).split('\n').map((record) => /^\d+ ([^=]+)=/.exec(record)?.[1]);
  const wrong = keys.find((key) => key !== undefined && /^(path|linkpath|size|GNU\.sparse.*)$/.test(key));
  if (wrong !== undefined) throw new BadArchive(`the archive gives a '${wrong}' in an extended header: names of more than 100 characters, and links, are not taken`);
}

/** Up to the first zero. */
function text(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(header: Uint8Array, at: number, length: number): number {
  const digits = text(header, at, length).trim();
  if (!/^[0-7]{1,11}$/.test(digits)) throw new BadArchive('the archive is damaged: a header has a number that is none');
  return Number.parseInt(digits, 8);
}

/** Of all octets, those of the sum itself taken as blanks. */
function checksum(header: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i]!;
  return sum;
}
