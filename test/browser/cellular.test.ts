import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { type Look, openBrowser, type Window } from './open.ts';
import { browser, type Served, serve, signIn, visit } from './router.ts';

const tabs = ['network/cellular', 'network/cellular/settings', 'network/cellular/timeline', 'network/cellular/modem', 'network/cellular/storage', 'network/cellular/sentry', 'network/cellular/sms'];
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

  it('take the PIN on the home page as well, and say what it did', async () => {
    await card('remove');
    await visit(page, '');
    await card('insert ac881');
    await shown(status().locator('form.pin'), 'The SIM wants its PIN');
    // No words of the command line, where a button or a field is meant.
    expect(await status().textContent()).not.toContain('wwan');
    await status().getByLabel('PIN', { exact: true }).fill('1111');
    await page.keyboard.press('Enter');
    await shown(status().locator('form.pin'), 'The SIM refused it');
    await status().getByLabel('PIN', { exact: true }).fill('1234');
    await page.keyboard.press('Enter');
    await shown(status(), 'Online');
  }, 120_000);

  it('disconnect and connect by a button, with the keyboard alone', async () => {
    await visit(page, 'network/cellular');
    await shown(page.locator('lc-panel .view'), 'Online');
    await page.getByRole('button', { name: 'Disconnect', exact: true }).focus();
    await page.keyboard.press('Enter');
    await shown(page.locator('lc-panel .view'), 'Disconnected on the Cellular page, and stays so until somebody connects it');
    await page.getByRole('button', { name: 'Connect', exact: true }).focus();
    await page.keyboard.press('Space');
    await shown(page.locator('lc-panel .view'), 'Online');
  }, 60_000);

  it('say what is missing, and where it is entered', async () => {
    await served.router.exec('wwan apn none');
    await visit(page, '');
    await shown(status(), 'No APN is set');
    await status().getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('APN').fill('internet');
    await page.keyboard.press('Enter');
    await page.getByText('Saved', { exact: true }).waitFor();
    await visit(page, '');
    await shown(status(), 'Online');
  }, 60_000);

  it('draw the month of Cell-Sentry, with a budget that is set there, and set it to zero after a question', async () => {
    await visit(page, 'network/cellular/sentry');
    await page.getByText('Budget control is off').waitFor();
    await page.locator('lc-form').getByLabel('Enable budget control').check();
    await page.locator('lc-form').getByLabel('Data budget', { exact: true }).check();
    await page.locator('lc-form').getByLabel('MB per month').fill('2');
    await page.keyboard.press('Tab');
    await page.locator('.change-bar').getByRole('button', { name: 'Apply', exact: true }).click();
    const data = page.getByRole('meter', { name: 'Data used' });
    await data.waitFor();
    for (let i = 0; i < 4; i++) await served.router.exec('lab exec lan1 curl -s -o page http://carrier/bytes/100000');
    await page.locator('.limit', { hasText: /[1-9]\d* %/ }).first().waitFor({ timeout: ONLINE_MS });
    expect(Number(await data.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    expect(await page.locator('.bars .day').count()).toBeGreaterThanOrEqual(28);
    expect(await page.locator('.bars .today').count()).toBe(1);
    await page.getByRole('img', { name: /^Counted so far .* of 2 MB/ }).waitFor();
    await visit(page, '');
    await status().getByRole('meter', { name: 'Data: budget used' }).waitFor();
    await visit(page, 'network/cellular/sentry');
    // The lab's hosts would go on, and what they use is counted at once.
    await served.router.exec('wwan disconnect');
    await page.getByRole('button', { name: 'Set to zero …' }).click();
    await page.keyboard.press('Escape');
    expect(Number(await data.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Set to zero …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Set to zero', exact: true }).click();
    await page.getByText('The counters are at zero').waitFor();
    await expect.poll(async () => Number(await data.getAttribute('aria-valuenow')), { timeout: ONLINE_MS }).toBe(0);
    await served.router.exec('wwan config budgetCtrl enable off');
    await served.router.exec('wwan connect');
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
    try {
      await signIn(window.page, served.http);
      const wrong = await faultsOf(window.page, ['', ...tabs], async path => {
        await window.page.locator('.plugin-element > *').first().waitFor();
        if (!shots) return;
        mkdirSync(shots, { recursive: true });
        await window.page.screenshot({ path: join(shots, `${name.replaceAll(' ', '-')}-${path.replaceAll('/', '-') || 'home'}.png`), fullPage: true });
      });
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
    await expect.poll(age, { timeout: 10_000 }).toBeGreaterThan(before);
    expect(seen.complaints).toEqual([]);
  }, 120_000);
});
