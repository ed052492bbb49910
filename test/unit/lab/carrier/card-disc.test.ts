import { describe, expect, it } from 'vitest';
import { cardDisc } from '../../../../lab/carrier/card-disc.ts';
import { CardShelf } from '../../../../lab/carrier/card-shelf.ts';
import { isoImage } from '../../../../lab/carrier/iso-image.ts';
import { openDisc, type DiscReader } from '../../../../plugins/cellular-cards/core/slots/disc.ts';
import { fileAt, show } from '../../../../plugins/cellular-cards/core/slots/disc-reader.ts';

const shelf = new CardShelf();
const opened = async (image: { read(offset: number, length: number): Uint8Array }): Promise<DiscReader> => (await openDisc(async (o, n) => image.read(o, n)))!;
async function whole(disc: DiscReader, path: string): Promise<Buffer> {
  const file = await fileAt(disc, path);
  const parts: Uint8Array[] = [];
  for await (const part of disc.octets(file, 0, file.bytes)) parts.push(part);
  return Buffer.concat(parts);
}

describe('the disc of a simulated card', () => {
  it('has the programs of its maker', async () => {
    const image = cardDisc(shelf.card('ac881'));
    expect(image.bytes).toBe(33_554_432);
    const disc = await opened(image);
    expect([disc.system, disc.label]).toEqual(['ISO 9660', 'TRU-Install']);
    expect((await show(disc, '/')).map(e => [e.name, e.directory, e.bytes])).toEqual([
      ['Drivers', true, expect.any(Number)], ['Mac OS X', true, expect.any(Number)], ['Read Me First.txt', false, expect.any(Number)], ['Setup.exe', false, 12_582_912], ['autorun.inf', false, expect.any(Number)],
    ]);
    expect((await whole(disc, '/Drivers/Windows Vista/AirCard 881 modem.inf')).toString()).toContain('"Sierra Wireless AirCard 881"=Modem, USB\\VID_1199&PID_0fff');
    const setup = await whole(disc, 'setup.exe');
    expect([setup.length, setup.subarray(0, 60).toString()]).toEqual([12_582_912, 'Setup.exe of a simulated Sierra Wireless AirCard 881: this i']);
  });

  it('is there for every card with storage', async () => {
    const withStorage = shelf.models().map(m => shelf.card(m)).filter(c => c.storage !== undefined);
    expect(withStorage.map(c => c.model)).toEqual(expect.arrayContaining(['AC881', 'AC880']));
    for (const card of withStorage) expect((await show(await opened(cardDisc(card)), '/')).map(e => e.name)).toContain('Setup.exe');
  });

  it('may have directories of several sectors, deep ones, and names that look alike', async () => {
    const octets = Buffer.from('here');
    const many = Array.from({ length: 120 }, (_, i) => ({ path: `many/a file with a long name, number ${i}.txt`, octets }));
    const disc = await opened(isoImage('x', [...many, { path: 'a/b/c/d/e.txt', octets }, { path: 'Readme.1st', octets }, { path: 'README.1ST', octets: Buffer.from('') }]));
    expect(await show(disc, 'many')).toHaveLength(120);
    expect((await whole(disc, 'A/B/C/D/E.TXT')).toString()).toBe('here');
    expect((await show(disc, '/')).filter(e => !e.directory).map(e => [e.name, e.bytes])).toEqual([['README.1ST', 0], ['Readme.1st', 4]]);
  });
});
