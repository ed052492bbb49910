/** Octets of a disc; short at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;
export interface DiscEntry { readonly name: string; readonly directory: boolean; readonly bytes: number; /** Of its first octet on the disc. */ readonly offset: number }
export interface Disc { readonly label: string; readonly root: DiscEntry }

const SECTOR = 2048;
/** ECMA-119 6.7.1: sixteen sectors of nothing, then one descriptor per sector. */
const FIRST_DESCRIPTOR = 16;
const MOST_DESCRIPTORS = 32;
const PRIMARY = 1;
const SUPPLEMENTARY = 2;
const TERMINATOR = 255;
/** ECMA-119 8.4: fields of a volume descriptor. */
const LABEL = 40;
const LABEL_LENGTH = 32;
const ESCAPES = 88;
const ROOT = 156;
/** A directory of a card's disc has some dozen entries; what is longer is damaged. */
const MOST_DIRECTORY = 1024 * 1024;
const MOST_ENTRIES = 10_000;
const MOST_DEPTH = 8;

/** The volume of an ISO 9660 disc (ECMA-119), its Joliet names where there are any; undefined: it is none, or damaged. */
export async function openDisc(read: ReadAt): Promise<Disc | undefined> {
  let found: { disc: Disc; joliet: boolean } | undefined;
  for (let i = 0; i < MOST_DESCRIPTORS; i++) {
    const d = await read((FIRST_DESCRIPTOR + i) * SECTOR, SECTOR);
    if (d.length < SECTOR || ascii(d, 1, 6) !== 'CD001' || d[0] === TERMINATOR) break;
    // Joliet: the escape sequences of UCS-2.
    const joliet = d[0] === SUPPLEMENTARY && /^%\/[@CE]/.test(ascii(d, ESCAPES, ESCAPES + 3));
    if (d[0] !== PRIMARY && !joliet) continue;
    const root = record(d, ROOT, joliet);
    if (root === undefined || (found?.joliet === true && !joliet)) continue;
    found = { joliet, disc: { label: nameAt(d, LABEL, LABEL_LENGTH, joliet), root: { ...root.entry, name: joliet ? JOLIET_ROOT : '' } } };
  }
  return found?.disc;
}

/** Marks entries below a Joliet root; never shown. */
const JOLIET_ROOT = '\u0000joliet';

/** What lies in a directory, by name. Rejects when it is damaged. */
export async function listDirectory(disc: Disc, directory: DiscEntry, read: ReadAt): Promise<DiscEntry[]> {
  if (directory.bytes > MOST_DIRECTORY) throw new Error('the directory is damaged');
  const d = await read(directory.offset, directory.bytes);
  const joliet = disc.root.name === JOLIET_ROOT;
  const entries: DiscEntry[] = [];
  for (let at = 0; at < d.length && entries.length < MOST_ENTRIES;) {
    const length = d[at] ?? 0;
    if (length === 0) {
      // No record crosses a sector's end; the rest of the sector is nothing.
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    const read1 = record(d, at, joliet);
    if (read1 === undefined) throw new Error('the directory is damaged');
    // 0 and 1 are the directory itself and the one above.
    if (!(read1.nameLength === 1 && (d[at + 33] ?? 0) <= 1)) entries.push(read1.entry);
    at += length;
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Follows a path from the root, letters great or small; undefined: there is no such thing. */
export async function findOnDisc(disc: Disc, path: string, read: ReadAt): Promise<DiscEntry | undefined> {
  let at: DiscEntry | undefined = disc.root;
  const parts = path.split('/').filter(p => p !== '' && p !== '.');
  if (parts.length > MOST_DEPTH) return undefined;
  for (const part of parts) {
    if (at?.directory !== true) return undefined;
    at = (await listDirectory(disc, at, read)).find(e => e.name.toLowerCase() === part.toLowerCase());
  }
  return at;
}

/** ECMA-119 9.1: a directory record. Undefined: it does not fit. */
function record(d: Uint8Array, at: number, joliet: boolean): { readonly entry: DiscEntry; readonly nameLength: number } | undefined {
  const length = d[at] ?? 0;
  const nameLength = d[at + 32] ?? 0;
  if (length < 34 || at + length > d.length || 33 + nameLength > length) return undefined;
  const view = new DataView(d.buffer, d.byteOffset, d.byteLength);
  return {
    nameLength,
    entry: {
      // ';1' is the version of a file; a lone dot, the ending it does not have.
      name: nameAt(d, at + 33, nameLength, joliet).replace(/;\d+$/, '').replace(/\.$/, ''),
      directory: ((d[at + 25] ?? 0) & 0x02) !== 0,
      bytes: view.getUint32(at + 10, true),
      offset: view.getUint32(at + 2, true) * SECTOR,
    },
  };
}

/** Names are shown, and become names of files: no control characters, no slashes. */
const nameAt = (d: Uint8Array, at: number, length: number, joliet: boolean): string => {
  const octets = d.subarray(at, at + length);
  const text = joliet ? utf16(octets) : ascii(octets, 0, octets.length);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f/\\]/g, '_').trim();
};
const ascii = (d: Uint8Array, from: number, to: number): string => String.fromCharCode(...d.subarray(from, to));
const utf16 = (d: Uint8Array): string => {
  let text = '';
  for (let i = 0; i + 1 < d.length; i += 2) text += String.fromCharCode(((d[i] ?? 0) << 8) | (d[i + 1] ?? 0));
  return text;
};
