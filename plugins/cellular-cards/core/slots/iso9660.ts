import { byName, damaged, type DiscEntry, type DiscReader, MOST_DIRECTORY, MOST_ENTRIES, pieces, type ReadAt } from './disc.ts';
import { safeLabel, safeName } from './disc-name.ts';

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

/** The volume of an ISO 9660 disc (ECMA-119), its Joliet names where there are any; undefined: it is none, or damaged. */
export async function openIso(read: ReadAt): Promise<DiscReader | undefined> {
  let found: IsoDisc | undefined;
  for (let i = 0; i < MOST_DESCRIPTORS; i++) {
    const d = await read((FIRST_DESCRIPTOR + i) * SECTOR, SECTOR);
    if (d.length < SECTOR || ascii(d, 1, 6) !== 'CD001' || d[0] === TERMINATOR) break;
    // Joliet: the escape sequences of UCS-2.
    const joliet = d[0] === SUPPLEMENTARY && /^%\/[@CE]/.test(ascii(d, ESCAPES, ESCAPES + 3));
    if (d[0] !== PRIMARY && !joliet) continue;
    const root = record(d, ROOT, joliet);
    if (root === undefined || (found?.joliet === true && !joliet)) continue;
    found = new IsoDisc(read, joliet, safeLabel(textOf(d.subarray(LABEL, LABEL + LABEL_LENGTH), joliet)), root.entry);
  }
  return found;
}

class IsoDisc implements DiscReader {
  readonly system = 'ISO 9660';
  readonly label: string;
  readonly root: DiscEntry;
  readonly joliet: boolean;
  readonly #read: ReadAt;

  constructor(read: ReadAt, joliet: boolean, label: string, root: DiscEntry) {
    this.#read = read;
    this.joliet = joliet;
    this.label = label;
    this.root = { ...root, directory: true };
  }

  async list(directory: DiscEntry): Promise<DiscEntry[]> {
    if (directory.bytes > MOST_DIRECTORY) throw damaged('the directory is too long');
    const d = await this.#read(directory.at, directory.bytes);
    const entries: DiscEntry[] = [];
    for (let at = 0; at < d.length && entries.length < MOST_ENTRIES;) {
      const length = d[at] ?? 0;
      if (length === 0) {
        // No record crosses a sector's end; the rest of the sector is nothing.
        at = (Math.floor(at / SECTOR) + 1) * SECTOR;
        continue;
      }
      const found = record(d, at, this.joliet);
      if (found === undefined) throw damaged('the directory cannot be read');
      // 0 and 1 are the directory itself and the one above.
      if (!(found.nameLength === 1 && (d[at + 33] ?? 0) <= 1)) entries.push(found.entry);
      at += length;
    }
    return entries.sort(byName);
  }

  octets(file: DiscEntry, from: number, to: number): AsyncGenerator<Uint8Array> { return pieces(this.#read, file.at + from, file.at + to); }
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
      name: safeName(textOf(d.subarray(at + 33, at + 33 + nameLength), joliet).replace(/;\d+$/, '').replace(/\.$/, '')),
      directory: ((d[at + 25] ?? 0) & 0x02) !== 0,
      bytes: view.getUint32(at + 10, true),
      at: view.getUint32(at + 2, true) * SECTOR,
    },
  };
}

const textOf = (d: Uint8Array, joliet: boolean): string => (joliet ? utf16(d) : ascii(d, 0, d.length));
const ascii = (d: Uint8Array, from: number, to: number): string => String.fromCharCode(...d.subarray(from, to));
const utf16 = (d: Uint8Array): string => {
  let text = '';
  for (let i = 0; i + 1 < d.length; i += 2) text += String.fromCharCode(((d[i] ?? 0) << 8) | (d[i + 1] ?? 0));
  return text;
};
