import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsHere } from './faults.ts';
import { type Look, openBrowser, type Window } from './open.ts';
import { browser, type Served, serve, signIn, visit } from './router.ts';

/** Pictures of what was seen go here; nowhere by default. */
const shots = process.env['LANCELL_SHOTS'];
const PATH = 'network/cellular/sms';
const SOON_MS = 30_000;
const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> \u202edrawkcab & "quotes"';
const LONG = 'A text that is too long for one message, with {brackets} and a euro (€), goes as several and is whole again here. '.repeat(3).trim();

describe.skipIf(!browser)('the page of short messages', () => {
  let served: Served;
  let seen: Window;
  let page: Page;
  const lab = (line: string): Promise<string> => served.router.exec(`lab card ${line}`);
  const row = (text: string): Locator => page.locator('.messages > li', { hasText: text });
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const count = async (): Promise<string> => await page.locator('#count').textContent() ?? '';

  beforeAll(async () => {
    served = await serve();
    for (const line of ['wwan config enable on', 'wwan apn internet']) await served.router.exec(line);
    await lab('remove').catch(() => '');
    seen = await openBrowser();
    page = seen.page;
    await signIn(page, served.http);
  });
  afterAll(async () => {
    await seen?.close();
    await served?.close();
  });

  it('says what to expect when there is neither card nor message', async () => {
    await visit(page, PATH);
    await page.getByText('No messages yet').waitFor();
    await page.getByText('There is no card that could send').waitFor();
    expect(await button('Send').isDisabled()).toBe(true);
  });

  it('shows what comes without a reload: unread, whole, and as text whatever it is', async () => {
    await lab('insert ac881');
    await expect.poll(() => button('Send').isDisabled(), { timeout: SOON_MS }).toBe(false);
    await expect.poll(() => served.router.exec('wwan sms status'), { timeout: SOON_MS }).toContain('are read');
    await lab(`sms ${LONG}`);
    await row('too long for one message').waitFor({ timeout: SOON_MS });
    await lab('sms привет 😀 мир');
    await lab(`sms ${HOSTILE}`);
    await row('drawkcab').waitFor({ timeout: SOON_MS });
    await page.getByText('3 new').waitFor();
    expect(await page.locator('.messages img, .messages script').count()).toBe(0);
    await row('drawkcab').locator('.open').click();
    expect(await row('drawkcab').locator('.text').textContent()).toBe(HOSTILE);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    await page.getByText('2 new').waitFor();
    await row('too long').locator('.open').press('Enter');
    expect(await row('too long').locator('.text').textContent()).toBe(LONG);
    expect(await served.router.exec('wwan sms list')).toMatch(/read +from .*drawkcab/);
  }, 90_000);

  it('counts what is left, by alphabet and parts', async () => {
    const text = page.getByLabel('Text', { exact: true });
    expect(await count()).toBe('160 characters left');
    await text.fill('a'.repeat(150));
    expect(await count()).toBe('10 characters left');
    await text.fill(`${'a'.repeat(150)}€€€€€€`);
    expect(await count()).toBe('2 messages, 143 left in the last. The carrier counts each.');
    await text.fill('Grüße 😀');
    expect(await count()).toBe('62 characters left in Unicode, for “😀”: 70 to a message');
    await text.fill('ж'.repeat(800));
    expect(await count()).toContain('at most 10 are sent at once');
    expect(await button('Send').isDisabled()).toBe(true);
  });

  it('answers, sends, and says why it could not', async () => {
    await row('drawkcab').getByRole('button', { name: 'Reply' }).click();
    expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe('+15550009000');
    await page.getByLabel('Text', { exact: true }).fill('On my way');
    await button('Send').click();
    await page.getByText('Sent', { exact: true }).waitFor({ timeout: SOON_MS });
    await row('On my way').waitFor();
    expect(await lab('sms')).toContain('On my way');
    await page.getByLabel('To', { exact: true }).fill('Bob');
    await page.getByLabel('Text', { exact: true }).fill('hello');
    await button('Send').click();
    await page.getByText("'Bob' is not a number").waitFor();
    expect(await page.getByLabel('Text', { exact: true }).inputValue()).toBe('hello');
    await lab('network barred');
    await page.getByLabel('To', { exact: true }).fill('+15550001111');
    await button('Send').click();
    await page.getByText('the carrier bars sending messages').waitFor({ timeout: SOON_MS });
    await lab('network home');
  }, 90_000);

  const looks: [string, Look][] = [['light', {}], ['dark', { scheme: 'dark' }], ['on a phone', { width: 390, height: 800 }]];
  it.each(looks)('is for everybody, and no wider than the window, %s', async (name, look) => {
    const window = await openBrowser(look);
    try {
      await signIn(window.page, served.http);
      await visit(window.page, PATH);
      await window.page.locator('.messages > li').first().waitFor();
      await window.page.locator('.messages > li', { hasText: 'drawkcab' }).locator('.open').click();
      await window.page.getByLabel('Text', { exact: true }).fill('Grüße 😀 aus dem Labor');
      if (shots) {
        mkdirSync(shots, { recursive: true });
        await window.page.screenshot({ path: join(shots, `sms-${name.replaceAll(' ', '-')}.png`), fullPage: true });
      }
      expect([...await faultsHere(window.page), ...window.complaints]).toEqual([]);
    } finally {
      await window.close();
    }
  }, 60_000);

  it('says when the card is full, and makes room in it', async () => {
    for (const line of ['config set cellular-cards.sms.remove no', 'config commit']) await served.router.exec(line);
    await visit(page, PATH);
    for (let i = 1; i <= 21; i++) await lab(`sms number ${i}`);
    await page.getByText(/The memory of the card is full \(20 messages\)/).waitFor({ timeout: SOON_MS });
    if (shots) await page.screenshot({ path: join(shots, 'sms-full.png') });
    await button('Delete from the card what the router has').click();
    await page.getByText('The memory of the card is full').waitFor({ state: 'detached', timeout: SOON_MS });
    await row('number 21').waitFor({ timeout: SOON_MS });
  }, 90_000);

  it('deletes one after it was asked again, by keyboard, and all of them', async () => {
    await visit(page, PATH);
    await row('On my way').locator('.open').focus();
    await page.keyboard.press('Enter');
    await row('On my way').getByRole('button', { name: 'Delete', exact: true }).click();
    // The safe answer has the focus.
    await page.keyboard.press('Enter');
    await row('On my way').getByRole('button', { name: 'Delete', exact: true }).waitFor();
    await row('On my way').getByRole('button', { name: 'Delete', exact: true }).click();
    await row('On my way').getByRole('button', { name: 'Delete for good' }).click();
    await row('On my way').waitFor({ state: 'detached' });
    await button('Mark all read').click();
    await button('Mark all read').waitFor({ state: 'hidden' });
    await button('Delete all').click();
    await button('Delete all for good').click();
    await page.getByText('No messages yet').waitFor();
    expect(seen.complaints).toEqual([]);
  }, 60_000);
});
