import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiscEntry, type DiscReader, findOnDisc, openDisc, PIECE } from '../../../../plugins/cellular-cards/core/slots/disc.ts';
import { safeName } from '../../../../plugins/cellular-cards/core/slots/disc-name.ts';

/** Made by mkfs.vfat and mcopy: a deleted file, one in pieces, long names, a folder in a folder. Of FAT32, which is large, only the beginning. */
const image = (name: string): Uint8Array => Uint8Array.from(gunzipSync(readFileSync(new URL(`../../../fixtures/discs/${name}.img.gz`, import.meta.url))));
const systems = ['fat12', 'fat16', 'fat32'] as const;
const DAMAGED = /: the disc is damaged, or gone$/;

const over = (disc: Uint8Array, count = { reads: 0 }) => {
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    count.reads++;
    if (!(offset >= 0 && length >= 0 && length <= 4 * 1024 * 1024)) throw new Error(`asked for ${length} octets at ${offset}`);
    return disc.subarray(Math.min(offset, disc.length), Math.min(offset + length, disc.length));
  };
  return openDisc(read);
};
async function content(disc: DiscReader, file: DiscEntry): Promise<string> {
  let text = '';
  for await (const part of disc.octets(file, 0, file.bytes)) {
    expect(part.length).toBeLessThanOrEqual(PIECE);
    text += Buffer.from(part).toString('latin1');
  }
  return text;
}
const u16 = (d: Uint8Array, at: number): number => new DataView(d.buffer).getUint16(at, true);
const u32 = (d: Uint8Array, at: number): number => new DataView(d.buffer).getUint32(at, true);
/** Where the table is, and the data. */
const places = (d: Uint8Array): { table: number; data: number; cluster: number } => {
  const sector = u16(d, 11);
  const length = u16(d, 22) || u32(d, 36);
  return { table: u16(d, 14) * sector, data: (u16(d, 14) + (d[16] ?? 0) * length) * sector + (u16(d, 22) === 0 ? 0 : u16(d, 17) * 32), cluster: sector * (d[13] ?? 0) };
};
/** Lets a cluster lead to another. */
const link = (d: Uint8Array, bits: number, from: number, to: number): void => {
  const view = new DataView(d.buffer);
  const at = places(d).table + Math.floor(from * bits / 8);
  if (bits === 32) view.setUint32(at, to, true);
  else if (bits === 16) view.setUint16(at, to, true);
  else view.setUint16(at, from % 2 === 0 ? (view.getUint16(at, true) & 0xf000) | to : (view.getUint16(at, true) & 0x000f) | (to << 4), true);
};

describe.each(systems)('%s', system => {
  const bits = Number(system.slice(3));

  it('is listed by its long names, without what was deleted, and gives its files', async () => {
    const disc = (await over(image(system)))!;
    expect([disc.system, disc.label]).toEqual([system.toUpperCase(), 'LAN CARD']);
    expect((await disc.list(disc.root)).map(e => [e.name, e.directory, e.bytes])).toEqual([
      ['Drivers', true, 0], ['Read Me First.txt', false, 5], ['UPPER.TXT', false, 6], ['empty', false, 0], ['in pieces.bin', false, 9000], ['lower.txt', false, 6], ['Überstraße 中文.txt', false, 5],
    ]);
    expect(await content(disc, (await findOnDisc(disc, '/drivers/WINDOWS/setup.exe'))!)).toBe('D'.repeat(3000));
    const pieces = (await findOnDisc(disc, 'in pieces.bin'))!;
    const whole = Array.from({ length: 1000 }, (_, i) => String(i).padStart(9)).join('');
    expect(await content(disc, pieces)).toBe(whole);
    const parts: string[] = [];
    for await (const part of disc.octets(pieces, 4321, 7654)) parts.push(Buffer.from(part).toString('latin1'));
    expect(parts.join('')).toBe(whole.slice(4321, 7654));
    expect(await findOnDisc(disc, 'drivers/none')).toBeUndefined();
    expect(await findOnDisc(disc, 'lower.txt/x')).toBeUndefined();
    expect(await content(disc, (await findOnDisc(disc, 'empty'))!)).toBe('');
  });

  it('does not go round in circles', async () => {
    const d = image(system);
    const disc = (await over(d))!;
    const [pieces, drivers] = [(await findOnDisc(disc, 'in pieces.bin'))!, (await findOnDisc(disc, 'Drivers'))!];
    link(d, bits, pieces.at, pieces.at);
    link(d, bits, drivers.at, drivers.at);
    // A directory without an end goes on with its chain.
    const at = places(d).data + (drivers.at - 2) * places(d).cluster;
    for (let i = 32; i < places(d).cluster; i += 32) d.set([0xe5], at + i);
    d.set([0xe5], at);
    const again = (await over(d))!;
    await expect(content(again, pieces)).rejects.toThrow('goes round in a circle');
    await expect(again.list(drivers)).rejects.toThrow('goes round in a circle');
  });

  it('does not believe lengths, clusters and chains that lead outside', async () => {
    const d = image(system);
    const disc = (await over(d))!;
    const pieces = (await findOnDisc(disc, 'in pieces.bin'))!;
    await expect(content(disc, { ...pieces, bytes: 4_294_967_295 })).rejects.toThrow('longer than the disc');
    await expect(content(disc, { ...pieces, bytes: 200_000 })).rejects.toThrow(DAMAGED);
    for (const at of [0, 1, 0xfff0, 0xffff_ffff]) await expect(content(disc, { ...pieces, at })).rejects.toThrow(DAMAGED);
    link(d, bits, pieces.at, 1);
    await expect(content((await over(d))!, pieces)).rejects.toThrow('chain of clusters is broken');
    // Cut short: what is left is still listed.
    const short = (await over(image(system).subarray(0, places(d).data + 6 * places(d).cluster)))!;
    await expect(content(short, pieces)).rejects.toThrow(DAMAGED);
  });

  it('does no harm when it is damaged, wherever', async () => {
    const whole = image(system);
    const spots = fc.oneof(fc.nat(63), fc.nat(511), fc.nat(places(whole).data + 4 * places(whole).cluster), fc.nat(whole.length - 1));
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(spots, fc.nat(255)), { maxLength: 60 }), async damage => {
      const d = Uint8Array.from(whole);
      for (const [at, octet] of damage) d[at] = octet;
      const count = { reads: 0 };
      const disc = await over(d, count);
      if (disc === undefined) return;
      const walk = async (at: DiscEntry, depth: number): Promise<void> => {
        const entries = await disc.list(at).catch((error: Error) => { expect(error.message).toMatch(DAMAGED); });
        for (const entry of entries?.slice(0, 30) ?? []) {
          expect(safeName(entry.name)).toBe(entry.name);
          if (entry.directory && depth < 3) await walk(entry, depth + 1);
          else if (!entry.directory) await content(disc, { ...entry, bytes: Math.min(entry.bytes, 1_000_000) }).catch((error: Error) => { expect(error.message).toMatch(DAMAGED); });
        }
      };
      await walk(disc.root, 0);
      expect(count.reads).toBeLessThan(500_000);
    }), { numRuns: 150 });
  }, 60_000);
});

describe('FAT', () => {
  it('is not seen where it is not: noise, nothing, boot code, other sizes', async () => {
    expect(await over(new Uint8Array(0))).toBeUndefined();
    expect(await over(new Uint8Array(100_000))).toBeUndefined();
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 512, maxLength: 4096 }), async noise => {
      const d = Uint8Array.from(noise);
      d.set([0xeb, 0x3c, 0x90]);
      d.set([0x55, 0xaa], 510);
      const disc = await over(d);
      if (disc !== undefined) await disc.list(disc.root).catch((error: Error) => { expect(error.message).toMatch(DAMAGED); });
    }), { numRuns: 500 });
    for (const [at, octets] of [[11, [0, 1]], [13, [3]], [13, [0]], [14, [0, 0]], [16, [0]], [21, [0x10]], [22, [0, 0]]] as const) {
      const d = image('fat16');
      d.set(octets, at);
      const disc = await over(d);
      if (at === 22) expect(disc).toBeUndefined();
      else expect([at, disc]).toEqual([at, undefined]);
    }
  });

  it('is found in the first partition that has it', async () => {
    const inner = image('fat12');
    const d = new Uint8Array(63 * 512 + inner.length + 512);
    d.set(inner, 63 * 512);
    d.set([0x55, 0xaa], 510);
    const view = new DataView(d.buffer);
    const entry = (n: number, type: number, start: number, sectors: number): void => {
      const at = 446 + n * 16;
      d[at + 4] = type;
      view.setUint32(at + 8, start, true);
      view.setUint32(at + 12, sectors, true);
    };
    entry(0, 0x83, 1, 62);
    entry(1, 0x0c, 0xffff_fff0, 0xffff_ffff);
    entry(2, 0x01, 63, inner.length / 512);
    const disc = (await over(d))!;
    expect([disc.system, (await disc.list(disc.root)).length]).toEqual(['FAT12', 7]);
    // Nothing is read beyond its partition.
    entry(2, 0x01, 63, 10);
    await expect(over(d).then(async cut => content(cut!, (await findOnDisc(cut!, 'in pieces.bin'))!))).rejects.toThrow(DAMAGED);
  });

  it('cuts no character of a long name in two', () => {
    expect(safeName(`${'x'.repeat(254)}😀`)).toBe(`${'x'.repeat(254)}\ufffd`);
    expect(safeName(`${'x'.repeat(254)} y`)).toBe('x'.repeat(254));
  });

  it('has names that are text only, and long names only where they belong', async () => {
    const d = image('fat16');
    const root = (u16(d, 14) + (d[16] ?? 0) * u16(d, 22)) * 512;
    d.fill(0, root, root + u16(d, 17) * 32);
    let at = root;
    const short = (name: string, attributes = 0x20): void => {
      d.set(Buffer.from(name.padEnd(11), 'latin1'), at);
      d[at + 11] = attributes;
      at += 32;
    };
    const long = (order: number, text: string, sum: number): void => {
      d.set([order], at);
      d[at + 11] = 0x0f;
      d[at + 13] = sum;
      [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30].forEach((place, i) => { new DataView(d.buffer).setUint16(at + place, i < text.length ? text.charCodeAt(i) : i === text.length ? 0 : 0xffff, true); });
      at += 32;
    };
    const sumOf = (name: string): number => [...Buffer.from(name.padEnd(11), 'latin1')].reduce((sum, c) => (((sum & 1) << 7) + (sum >> 1) + c) & 0xff, 0);
    long(0x41, 'a/../\u202eb\u0000', sumOf('ONE'));
    short('ONE');
    long(0x41, '..', sumOf('TWO'));
    short('TWO');
    long(0x41, 'stolen', 0x12);
    short('THREE');
    long(0x42, 'end', sumOf('FOUR'));
    short('FOUR');
    long(0x41, '\ud800x', sumOf('FIVE'));
    short('FIVE');
    short('\u0005\u0081B     TXT');
    short('LABEL', 0x08);
    long(0x55, 'x', 0);
    short('A\nB     C\t');
    const disc = (await over(d))!;
    expect(disc.label).toBe('LABEL');
    expect((await disc.list(disc.root)).map(e => e.name).sort()).toEqual(['_', 'a_..__b', 'THREE', 'FOUR', '\ufffdx', 'σüB.TXT', 'A_B.C'].sort());
  });
});
