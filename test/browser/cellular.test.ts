import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Look, openBrowser, type Window } from './open.ts';
import { browser, type Served, serve, signIn, visit } from './router.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const faults = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id + ': ' + v.nodes[0].html.slice(0, 160)))`;
const tabs = ['network/cellular', 'network/cellular/settings', 'network/cellular/timeline', 'network/cellular/modem', 'network/cellular/storage'];
/** Pictures of what was seen go here; nowhere by default. */
const shots = process.env['LANCELL_SHOTS'];
/** From insertion to the call: cards need their time after power-on. */
const ONLINE_MS = 45_000;

describe.skipIf(!browser)('the pages of the cellular card', () => {
  let served: Served;
  let seen: Window;
  let page: Page;
  const card = (line: string): Promise<string> => served.router.exec(`lab card ${line}`);
  const status = (): Locator => page.locator('lc-home-tile section', { hasText: '3G Card Status' });
  const shown = (where: Locator, text: string | RegExp): Promise<void> => where.filter({ hasText: text }).first().waitFor({ timeout: ONLINE_MS });
  const bars = async (): Promise<string> => await status().locator('.bars').getAttribute('aria-label') ?? '';

  beforeAll(async () => {
    served = await serve();
    for (const line of ['wwan config enable on', 'wwan apn internet', 'wwan config nailedup on']) await served.router.exec(line);
    // The lab may begin with a card.
    await card('remove').catch(() => '');
    seen = await openBrowser();
    page = seen.page;
    await signIn(page, served.http);
  });
  afterAll(async () => {
    await seen?.close();
    await served?.close();
  });

  it('say what to do when there is no card, and which ones there are', async () => {
    await shown(status(), 'No card is inserted');
    await visit(page, 'network/cellular');
    await page.getByText('Sierra Wireless AirCard 881', { exact: true }).waitFor();
    expect(await page.locator('.supported li').count()).toBeGreaterThanOrEqual(22);
    await page.getByRole('link', { name: 'Settings', exact: true }).last().click();
    await page.getByLabel('APN').waitFor();
    expect(await page.getByLabel('APN').inputValue()).toBe('internet');
  });

  it('show a card online with its bars, follow its signal, and lose it when it is pulled, without a reload', async () => {
    await visit(page, '');
    await page.evaluate('window.sameDocument = true');
    await card('insert ac881');
    await shown(status(), 'Online');
    await shown(status(), /−\d+ dBm/);
    await shown(status(), 'IMEI');
    await shown(status(), 'Connected for');
    expect(await bars()).toMatch(/^Signal [1-5] of 5$/);
    await page.locator('.network .uplink', { hasText: 'Cellular' }).waitFor();
    await card('signal -107');
    await shown(status(), '−107 dBm');
    const weak = Number(/\d/.exec(await bars())?.[0]);
    await card('signal -61');
    await shown(status(), '−61 dBm');
    expect(Number(/\d/.exec(await bars())?.[0])).toBeGreaterThan(weak);
    await card('remove');
    await shown(status(), 'No card is inserted');
    await page.locator('.network .uplink', { hasText: 'Cellular' }).waitFor({ state: 'detached' });
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  }, 120_000);

  it('take the PIN by keyboard, and tell when it was wrong', async () => {
    await card('insert ac881');
    await card('pin 1234');
    await card('remove');
    await visit(page, 'network/cellular');
    await card('insert ac881');
    await shown(page.locator('form.pin'), 'The SIM wants its PIN');
    await page.locator('#pin').focus();
    await page.keyboard.type('9999');
    await page.keyboard.press('Enter');
    await shown(page.locator('form.pin'), 'The SIM refused it');
    await shown(page.locator('form.pin'), '2 attempts left');
    await page.locator('#pin').fill('1234');
    await page.keyboard.press('Enter');
    await shown(page.locator('lc-panel .view'), 'Online');
    expect(await page.locator('form.pin').isVisible()).toBe(false);
  }, 120_000);

  it('store settings, with the network types that the card has given', async () => {
    await visit(page, 'network/cellular/settings');
    expect(await page.getByLabel('Network type').locator('option').count()).toBeGreaterThan(2);
    await page.getByText(/SIM: unlocked, 3 attempts left/).waitFor();
    await page.getByLabel('PIN code').fill('12');
    await page.keyboard.press('Enter');
    await page.getByText('Must be 4 to 8 digits').waitFor();
    await page.getByLabel('PIN code').fill('1234');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await served.router.exec('wwan config pin')).toContain('set');
    expect(await page.content()).not.toContain('1234');
  });

  it('send AT commands, refuse those that dial, and show the answer as text', async () => {
    await visit(page, 'network/cellular/modem');
    await page.getByText('A wrong one can lock the SIM').waitFor();
    await page.getByLabel('AT command', { exact: true }).fill('AT+CSQ');
    await page.keyboard.press('Enter');
    await shown(page.getByLabel('Answers'), '+CSQ:');
    await page.getByLabel('AT command', { exact: true }).fill('ATD*99#');
    await page.keyboard.press('Enter');
    await page.getByText('This command would make a call').waitFor();
  });

  const looks: [string, Look][] = [['light', {}], ['dark', { scheme: 'dark' }], ['on a phone', { width: 390, height: 800 }]];
  it.each(looks)('are for everybody, and no wider than the window, %s', async (name, look) => {
    const window = await openBrowser(look);
    const wrong: string[] = [];
    try {
      await signIn(window.page, served.http);
      await window.page.evaluate(axe);
      for (const path of ['', ...tabs]) {
        await visit(window.page, path);
        await window.page.locator('.plugin-element > *').first().waitFor();
        const { wide, room } = await window.page.evaluate('({ wide: document.documentElement.scrollWidth, room: innerWidth })') as { wide: number; room: number };
        if (wide > room) wrong.push(`${path}: ${wide} px wide in ${room}`);
        for (const fault of await window.page.evaluate(faults) as string[]) wrong.push(`${path}: ${fault}`);
        if (shots) {
          mkdirSync(shots, { recursive: true });
          await window.page.screenshot({ path: join(shots, `${name.replaceAll(' ', '-')}-${path.replaceAll('/', '-') || 'home'}.png`), fullPage: true });
        }
      }
      expect([...wrong, ...window.complaints]).toEqual([]);
    } finally {
      await window.close();
    }
  }, 90_000);

  it('show an old signal as old: a card with one port cannot be asked while it is online', async () => {
    await card('remove');
    await visit(page, '');
    await card('insert ac850');
    // The SIM still wants its PIN; the stored one is sent by itself.
    await shown(status(), 'Online');
    await shown(status(), /\d+ s old/);
    expect(await bars()).toMatch(/an old value$/);
    expect(await status().locator('.bars.stale').count()).toBe(1);
    const age = async (): Promise<number> => Number(/(\d+) s old/.exec(await status().textContent() ?? '')?.[1]);
    const before = await age();
    await page.waitForTimeout(2500);
    expect(await age()).toBeGreaterThan(before);
    expect(seen.complaints).toEqual([]);
  }, 120_000);
});
