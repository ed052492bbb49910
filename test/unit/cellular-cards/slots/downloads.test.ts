import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { Downloads } from '../../../../plugins/cellular-cards/core/slots/downloads.ts';
import { card } from './bench.ts';

const BYTES = 1_000_000;

describe("what is fetched of a card's disc", () => {
  it('is still known and counted after many short ones have come and gone beside it', async () => {
    const disk = { path: 'disc', bytes: BYTES, open: async () => ({ read: async (_offset: number, length: number) => new Uint8Array(length), close: () => {} }) };
    const { signal: gone } = new AbortController();
    const downloads = new Downloads(new VirtualClock(), () => ({ device: card({}), disk, gone }));
    const running = () => downloads.list().filter(t => t.state === 'running').length;
    const long = [1, 2, 3].map(() => downloads.image(1).octets(0, BYTES));
    for (const octets of long) await octets.next();
    for (let i = 0; i < 20; i++) for await (const part of downloads.image(1).octets(0, 10)) expect(part).toHaveLength(10);
    expect([running(), downloads.list().length]).toEqual([3, 9]);
    const fourth = downloads.image(1).octets(0, BYTES);
    await fourth.next();
    expect(() => downloads.image(1)).toThrow('4 files are on their way already');
    for (const octets of [...long, fourth]) await octets.return(undefined);
    expect(running()).toBe(0);
  });

  it('ends quietly when the card goes and its disc cannot even be closed', async () => {
    const card1 = new AbortController();
    const disk = { path: 'disc', bytes: BYTES, open: async () => ({ read: async (_offset: number, length: number) => new Uint8Array(length), close: async () => { throw new Error('EIO'); } }) };
    const downloads = new Downloads(new VirtualClock(), () => ({ device: card({}), disk, gone: card1.signal }));
    const octets = downloads.image(1).octets(0, BYTES);
    await octets.next();
    card1.abort();
    await expect(octets.next()).rejects.toThrow('the card went away');
    expect(downloads.list()).toMatchObject([{ state: 'failed', words: 'the card went away' }]);
  });
});
