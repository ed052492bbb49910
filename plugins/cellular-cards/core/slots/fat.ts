import { byName, damaged, type DiscEntry, type DiscReader, MOST_DIRECTORY, PIECE, pieces, type ReadAt } from './disc.ts';
import { safeLabel } from './disc-name.ts';
import { FatDirectory } from './fat-directory.ts';

const BOOT = 512;
/** Looked at in one go; one octet more, as an entry of FAT12 may lie across. */
const WINDOW = 4096;

interface Shape {
  readonly bits: 12 | 16 | 32;
  readonly clusterBytes: number;
  /** Of the data, from 2 to here. */
  readonly lastCluster: number;
  /** Octets of the disc. */
  readonly tableAt: number;
  readonly rootAt: number;
  readonly rootBytes: number;
  readonly rootCluster: number;
  readonly dataAt: number;
  readonly label: string;
}

/** A volume with FAT12, FAT16 or FAT32 (Microsoft, FAT32 File System Specification 1.03); undefined: it is none. */
export async function openFat(read: ReadAt): Promise<DiscReader | undefined> {
  const boot = await read(0, BOOT);
  const shape = boot.length < BOOT ? undefined : shapeOf(boot);
  if (shape === undefined) return undefined;
  const disc = new FatDisc(read, shape);
  await disc.readLabel();
  return disc;
}

function shapeOf(d: Uint8Array): Shape | undefined {
  const view = new DataView(d.buffer, d.byteOffset, d.byteLength);
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  const u8 = (at: number): number => d[at] ?? 0;
  const sector = u16(11);
  const perCluster = u8(13);
  const reserved = u16(14);
  const tables = u8(16);
  const media = u8(21);
  if ((u8(0) !== 0xeb && u8(0) !== 0xe9) || ![512, 1024, 2048, 4096].includes(sector) || perCluster === 0 || (perCluster & (perCluster - 1)) !== 0) return undefined;
  if (reserved === 0 || tables === 0 || (media !== 0xf0 && media < 0xf8)) return undefined;
  // A volume without a length of 16 bits for its tables has FAT32, however small it is.
  const is32 = u16(22) === 0;
  const tableSectors = is32 ? u32(36) : u16(22);
  const rootBytes = is32 ? 0 : u16(17) * 32;
  const dataSector = reserved + tables * tableSectors + Math.ceil(rootBytes / sector);
  const clusters = Math.floor(((u16(19) || u32(32)) - dataSector) / perCluster);
  if (tableSectors === 0 || clusters < 1) return undefined;
  const bits = is32 ? 32 : clusters < 4085 ? 12 : 16;
  // Bit 7 of the flags: one table only is kept up, and bits 0 to 3 say which.
  const table = is32 && (u16(40) & 0x80) !== 0 ? u16(40) & 0x0f : 0;
  if (table >= tables) return undefined;
  return {
    bits, clusterBytes: sector * perCluster, tableAt: (reserved + table * tableSectors) * sector, rootAt: (reserved + tables * tableSectors) * sector, rootBytes,
    // No cluster is one that the table has no room for.
    lastCluster: Math.min(clusters + 1, Math.floor(tableSectors * sector * 8 / bits) - 1),
    rootCluster: is32 ? u32(44) : 0, dataAt: dataSector * sector, label: labelText(d.subarray(is32 ? 71 : 43, is32 ? 82 : 54)),
  };
}

class FatDisc implements DiscReader {
  readonly system: DiscReader['system'];
  label: string;
  readonly root: DiscEntry;
  readonly #read: ReadAt;
  readonly #shape: Shape;
  #window: { readonly at: number; readonly octets: Uint8Array } | undefined;

  constructor(read: ReadAt, shape: Shape) {
    this.#read = read;
    this.#shape = shape;
    this.system = `FAT${shape.bits}`;
    this.label = shape.label;
    this.root = { name: '', directory: true, bytes: 0, at: shape.rootCluster };
  }

  /** The one in the root directory is the one that people changed. */
  async readLabel(): Promise<void> {
    const found = await this.#directory(this.root).then(d => d.label, () => undefined);
    if (found !== undefined) this.label = labelText(found);
  }

  async list(directory: DiscEntry): Promise<DiscEntry[]> { return [...(await this.#directory(directory)).entries].sort(byName); }

  async *octets(file: DiscEntry, from: number, to: number): AsyncGenerator<Uint8Array> {
    const { clusterBytes, lastCluster } = this.#shape;
    if (file.bytes > (lastCluster - 1) * clusterBytes) throw damaged('the file is longer than the disc');
    if (from >= to) return;
    const chain = new Chain(file.at, c => this.#next(c));
    for (let skip = Math.floor(from / clusterBytes); skip > 0 && chain.cluster !== undefined; skip--) await chain.step();
    for (let done = from; done < to;) {
      const first = chain.cluster;
      if (first === undefined) throw damaged('the file ends too soon');
      const begin = done % clusterBytes;
      // Clusters in a row are read in one go.
      let room = clusterBytes;
      let last = first;
      while (room < begin + Math.min(PIECE, to - done) && (await chain.step()) === last + 1) {
        last++;
        room += clusterBytes;
      }
      const end = Math.min(to - done, room - begin);
      const at = this.#clusterAt(first) + begin;
      yield* pieces(this.#read, at, at + end);
      done += end;
      if (done < to && chain.cluster === last) await chain.step();
    }
  }

  async #directory({ at }: DiscEntry): Promise<FatDirectory> {
    const { bits, clusterBytes, rootAt, rootBytes } = this.#shape;
    const directory = new FatDirectory(bits === 32);
    if (at === 0 && bits !== 32) {
      directory.take(await this.#read(rootAt, rootBytes));
      return directory;
    }
    // A directory has no length: it ends with its chain, or where it says so.
    const chain = new Chain(at, c => this.#next(c));
    for (let taken = 0; chain.cluster !== undefined && !directory.ended; taken += clusterBytes) {
      if (taken >= MOST_DIRECTORY) throw damaged('the directory is too long');
      const part = await this.#read(this.#clusterAt(chain.cluster), clusterBytes);
      if (part.length < clusterBytes) throw damaged('the directory ends too soon');
      directory.take(part);
      await chain.step();
    }
    return directory;
  }

  #clusterAt(cluster: number): number {
    if (cluster < 2 || cluster > this.#shape.lastCluster) throw damaged('it leads outside of the disc');
    return this.#shape.dataAt + (cluster - 2) * this.#shape.clusterBytes;
  }

  /** What follows a cluster; undefined: it was the last. */
  async #next(cluster: number): Promise<number | undefined> {
    const { bits, tableAt, lastCluster } = this.#shape;
    if (cluster < 2 || cluster > lastCluster) throw damaged('it leads outside of the disc');
    const at = Math.floor(cluster * bits / 8);
    const from = at - (at % WINDOW);
    if (this.#window?.at !== from) this.#window = { at: from, octets: await this.#read(tableAt + from, WINDOW + 1) };
    const d = this.#window.octets;
    const i = at - from;
    if (i + Math.ceil(bits / 8) > d.length) throw damaged('its table ends too soon');
    const two = (d[i] ?? 0) | ((d[i + 1] ?? 0) << 8);
    const value = bits === 32 ? (two | ((d[i + 2] ?? 0) << 16) | ((d[i + 3] ?? 0) << 24)) & 0x0fff_ffff : bits === 16 ? two : cluster % 2 === 0 ? two & 0xfff : two >> 4;
    // Above the mark of a bad cluster (…f7): the end.
    if (value >= (bits === 32 ? 0x0fff_fff8 : bits === 16 ? 0xfff8 : 0xff8)) return undefined;
    if (value < 2 || value > lastCluster) throw damaged('its chain of clusters is broken');
    return value;
  }
}

/** A walk along a chain of clusters that notices when it comes round again (R. P. Brent's way: no memory of where it was). */
class Chain {
  cluster: number | undefined;
  readonly #next: (cluster: number) => Promise<number | undefined>;
  #marked: number;
  #steps = 0;
  #power = 1;

  constructor(first: number, next: (cluster: number) => Promise<number | undefined>) {
    this.cluster = first;
    this.#marked = first;
    this.#next = next;
  }

  async step(): Promise<number | undefined> {
    if (this.cluster === undefined) return undefined;
    this.cluster = await this.#next(this.cluster);
    if (this.cluster === this.#marked) throw damaged('its chain of clusters goes round in a circle');
    if (this.cluster !== undefined && ++this.#steps === this.#power) {
      this.#marked = this.cluster;
      this.#steps = 0;
      this.#power *= 2;
    }
    return this.cluster;
  }
}

/** Eleven characters of the 8.3 kind; 'NO NAME' is what a volume without a name has. */
const labelText = (octets: Uint8Array): string => {
  const text = safeLabel(String.fromCharCode(...octets));
  return text === 'NO NAME' ? '' : text;
};
