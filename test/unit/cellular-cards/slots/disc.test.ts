import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnDisc, openDisc } from '../../../../plugins/cellular-cards/core/slots/disc.ts';
import { openDevice } from '../../../../plugins/cellular-cards/core/slots/medium.ts';
import * as reader from '../../../../plugins/cellular-cards/core/slots/disc-reader.ts';

/** Made by genisoimage: one with Joliet names, one without; 60 files in a directory, so that it takes several sectors. */
const image = (name: string) => gunzipSync(readFileSync(new URL(`../../../fixtures/discs/${name}.iso.gz`, import.meta.url)));

const here = new AbortController().signal;
const show = (path: string, within: string) => reader.withDisc({ path, bytes: 0 }, here, disc => reader.show(disc, within));
const copyOut = (path: string, within: string, to: string) => reader.withDisc({ path, bytes: 0 }, here, disc => reader.copyOut(disc, within, to));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lancell-disc-'));
  for (const name of ['joliet', 'plain']) writeFileSync(join(folder, `${name}.iso`), image(name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a card's disc", () => {
  it('is listed by its long names where it has them', async () => {
    const joliet = join(folder, 'joliet.iso');
    expect((await show(joliet, '/')).map(e => [e.name, e.directory])).toEqual([['Drivers', true], ['Mac OS X', true], ['Read Me First.txt', false], ['autorun.inf', false]]);
    const drivers = await show(joliet, '/drivers');
    expect(drivers).toHaveLength(61);
    expect(drivers.map(e => e.name)).toContain('file-number-60-with-a-long-name.inf');
    expect((await show(joliet, 'autorun.inf')).map(e => e.bytes)).toEqual([27]);
    expect((await show(join(folder, 'plain.iso'), '/')).map(e => e.name)).toEqual(['AUTORUN.INF', 'DRIVERS', 'MAC_OS_X', 'READ_ME_.TXT']);
  });

  it('gives its files, octet for octet', async () => {
    const to = join(folder, 'out');
    const copied = await copyOut(join(folder, 'joliet.iso'), 'drivers/windows/sierra-wireless-setup.exe', to);
    expect(copied).toEqual({ file: join(to, 'Sierra-Wireless-Setup.exe'), bytes: 5000, sha256: createHash('sha256').update('D'.repeat(5000)).digest('hex') });
    expect(readFileSync(copied.file, 'latin1')).toBe('D'.repeat(5000));
    await expect(copyOut(join(folder, 'joliet.iso'), '../../etc/passwd', to)).rejects.toThrow('there is no ../../etc/passwd on the disc');
    await expect(copyOut(join(folder, 'joliet.iso'), 'Drivers', to)).rejects.toThrow('is a directory');
    expect(readdirSync(to)).toEqual(['Sierra-Wireless-Setup.exe']);
  });

  it('says what is wrong: no disc, no such file system, a disc cut short', async () => {
    await expect(show(join(folder, 'none'), '/')).rejects.toThrow('the disc cannot be read');
    writeFileSync(join(folder, 'fat.img'), new Uint8Array(100_000));
    await expect(show(join(folder, 'fat.img'), '/')).rejects.toThrow('its file system is none that the router reads (ISO 9660, FAT)');
    const whole = image('joliet');
    const [setup] = await show(join(folder, 'joliet.iso'), 'Drivers/Windows/Sierra-Wireless-Setup.exe');
    writeFileSync(join(folder, 'short.iso'), whole.subarray(0, setup!.at + 100));
    await expect(copyOut(join(folder, 'short.iso'), 'Drivers/Windows/Sierra-Wireless-Setup.exe', join(folder, 'out2'))).rejects.toThrow('ends too soon');
    expect(readdirSync(join(folder, 'out2'))).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('is opened for reading only, and closed again', async () => {
    const path = realpathSync(join(folder, 'joliet.iso'));
    const descriptors = () => readdirSync('/proc/self/fd').filter(fd => { try { return readlinkSync(`/proc/self/fd/${fd}`) === path; } catch { return false; } });
    const medium = await openDevice(path);
    const [fd] = descriptors();
    // The lowest two bits of the flags: 0 is O_RDONLY.
    expect(Number.parseInt(/flags:\s*0*([0-7]+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!, 8) & 3).toBe(0);
    await medium.close();
    expect(descriptors()).toEqual([]);
    await show(path, '/Drivers');
    await show(path, 'nothing').catch(() => {});
    expect(descriptors()).toEqual([]);
  });

  it('does no harm when it is damaged, wherever', async () => {
    const whole = Uint8Array.from(image('joliet')).slice(0, 100 * 2048);
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(60 * 2048), fc.nat(255)), { maxLength: 200 }), fc.constantFrom('/', 'Drivers', 'Mac OS X'), async (damage, path) => {
      const disc = Uint8Array.from(whole);
      for (const [at, octet] of damage) disc[16 * 2048 + at] = octet;
      const read = async (offset: number, length: number) => disc.subarray(Math.min(offset, disc.length), Math.min(offset + length, disc.length));
      const opened = await openDisc(read);
      if (opened === undefined) return;
      const found = await findOnDisc(opened, path).catch((error: Error) => { expect(error.message).toMatch(/: the disc is damaged, or gone$/); });
      if (found?.directory) await opened.list(found).catch((error: Error) => { expect(error.message).toMatch(/: the disc is damaged, or gone$/); });
    }), { numRuns: 200 });
  });
});
