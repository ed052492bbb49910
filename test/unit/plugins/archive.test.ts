import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../../kernel/plugins/archive.ts';
import { BadArchive } from '../../../kernel/plugins/archive-entry.ts';
import { temporary } from '../console/rig.ts';
import { tar, tgz, type TarMember, zip, type ZipMember } from './archives.ts';

const read = async (archive: Uint8Array): Promise<Record<string, string>> => Object.fromEntries((await readArchive(archive)).map((m) => [m.path, Buffer.from(m.data).toString()]));
const good = { 'plugin.js': 'export default 1', 'gui/page.js': 'x' };

describe('an archive with a plugin', () => {
  it('is read as .tgz and as .zip, with or without a folder around it, without hidden files', async () => {
    const members = [{ path: 'plugin.js', data: 'export default 1' }, { path: 'gui/', kind: '5', mode: 0o040755 }, { path: 'gui/page.js', data: 'x' }, { path: '.git/config', data: 'y' }];
    for (const around of ['', './', 'package/', './meter-1.0/']) {
      const inside = members.map((m) => ({ ...m, path: around + m.path }));
      expect(await read(tgz(inside))).toEqual(good);
      expect(await read(zip(inside))).toEqual(good);
    }
    expect(await read(zip([{ path: 'plugin.js', data: 'a', method: 0 }, { path: 'empty.js' }]))).toEqual({ 'plugin.js': 'a', 'empty.js': '' });
    expect(await read(tgz([{ path: 'x.js', prefix: 'a/b', data: '1' }, { path: 'plugin.js' }]))).toEqual({ 'a/b/x.js': '1', 'plugin.js': '' });
  });

  it('is read as the programs of the system write it', async () => {
    const folder = temporary();
    mkdirSync(join(folder, 'meter/gui'), { recursive: true });
    for (const [name, text] of Object.entries(good)) writeFileSync(join(folder, 'meter', name), text);
    const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: folder, stdio: 'ignore' });
    for (const format of ['gnu', 'ustar', 'pax', 'v7']) {
      run('tar', `--format=${format}`, '-czf', 'a.tgz', 'meter');
      expect(await read(readFileSync(join(folder, 'a.tgz')))).toEqual(good);
    }
    run('python3', '-c', "import shutil; shutil.make_archive('b', 'zip', '.', 'meter')");
    expect(await read(readFileSync(join(folder, 'b.zip')))).toEqual(good);
    symlinkSync('/etc/passwd', join(folder, 'meter/link.js'));
    run('tar', '-czf', 'c.tgz', 'meter');
    await expect(read(readFileSync(join(folder, 'c.tgz')))).rejects.toThrow('is a link');
  });
});

describe('a hostile archive', () => {
  const ways: readonly [string, RegExp][] = [
    ['../evil.js', /leads out/], ['a/../../evil.js', /leads out/], ['/etc/cron.d/evil', /absolute/], ['C:/evil.js', /absolute/], ['a\\..\\evil.js', /backslash/],
    ['a\nb.js', /control characters/], [`${'d/'.repeat(13)}x.js`, /folders deep/],
  ];
  it.each(ways)('does not get out of the folder by %j', async (path, why) => {
    await expect(read(tgz([{ path: 'plugin.js' }, { path }]))).rejects.toThrow(why);
    await expect(read(zip([{ path: 'plugin.js' }, { path }]))).rejects.toThrow(why);
  });

  it.each<[string, TarMember, RegExp]>([
    ['a symbolic link', { path: 'l', kind: '2', link: '/etc' }, /is a link/], ['a hard link', { path: 'l', kind: '1', link: 'plugin.js' }, /is a link/],
    ['a device', { path: 'd', kind: '3' }, /no file and no folder/], ['a pipe', { path: 'd', kind: '6' }, /no file and no folder/],
    ['a name in an extension', { path: 'x', kind: 'x', data: '20 path=../evil.js\n' }, /extended header/], ['a long name', { path: 'x', kind: 'L', data: '../evil' }, /too long/],
    ['a file twice', { path: './plugin.js' }, /twice/], ['a file twice, for some disks', { path: 'PLUGIN.js' }, /twice \(as 'plugin.js'\)/],
    ['a file that is a folder', { path: 'plugin.js/x' }, /a file and a folder/],
  ])('is refused as .tgz for %s', async (_what, member, why) => {
    await expect(read(tgz([{ path: 'plugin.js' }, member]))).rejects.toThrow(why);
  });

  it.each<[string, ZipMember, RegExp]>([
    ['a symbolic link', { path: 'l', data: '/etc', mode: 0o120777 }, /is a link/], ['a device', { path: 'd', mode: 0o020600 }, /is a link or a device/],
    ['encryption', { path: 'e', data: 'x', flags: 1 }, /is encrypted/], ['another way of packing', { path: 'e', data: 'x', method: 12 }, /not known here/],
    ['two names', { path: 'a.js', local: 'b.js' }, /another name/], ['a content longer than it says', { path: 'a', data: 'x'.repeat(5000), size: 10 }, /longer than it says/],
    ['a content shorter than it says', { path: 'a', data: 'x', size: 10 }, /length or checksum/], ['a wrong checksum', { path: 'a', data: 'x', crc: 1 }, /checksum/],
    ['a file twice', { path: './plugin.js' }, /twice/], ['overlapping files', { path: 'plugin.js', shared: true }, /overlap/], ['a folder with a content', { path: 'f/', data: 'x' }, /with a content/],
  ])('is refused as .zip for %s', async (_what, member, why) => {
    await expect(read(zip([{ path: 'plugin.js' }, member]))).rejects.toThrow(why);
  });

  it('does not fill the memory: bombs are stopped at what they may unpack to', async () => {
    const zeros = Buffer.alloc(40 * 2 ** 20);
    const bomb = gzipSync(zeros);
    expect(bomb.length).toBeLessThan(100_000);
    await expect(read(bomb)).rejects.toThrow('more than 32 MiB');
    await expect(read(zip([{ path: 'plugin.js', data: zeros, crc: 0 }]))).rejects.toThrow('more than 32 MiB');
    // One that lies about its size is stopped there.
    await expect(read(zip([{ path: 'plugin.js', data: zeros, size: 100, crc: 0 }]))).rejects.toThrow('longer than it says');
    await expect(read(tgz(Array.from({ length: 2001 }, (_, i) => ({ path: `${i}.js` }))))).rejects.toThrow('more than 2000 members');
    await expect(read(new Uint8Array(9 * 2 ** 20).fill(0x1f))).rejects.toThrow('larger than 8 MiB');
  });

  it('is a sentence whatever the octets are', async () => {
    await expect(read(new Uint8Array())).rejects.toThrow('neither .tgz nor .zip');
    await expect(read(tgz([]))).rejects.toThrow('no file in the archive');
    await expect(read(tgz([{ path: 'a', data: 'x'.repeat(2000) }]).subarray(0, 60))).rejects.toThrow(BadArchive);
    const whole = { tar: tar([{ path: 'plugin.js', data: 'abc' }]), zip: zip([{ path: 'plugin.js', data: 'abc' }]) };
    const bad = async (archive: Uint8Array): Promise<void> => { await readArchive(archive).catch((e: unknown) => { if (!(e instanceof BadArchive)) throw e; }); };
    await fc.assert(fc.asyncProperty(fc.constantFrom('tar', 'zip'), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(), async (kind, flips, cut) => {
      const octets = Buffer.from(whole[kind]);
      for (const [at, value] of flips) octets[at % octets.length] = value;
      const part = cut % 3 === 0 ? octets.subarray(0, cut % octets.length) : octets;
      await bad(kind === 'tar' ? gzipSync(part) : Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), part.subarray(4)]));
    }), { numRuns: 1500 });
  });
});
