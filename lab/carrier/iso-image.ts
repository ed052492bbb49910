/** A file of a disc: its octets, or a text that is repeated up to a length. */
export type DiscFile = { readonly path: string; readonly octets: Uint8Array } | { readonly path: string; readonly bytes: number; readonly pattern: Uint8Array };
export interface DiscImage { readonly bytes: number; read(offset: number, length: number): Uint8Array }

const SECTOR = 2048;
const FIRST_DESCRIPTOR = 16;
/** The primary descriptor, Joliet's, the end. */
const DESCRIPTORS = 3;
/** Of everything on the disc: 2008-01-07 12:00 UTC. */
const made = [108, 1, 7, 12, 0, 0, 0] as const;
const madeText = '2008010712000000';

interface Node { readonly name: string; readonly parent: Node | undefined; readonly children: Node[]; readonly file: DiscFile | undefined; at: number; bytes: number; number: number }
/** Names in the primary tree, or in Joliet's. */
interface Naming { readonly wide: boolean; of(node: Node): Uint8Array }

/**
 * A disc image in ISO 9660 with Joliet names (ECMA-119; the latter in UCS-2, big-endian). Long files are not in memory: what they
 * say is made when they are read.
 */
export function isoImage(label: string, files: readonly DiscFile[], atLeast = 0): DiscImage {
  const root = treeOf(files);
  const directories = byLevel(root);
  const namings = [plainNames(directories), wideNames];
  let sector = FIRST_DESCRIPTOR + DESCRIPTORS;
  const take = (bytes: number): number => {
    const at = sector;
    sector += Math.max(1, Math.ceil(bytes / SECTOR));
    return at;
  };
  // Path tables, directories and files follow in this order; what a directory says of a file is known when all have their place.
  const trees = namings.map(naming => {
    const table = directories.reduce((sum, d) => sum + even(8 + (d.parent === undefined ? 1 : naming.of(d).length)), 0);
    return { naming, table, little: take(table), big: take(table), places: new Map<Node, { at: number; bytes: number }>() };
  });
  for (const { naming, places } of trees) {
    for (const d of directories) {
      const bytes = directoryBytes(d, naming);
      places.set(d, { at: take(bytes), bytes });
    }
  }
  const headBytes = sector * SECTOR;
  const held: { readonly file: DiscFile; readonly at: number; readonly bytes: number }[] = [];
  for (const node of directories.flatMap(d => d.children)) {
    const { file } = node;
    if (file === undefined) continue;
    node.bytes = 'octets' in file ? file.octets.length : file.bytes;
    node.at = take(node.bytes);
    held.push({ file, at: node.at * SECTOR, bytes: node.bytes });
  }
  const bytes = Math.max(sector * SECTOR, Math.floor(atLeast / SECTOR) * SECTOR);
  const writeHead = (): Uint8Array => {
    const d = new Uint8Array(headBytes);
    trees.forEach(({ naming, table, little, big, places }, i) => {
      writeDescriptor(d, (FIRST_DESCRIPTOR + i) * SECTOR, { label, naming, sectors: bytes / SECTOR, table, little, big, root: places.get(root)! });
      writeTables(d, { directories, naming, little, big, places });
      for (const directory of directories) writeDirectory(d, directory, naming, places);
    });
    d.set(latin('\u00ffCD001\u0001'), (FIRST_DESCRIPTOR + DESCRIPTORS - 1) * SECTOR);
    return d;
  };
  // Most discs are never read.
  let head: Uint8Array | undefined;
  return {
    bytes,
    read(offset, length) {
      const end = Math.min(bytes, offset + length);
      const out = new Uint8Array(Math.max(0, end - offset));
      head ??= writeHead();
      if (offset < head.length) out.set(head.subarray(offset, Math.min(head.length, end)));
      for (const { file, at, bytes: long } of held) {
        const to = Math.min(end, at + long);
        const source = 'octets' in file ? file.octets : file.pattern;
        for (let i = Math.max(offset, at); i < to; i++) out[i - offset] = source[(i - at) % source.length] ?? 0;
      }
      return out;
    },
  };
}

function treeOf(files: readonly DiscFile[]): Node {
  const node = (name: string, parent: Node | undefined, file?: DiscFile): Node => {
    const made1: Node = { name, parent, children: [], file, at: 0, bytes: 0, number: 0 };
    parent?.children.push(made1);
    return made1;
  };
  const root = node('', undefined);
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop() ?? '';
    const folder = parts.reduce((at, part) => at.children.find(c => c.name === part && c.file === undefined) ?? node(part, at), root);
    node(name, folder, file);
  }
  return root;
}

/** ECMA-119 6.9.1: directories by level, then by the number of the one above. */
function byLevel(root: Node): Node[] {
  const all = [root];
  for (let i = 0; i < all.length; i++) {
    const at = all[i]!;
    at.number = i + 1;
    all.push(...at.children.filter(c => c.file === undefined).sort((a, b) => (a.name < b.name ? -1 : 1)));
  }
  return all;
}

/** Eight letters and three, each once in its directory. */
function plainNames(directories: readonly Node[]): Naming {
  const names = new Map<Node, Uint8Array>();
  for (const { children } of directories) {
    const taken = new Set<string>();
    for (const child of children) {
      const [, stem = '', ending = ''] = /^(.*?)(?:\.([^.]*))?$/.exec(child.name) ?? [];
      const letters = (text: string, most: number): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '_').slice(0, most);
      const full = (n: number): string => {
        const number = n === 0 ? '' : String(n);
        return `${letters(stem, 8 - number.length)}${number}${child.file === undefined ? '' : `.${letters(ending, 3)}`}`;
      };
      let n = 0;
      while (taken.has(full(n))) n++;
      taken.add(full(n));
      names.set(child, latin(child.file === undefined ? full(n) : `${full(n)};1`));
    }
  }
  return { wide: false, of: node => names.get(node) ?? new Uint8Array(0) };
}

const wideNames: Naming = { wide: true, of: node => wide(node.file === undefined ? node.name : `${node.name};1`) };

const recordBytes = (name: number): number => even(33 + name);
const sorted = (d: Node, naming: Naming): Node[] => [...d.children].sort((a, b) => Buffer.compare(naming.of(a), naming.of(b)));

function directoryBytes(d: Node, naming: Naming): number {
  let at = 2 * recordBytes(1);
  for (const child of sorted(d, naming)) at = placed(at, recordBytes(naming.of(child).length)) + recordBytes(naming.of(child).length);
  return Math.ceil(at / SECTOR) * SECTOR;
}
/** No record crosses a sector's end. */
const placed = (at: number, bytes: number): number => (at % SECTOR + bytes > SECTOR ? Math.ceil(at / SECTOR) * SECTOR : at);

type Places = ReadonlyMap<Node, { readonly at: number; readonly bytes: number }>;

function writeDirectory(head: Uint8Array, d: Node, naming: Naming, places: Places): void {
  const base = places.get(d)!.at * SECTOR;
  const self = places.get(d)!;
  writeRecord(head, base, { ...self, directory: true, name: Uint8Array.of(0) });
  writeRecord(head, base + recordBytes(1), { ...(d.parent === undefined ? self : places.get(d.parent)!), directory: true, name: Uint8Array.of(1) });
  let at = 2 * recordBytes(1);
  for (const child of sorted(d, naming)) {
    const name = naming.of(child);
    at = placed(at, recordBytes(name.length));
    writeRecord(head, base + at, { ...(child.file === undefined ? places.get(child)! : { at: child.at, bytes: child.bytes }), directory: child.file === undefined, name });
    at += recordBytes(name.length);
  }
}

/** ECMA-119 9.1. */
function writeRecord(head: Uint8Array, at: number, r: { readonly at: number; readonly bytes: number; readonly directory: boolean; readonly name: Uint8Array }): void {
  head[at] = recordBytes(r.name.length);
  both32(head, at + 2, r.at);
  both32(head, at + 10, r.bytes);
  head.set(made, at + 18);
  head[at + 25] = r.directory ? 2 : 0;
  both16(head, at + 28, 1);
  head[at + 32] = r.name.length;
  head.set(r.name, at + 33);
}

/** ECMA-119 8.4 and 8.5. */
function writeDescriptor(head: Uint8Array, at: number, v: { readonly label: string; readonly naming: Naming; readonly sectors: number; readonly table: number; readonly little: number; readonly big: number; readonly root: { readonly at: number; readonly bytes: number } }): void {
  const text = (from: number, bytes: number, words: string): void => {
    const blank = v.naming.wide ? wide(' '.repeat(bytes / 2)) : latin(' '.repeat(bytes));
    head.set(blank, at + from);
    head.set((v.naming.wide ? wide(words) : latin(words)).subarray(0, bytes), at + from);
  };
  head.set(latin(`${v.naming.wide ? '\u0002' : '\u0001'}CD001\u0001`), at);
  text(8, 32, '');
  text(40, 32, v.naming.wide ? v.label : v.label.toUpperCase().replace(/[^A-Z0-9]/g, '_'));
  both32(head, at + 80, v.sectors);
  if (v.naming.wide) head.set(latin('%/E'), at + 88);
  for (const from of [120, 124]) both16(head, at + from, 1);
  both16(head, at + 128, SECTOR);
  both32(head, at + 132, v.table);
  const view = new DataView(head.buffer, at, SECTOR);
  view.setUint32(140, v.little, true);
  view.setUint32(148, v.big, false);
  writeRecord(head, at + 156, { ...v.root, directory: true, name: Uint8Array.of(0) });
  for (const [from, bytes] of [[190, 128], [318, 128], [446, 128], [574, 128], [702, 36], [739, 36], [776, 36]] as const) text(from, bytes, '');
  for (const from of [813, 830]) head.set(latin(`${madeText}\0`), at + from);
  for (const from of [847, 864]) head.set(latin(`${'0'.repeat(16)}\0`), at + from);
  head[at + 881] = 1;
}

/** ECMA-119 9.4: the same twice, by the order of octets. */
function writeTables(head: Uint8Array, t: { readonly directories: readonly Node[]; readonly naming: Naming; readonly little: number; readonly big: number; readonly places: Places }): void {
  const view = new DataView(head.buffer);
  for (const [start, little] of [[t.little, true], [t.big, false]] as const) {
    let at = start * SECTOR;
    for (const d of t.directories) {
      const name = d.parent === undefined ? Uint8Array.of(0) : t.naming.of(d);
      head[at] = name.length;
      view.setUint32(at + 2, t.places.get(d)!.at, little);
      view.setUint16(at + 6, d.parent?.number ?? 1, little);
      head.set(name, at + 8);
      at += even(8 + name.length);
    }
  }
}

const even = (n: number): number => n + (n % 2);
const latin = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const wide = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf16le').swap16());
function both16(d: Uint8Array, at: number, n: number): void {
  const view = new DataView(d.buffer, d.byteOffset + at, 4);
  view.setUint16(0, n, true);
  view.setUint16(2, n, false);
}
function both32(d: Uint8Array, at: number, n: number): void {
  const view = new DataView(d.buffer, d.byteOffset + at, 8);
  view.setUint32(0, n, true);
  view.setUint32(4, n, false);
}
