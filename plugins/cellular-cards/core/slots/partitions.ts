import type { ReadAt } from './disc.ts';

export interface Partition { readonly at: number; readonly bytes: number }

const SECTOR = 512;
/** A master boot record: four entries of 16 octets, and its mark. */
const TABLE = 446;
const ENTRY = 16;
const MARK = 510;
/** FAT in all its sizes, by cylinders or by sectors, hidden or not; and the partition that EFI starts from. */
const fatTypes: ReadonlySet<number> = new Set([0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e, 0x11, 0x14, 0x16, 0x1b, 0x1c, 0x1e, 0xef]);

/** The partitions of a disc that may have FAT, in the order of its table. */
export async function partitions(read: ReadAt): Promise<Partition[]> {
  const boot = await read(0, SECTOR);
  if (boot.length < SECTOR || boot[MARK] !== 0x55 || boot[MARK + 1] !== 0xaa) return [];
  const view = new DataView(boot.buffer, boot.byteOffset, boot.byteLength);
  const found: Partition[] = [];
  for (let at = TABLE; at < MARK; at += ENTRY) {
    const start = view.getUint32(at + 8, true);
    const sectors = view.getUint32(at + 12, true);
    if (fatTypes.has(boot[at + 4] ?? 0) && start > 0 && sectors > 0) found.push({ at: start * SECTOR, bytes: sectors * SECTOR });
  }
  return found;
}

/** A part of a disc as a disc of its own; it ends where the part ends. */
export const within = (read: ReadAt, at: number, bytes: number): ReadAt => async (offset, length) =>
  (offset >= bytes ? new Uint8Array(0) : read(at + offset, Math.min(length, bytes - offset)));
