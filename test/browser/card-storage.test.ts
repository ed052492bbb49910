import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsHere } from './faults.ts';
import { openBrowser } from './open.ts';
import { browser, enter, type Inside, signIn, visit } from './router.ts';

/** Pictures of what was seen go here; nowhere by default. */
const shots = process.env['LANCELL_SHOTS'];
const PAGE = 'network/cellular/storage';
const SETUP = 12_582_912;
const hostile = ['<img src=x onerror="document.title=1">.txt', 'evil/"><script>document.title=2</script>.txt', 'photo\u202egpj.exe', "it's 50% #1 & more?.txt"];

describe.skipIf(!browser)("files of a card's disc in the browser", () => {
  let inside: Inside;
  let page: Page;
  let title = '';
  const exec = (line: string): Promise<string> => inside.served.router.exec(line);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const insert = async (model: string): Promise<void> => {
    await exec('lab card remove 1').catch(() => '');
    await exec(`lab card insert ${model} 1 storage`);
    await exec('wwan storage mount 1');
    await button('Files').waitFor();
  };
  const shot = async (name: string): Promise<void> => {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `storage-${name}.png`), fullPage: true });
  };

  beforeAll(async () => {
    inside = await enter();
    page = inside.page;
    await visit(page, PAGE);
    title = await page.title();
  });
  afterAll(() => inside?.close());

  it('are walked through, folder by folder, by mouse and by keyboard', async () => {
    await insert('ac881');
    await page.getByText('Shows its disc, 32.0 MiB').waitFor();
    await button('Files').click();
    await page.getByRole('heading', { name: 'Disc of SWI AirCard 881' }).waitFor();
    await page.getByText('ISO 9660, TRU-Install').waitFor();
    await button('Drivers/').click();
    await button('Windows Vista/').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'AirCard 881 modem.inf' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Place on the disc' }).textContent()).toBe('Disc/Drivers/Windows Vista');
    await shot('folder');
    await button('Disc').click();
    await page.getByRole('link', { name: 'Setup.exe' }).waitFor();
    expect([...await faultsHere(page), ...inside.complaints]).toEqual([]);
  });

  it('are fetched, with the progress on the page', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Setup.exe' }).click()]);
    await page.getByText(/\d+ %, .* of 12\.0 MiB/).waitFor();
    await shot('progress');
    expect(download.suggestedFilename()).toBe('Setup.exe');
    const octets = readFileSync(await download.path());
    const want = Buffer.alloc(SETUP, 'Setup.exe of a simulated Sierra Wireless AirCard 881: this is no program.\r\n');
    expect([octets.length, createHash('sha256').update(octets).digest('hex')]).toEqual([SETUP, createHash('sha256').update(want).digest('hex')]);
    await page.getByText('Fetched, 12.0 MiB').waitFor();
  }, 60_000);

  it('break off when the card is pulled, and the page says so', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Setup.exe' }).click()]);
    await page.getByText(/\d+ %, /).waitFor();
    await exec('lab card remove 1');
    expect(await download.failure()).not.toBeNull();
    await page.getByText('The card went away').waitFor();
    await page.getByText('No card is inserted').waitFor();
    expect(await page.locator('#disc-title').isVisible()).toBe(false);
    await shot('pulled');
  }, 60_000);

  it('have names that are text and nothing else', async () => {
    const file = join(inside.served.folder, 'hostile.json');
    writeFileSync(file, JSON.stringify({ model: 'Hostile', family: 'sierra-gsm', usb: '1199:6851', product: 'Hostile', ports: ['data'], technologies: ['UMTS'], storage: { usb: '1199:0fff', vendorText: 'SWI', label: '<b>disc</b>', control: 11, bytes: 0, files: hostile } }));
    await insert(file);
    await button('Files').click();
    await page.getByText('ISO 9660, <b>disc<_b>').waitFor();
    const names = await page.locator('.files a').allTextContents();
    expect(names).toEqual(expect.arrayContaining(['<img src=x onerror="document.title=1">.txt', 'photo_gpj.exe', "it's 50% #1 & more?.txt"]));
    for (const name of ["it's 50% #1 & more?.txt", '<img src=x onerror="document.title=1">.txt']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name, exact: true }).click()]);
      expect(readFileSync(await download.path())).toHaveLength(1000);
      expect(download.suggestedFilename()).not.toMatch(/[<>"?/\\]/);
    }
    await shot('hostile');
    expect([await page.title(), await page.locator('.files img, .files script').count(), inside.complaints]).toEqual([title, 0, []]);
  }, 60_000);

  it('are there by REST, for a token that only looks', async () => {
    const token = (await exec('sys token add looks viewer')).match(/lct_[\w-]+/)?.[0] ?? '';
    const get = (path: string, more: Record<string, string> = {}) => fetch(`${inside.served.http}/api/v1/panels/network%2Fcellular%2Fstorage/downloads/${path}`, { headers: { authorization: `Bearer ${token}`, ...more } });
    const whole = await get('file?slot=1&path=/autorun.inf');
    expect([whole.status, whole.headers.get('content-disposition'), (await whole.text()).slice(0, 9)]).toEqual([200, 'attachment; filename="autorun.inf"', '[autorun]']);
    expect((await fetch(`${inside.served.http}/api/v1/panels/network%2Fcellular%2Fstorage/downloads/file?slot=1&path=/autorun.inf`)).status).toBe(401);
    const part = await get('image?slot=1', { range: 'bytes=32769-32773' });
    expect([part.status, await part.text()]).toEqual([206, 'CD001']);
    expect((await get('file?slot=1&path=/none')).status).toBe(409);
    expect(await exec('wwan storage copy 1 autorun.inf')).toMatch(/SHA-256 +[0-9a-f]{64}/);
    expect((await get('file?slot=3&path=/x')).status).toBe(409);
  });

  it('fit a phone, and the dark', async () => {
    const window = await openBrowser({ width: 390, height: 800, scheme: 'dark' });
    try {
      await signIn(window.page, inside.served.http);
      await visit(window.page, PAGE);
      await window.page.getByRole('button', { name: 'Files', exact: true }).click();
      await window.page.locator('.files a').first().waitFor();
      if (shots) await window.page.screenshot({ path: join(shots, 'storage-phone.png'), fullPage: true });
      expect([...await faultsHere(window.page), ...window.complaints]).toEqual([]);
    } finally {
      await window.close();
    }
  }, 60_000);

  it('give way to the modem when the disc is ejected', async () => {
    await insert('ac881');
    await button('Make it a modem').click();
    await page.getByText('Shows its modem').waitFor({ timeout: 30_000 });
    await button('Show its disc').waitFor({ timeout: 30_000 });
    await button('Show its disc').click();
    await button('Files').waitFor({ timeout: 30_000 });
    expect(inside.complaints).toEqual([]);
  }, 90_000);
});
