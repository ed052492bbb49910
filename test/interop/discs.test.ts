/**
 * The file systems of cards, as Debian's programs make and read them: mkfs.vfat, mtools, sfdisk make what the router reads; isoinfo
 * reads what the lab's cards show.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardDisc } from '../../lab/carrier/card-disc.ts';
import { CardShelf } from '../../lab/carrier/card-shelf.ts';
import { type DiscEntry, type DiscReader, findOnDisc } from '../../plugins/cellular-cards/core/slots/disc.ts';
import { withDisc } from '../../plugins/cellular-cards/core/slots/disc-reader.ts';

const sha = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');
const sh = (file: string, ...args: string[]): string => execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, MTOOLS_SKIP_CHECK: '1', LC_ALL: 'C.UTF-8' } });

/** Loop devices stand for a card's block device, where this system lets us have them. */
const loops = process.getuid?.() === 0 && existsSync('/dev/loop-control') && spawnSync('losetup', ['-f'], { stdio: 'ignore' }).status === 0;

async function content(disc: DiscReader, file: DiscEntry): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of disc.octets(file, 0, file.bytes)) parts.push(part);
  return Buffer.concat(parts);
}

/** Every file of a disc, by its path; a directory's is its path and a slash. */
async function everything(disc: DiscReader): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = async (at: DiscEntry, path: string): Promise<void> => {
    for (const entry of await disc.list(at)) {
      if (entry.directory) {
        found[`${path}${entry.name}/`] = '';
        await walk(entry, `${path}${entry.name}/`);
      } else found[`${path}${entry.name}`] = sha(await content(disc, entry));
    }
  };
  await walk(disc.root, '/');
  return found;
}

describe('the file systems of cards', () => {
  let folder = '';
  const here = new AbortController().signal;
  const read = <T>(path: string, work: (disc: DiscReader) => Promise<T>): Promise<T> => withDisc({ path, bytes: 0 }, here, work);
  /** What goes on every FAT image; by its path on the disc. */
  const files = new Map<string, Buffer>();
  const source = (octets: Buffer): string => {
    const path = join(folder, `in-${sha(octets).slice(0, 12)}`);
    writeFileSync(path, octets);
    return path;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lancell-discs-'));
    for (const [path, bytes] of [
      ['/Read Me First.txt', 100], ['/UPPER.TXT', 5], ['/lower.txt', 6], ['/Mixed Case, long and longer than any name of eight and three letters.Text', 70_001], ['/empty', 0],
      ['/Überstraße 中文 →.txt', 1234], ['/Drivers/Windows/Deep/er/setup.exe', 300_000], ['/Drivers/one.inf', 511], ['/Drivers/two.inf', 512], ['/Drivers/three.inf', 513],
    ] as const) files.set(path, randomBytes(bytes));
    for (let i = 0; i < 150; i++) files.set(`/many/a file with a long name, number ${i}.txt`, Buffer.from(`${i}`));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Puts the files on an image; deletes some others in between, so that the last one is in pieces. */
  const fill = (image: string): Record<string, string> => {
    const want: Record<string, string> = {};
    for (const path of files.keys()) {
      const parts = path.split('/').slice(1, -1);
      parts.forEach((_, i) => {
        const directory = `/${parts.slice(0, i + 1).join('/')}/`;
        if (want[directory] === undefined) sh('mmd', '-i', image, `::${directory.slice(0, -1)}`);
        want[directory] = '';
      });
    }
    for (const [path, octets] of files) {
      if (path.startsWith('/many/') && path !== '/many/a file with a long name, number 0.txt') continue;
      sh('mcopy', '-i', image, source(octets), `::${path}`);
      want[path] = sha(octets);
    }
    const many = [...files].filter(([path]) => path.startsWith('/many/'));
    const out = join(folder, 'many');
    mkdirSync(out, { recursive: true });
    for (const [path, octets] of many) {
      writeFileSync(join(out, path.slice(6)), octets);
      want[path] = sha(octets);
    }
    sh('mcopy', '-o', '-i', image, ...many.map(([path]) => join(out, path.slice(6))), '::/many/');
    const small = source(randomBytes(3000));
    for (let i = 0; i < 24; i++) sh('mcopy', '-i', image, small, `::/hole${i}`);
    for (let i = 0; i < 24; i += 2) sh('mdel', '-i', image, `::/hole${i}`);
    for (let i = 1; i < 24; i += 2) want[`/hole${i}`] = sha(readFileSync(small));
    const pieces = randomBytes(200_000);
    sh('mcopy', '-i', image, source(pieces), '::/in pieces.bin');
    want['/in pieces.bin'] = sha(pieces);
    return want;
  };

  it.each([
    ['FAT12', ['-F', '12'], 3 * 1024], ['FAT16', ['-F', '16', '-s', '1'], 12 * 1024], ['FAT16', ['-F', '16', '-S', '2048', '-s', '1'], 24 * 1024], ['FAT32', ['-F', '32', '-s', '1'], 40 * 1024], ['FAT32', ['-F', '32', '-S', '1024', '-s', '1', '-f', '1'], 80 * 1024],
  ] as const)('%s of mkfs.vfat %j, %i KiB: every file, octet for octet, and nothing that was deleted', async (system, how, kib) => {
    const image = join(folder, `${system}-${kib}.img`);
    sh('mkfs.vfat', ...how, '-n', 'LAN CARD', '-C', image, String(kib));
    const want = fill(image);
    const before = sha(readFileSync(image));
    await read(image, async disc => {
      expect([disc.system, disc.label]).toEqual([system, 'LAN CARD']);
      expect(await everything(disc)).toEqual(want);
      const [path, octets] = ['/drivers/WINDOWS/deep/ER/Setup.EXE', files.get('/Drivers/Windows/Deep/er/setup.exe')!];
      const file = (await findOnDisc(disc, path))!;
      const parts: Uint8Array[] = [];
      for await (const part of disc.octets(file, 123_457, 200_001)) parts.push(part);
      expect(sha(Buffer.concat(parts))).toBe(sha(octets.subarray(123_457, 200_001)));
    });
    expect(sha(readFileSync(image))).toBe(before);
    process.stdout.write(`    ${system}: ${Object.keys(want).length} entries of ${image.split('/').pop()} equal\n`);
  });

  it('a memory card with a partition table', async () => {
    const image = join(folder, 'card.img');
    writeFileSync(image, new Uint8Array(0));
    execFileSync('truncate', ['-s', '24M', image]);
    execFileSync('sfdisk', ['-q', image], { input: 'label: dos\nstart=2048, size=2048, type=83\nstart=4096, type=c\n' });
    sh('mkfs.vfat', '-F', '16', '-n', 'SECOND', '--offset=4096', image, String(20 * 1024));
    sh('mcopy', '-i', `${image}@@2M`, source(files.get('/Read Me First.txt')!), '::/Read Me First.txt');
    await read(image, async disc => {
      expect([disc.system, disc.label]).toEqual(['FAT16', 'SECOND']);
      expect(await everything(disc)).toEqual({ '/Read Me First.txt': sha(files.get('/Read Me First.txt')!) });
    });
  });

  it('a floppy disk of mtools, and discs that are of another kind', async () => {
    const image = join(folder, 'floppy.img');
    sh('mformat', '-C', '-f', '1440', '-v', 'FLOPPY', '-i', image, '::');
    sh('mcopy', '-i', image, source(files.get('/lower.txt')!), '::/lower.txt');
    await read(image, async disc => expect([disc.system, disc.label, await everything(disc)]).toEqual(['FAT12', 'FLOPPY', { '/lower.txt': sha(files.get('/lower.txt')!) }]));
    const other = join(folder, 'ext.img');
    execFileSync('truncate', ['-s', '4M', other]);
    sh('mkfs.ext2', '-q', '-F', other);
    await expect(read(other, async () => {})).rejects.toThrow('its file system is none that the router reads (ISO 9660, FAT)');
  });

  it.skipIf(!loops)('a block device is read through and never written to; one that fails says so', async () => {
    const image = join(folder, 'device.img');
    sh('mkfs.vfat', '-F', '16', '-s', '1', '-n', 'LAN CARD', '-C', image, String(12 * 1024));
    const want = fill(image);
    const before = sha(readFileSync(image));
    const device = sh('losetup', '-f', '--show', image).trim();
    try {
      expect(await read(device, everything)).toEqual(want);
      // Documentation/block/stat.rst: requests and sectors read, requests and sectors written.
      const [reads, , sectorsRead, , writes, , sectorsWritten] = readFileSync(`/sys/block/${device.slice(5)}/stat`, 'utf8').trim().split(/\s+/).map(Number);
      expect([writes, sectorsWritten, sha(readFileSync(image))]).toEqual([0, 0, before]);
      process.stdout.write(`    ${device}: ${reads} reads of ${sectorsRead} sectors, ${writes} writes\n`);
      execFileSync('truncate', ['-s', '600K', image]);
      sh('blockdev', '--flushbufs', device);
      await expect(read(device, everything)).rejects.toThrow(/cannot be read any further: EIO|the disc is damaged, or gone/);
    } finally {
      sh('losetup', '-d', device);
    }
  });

  it.each(['ac881', 'gtmax36', 'e620'])("the disc of a simulated %s, as isoinfo reads it", async model => {
    const image = cardDisc(new CardShelf().card(model));
    const path = join(folder, `${model}.iso`);
    writeFileSync(path, image.read(0, image.bytes));
    expect(statSync(path).size).toBe(image.bytes);
    expect(sh('isoinfo', '-d', '-i', path)).toMatch(/CD-ROM is in ISO 9660 format[\s\S]*Joliet with UCS level 3 found/);
    const want = await read(path, everything);
    for (const joliet of [true, false]) {
      const flags = joliet ? ['-J'] : [];
      const listed = sh('isoinfo', '-f', ...flags, '-i', path).trim().split('\n');
      expect(listed).toHaveLength(Object.keys(want).length);
      if (joliet) expect(listed.map(p => p.replace(/;1$/, '')).sort()).toEqual(Object.keys(want).map(p => p.replace(/\/$/, '')).sort());
      // Every file by both trees has the same octets.
      const hashes = listed.map(p => sha(execFileSync('isoinfo', [...flags, '-i', path, '-x', p], { maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] })));
      for (const hash of Object.values(want).filter(h => h !== '')) expect(hashes).toContain(hash);
    }
  });
});
