import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CardMedium } from '../../plugins/cellular-cards/contract.ts';
import type { Download } from '../../sdk/index.ts';
import { settle } from './bed.ts';
import { type CardBed, cardBed } from './cards.ts';

const PAGE = 'network/cellular/storage';

/**
 *     a card that shows its disc ──► files ──► downloads
 *            │ ejected
 *            └──► its modem ──► online
 */
describe('the storage of a simulated card', () => {
  let b: CardBed;
  beforeAll(async () => {
    b = await cardBed();
    for (const line of ['wwan config enable on', 'wwan apn internet', 'wwan config nailedup on']) await b.verb(line);
    await b.pass(2000);
  });
  afterAll(() => b.stop());

  const insert = async (model: string): Promise<void> => {
    b.cards.rack.insert(b.cards.shelf.card(model), 1, true);
    await b.pass(500);
    expect((await b.verb('wwan storage mount 1')).text).toContain('the disc of slot 1 is there');
  };
  const remove = async (): Promise<void> => {
    b.cards.rack.remove(1);
    await b.pass(2000);
  };
  const download = (path: string): Promise<Download> => settle(b.clock, Promise.resolve(b.router.panels.downloads(PAGE)['file']!.open({ slot: 1, path })));
  /** Everything, or the words in which it ended. */
  const taken = async (octets: AsyncGenerator<Uint8Array>, after: (bytes: number) => void = () => {}): Promise<{ bytes: number; sha256: string; failed: string }> => {
    const hash = createHash('sha256');
    let bytes = 0;
    let failed = '';
    try {
      for await (const part of octets) {
        hash.update(part);
        bytes += part.length;
        after(bytes);
      }
    } catch (error) {
      failed = (error as Error).message;
    }
    return { bytes, sha256: hash.digest('hex'), failed };
  };
  /** Counts what is opened of the card's disc and not closed. */
  const openMedia = (): (() => number) => {
    const disk = b.cards.rack.device(1)!.disk as { open(): Promise<CardMedium> };
    const { open } = disk;
    let n = 0;
    disk.open = async () => {
      const medium = await open();
      n++;
      return { read: medium.read, close: () => { n--; } };
    };
    return () => n;
  };
  const transfers = (): { name: string; state: string; words: string; done: number }[] => {
    let seen: unknown;
    void b.router.panels.open(PAGE, view => { seen ??= view; }, () => {}).dispose();
    return (seen as { data: { transfers: ReturnType<typeof transfers> } }).data.transfers;
  };

  it.each([['ac881', 'control request 0x0b'], ['gtmax36', 'bulk message 5553424312345678000000000000060'], ['e620', 'control request 0x03']])('%s: files are listed and fetched, and ejected it becomes a modem', async (model, message) => {
    const before = b.held();
    await insert(model);
    expect((await b.verb('wwan storage show 1')).text).toMatch(/Drivers\/[\s\S]*Setup\.exe +12582912/);
    expect((await b.verb('wwan storage show 1 drivers/windows vista')).text).toContain('modem.inf');
    expect((await b.verb('wwan storage show 1 nothing')).text).toContain('there is no nothing on the disc');
    const setup = await download('/Setup.exe');
    expect([setup.name, setup.bytes]).toEqual(['Setup.exe', 12_582_912]);
    const line = Buffer.from(`Setup.exe of a simulated ${b.cards.shelf.card(model).title}: this is no program.\r\n`);
    const all = Buffer.alloc(setup.bytes, line);
    expect(await settle(b.clock, taken(setup.octets(0, setup.bytes)))).toEqual({ bytes: setup.bytes, sha256: createHash('sha256').update(all).digest('hex'), failed: '' });
    expect(await settle(b.clock, taken(setup.octets(1_000_001, 1_300_000)))).toMatchObject({ bytes: 299_999, sha256: createHash('sha256').update(all.subarray(1_000_001, 1_300_000)).digest('hex') });
    expect(transfers()).toEqual([expect.objectContaining({ name: 'Setup.exe', state: 'finished', done: setup.bytes }), expect.objectContaining({ state: 'finished', done: 299_999 })]);
    expect((await b.verb('wwan storage eject 1')).text).toContain('told to become a modem');
    await b.until(() => b.status()?.phase === 'online');
    expect(b.timeline().join('\n')).toContain(`told to become a modem with ${message}`);
    expect((await b.verb('wwan storage show 1')).text).toContain('shows no disc now');
    await remove();
    await b.pass(15_000);
    expect(transfers()).toEqual([]);
    expect(b.held()).toEqual({ ...before, flows: b.held().flows });
  }, 60_000);

  it('shows when a modem is asked for it, and the modem comes back', async () => {
    b.cards.rack.insert(b.cards.shelf.card('ac881'), 1);
    await b.until(() => b.status()?.phase === 'online');
    expect((await b.verb('wwan storage mount 1')).text).toContain('being turned to its disc');
    await b.until(() => b.status()?.phase === 'storage');
    await b.pass(60_000);
    expect((await b.verb('wwan storage show 1')).text).toContain('autorun.inf');
    await b.verb('wwan storage eject 1');
    await b.until(() => b.status()?.phase === 'online');
    await remove();
  }, 60_000);

  it('ends in words when the card is pulled while it is read, with nothing left', async () => {
    const before = b.held();
    await insert('ac881');
    const open = openMedia();
    const setup = await download('Setup.exe');
    const got = await settle(b.clock, taken(setup.octets(0, setup.bytes), bytes => { if (bytes === 1_048_576) b.cards.rack.remove(1); }));
    expect(got).toMatchObject({ bytes: 1_048_576, failed: 'the card went away' });
    expect(transfers()).toEqual([expect.objectContaining({ name: 'Setup.exe', state: 'failed', words: 'the card went away', done: 1_048_576 })]);
    expect(open()).toBe(0);
    await expect(download('Setup.exe')).rejects.toThrow('there is no card in slot 1');
    await b.pass(20_000);
    expect(transfers()).toEqual([]);
    expect(b.held()).toEqual(before);
  }, 60_000);

  it('ends in words when the card is pulled in the middle of a look', async () => {
    await insert('ac881');
    const disk = b.cards.rack.device(1)!.disk as { open(): Promise<CardMedium> };
    // A device that is gone may not answer at all.
    disk.open = async () => ({ read: () => new Promise(() => {}), close: () => {} });
    const look = b.verb('wwan storage show 1');
    b.clock.after(1000, () => { b.cards.rack.remove(1); });
    expect((await look).text).toContain('the card went away while its disc was being read');
    await b.pass(2000);
    expect(b.router.plugins.residue()).toEqual([]);
  });

  it('is let go of by a receiver that leaves, by one that stalls, and by a plugin that is reloaded', async () => {
    await insert('ac881');
    const open = openMedia();
    const begin = async (): Promise<AsyncGenerator<Uint8Array>> => {
      const setup = await download('Setup.exe');
      const octets = setup.octets(0, setup.bytes);
      await settle(b.clock, octets.next());
      expect(open()).toBe(1);
      return octets;
    };
    const leaving = await begin();
    await settle(b.clock, leaving.return(undefined));
    expect([open(), transfers().at(-1)?.words]).toEqual([0, 'broken off by its receiver']);

    const stalling = await begin();
    await b.pass(61_000);
    expect([open(), transfers().at(-1)?.words]).toEqual([0, 'its receiver took nothing for a minute']);
    await expect(settle(b.clock, stalling.next())).rejects.toThrow('took nothing');

    const reloaded = await begin();
    await settle(b.clock, b.router.plugins.reload('cellular-cards.core'));
    await b.pass(1000);
    expect([open(), b.router.plugins.residue()]).toEqual([0, []]);
    await expect(settle(b.clock, reloaded.next())).rejects.toThrow('went away');
    await remove();
  }, 60_000);

  it('is fetched by four at a time', async () => {
    await insert('ac881');
    const open = openMedia();
    const setup = await download('Setup.exe');
    const running = [1, 2, 3, 4].map(() => setup.octets(0, setup.bytes));
    for (const octets of running) await settle(b.clock, octets.next());
    await expect(download('Setup.exe')).rejects.toThrow('4 files are on their way already');
    await expect(settle(b.clock, setup.octets(0, 1).next())).rejects.toThrow('4 files are on their way already');
    for (const octets of running) await settle(b.clock, octets.return(undefined));
    expect(open()).toBe(0);
    expect((await download('autorun.inf')).bytes).toBeGreaterThan(10);
    await remove();
  }, 60_000);
});
