import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browser, enter, type Inside } from './router.ts';

/** Pictures of what was seen go here; nowhere by default. */
const shots = process.env['LANCELL_SHOTS'];
const ONLINE_MS = 45_000;

describe.skipIf(!browser)('the status window and CDMA cards', () => {
  let inside: Inside;
  const card = (line: string): Promise<string> => inside.served.router.exec(`lab card ${line}`);
  const status = (): Locator => inside.page.locator('lc-home-tile section', { hasText: '3G Card Status' });
  const shown = (text: string | RegExp): Promise<void> => status().filter({ hasText: text }).first().waitFor({ timeout: ONLINE_MS });
  const shot = async (name: string): Promise<void> => { if (shots !== undefined) await status().first().screenshot({ path: join(shots, `${name}.png`) }); };

  beforeAll(async () => {
    inside = await enter();
    await inside.served.router.exec('wwan config nailedup on');
    await card('remove').catch(() => '');
  });
  afterAll(async () => { await inside?.close(); });

  it('has the technology with its revision and the level of both radios, during the call', async () => {
    await card('insert ex720');
    await shown('Online');
    await shown('EVDO-A');
    await card('signal -61');
    await shown('EV-DO −61 dBm');
    await shown(/1x (−\d+ dBm|\d of 5 bars \(−[\d.]+ dB\)), (now|\d+ s ago)/);
    await shot('cdma-live');
    await card('remove');
    expect(inside.complaints).toEqual([]);
  }, 90_000);

  it('says how old the last value of a card with one port is, of the technology as well', async () => {
    await card('insert ec500');
    await shown('Online');
    await shown(/EV-DO −\d+ dBm\d+ s old/);
    await shown(/EVDO-0, \d+ s old/);
    await shot('cdma-old');
    await card('remove');
    expect(inside.complaints).toEqual([]);
  }, 90_000);
});
