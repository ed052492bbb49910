import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../interop/namespaces.ts';
import { openBrowser } from './open.ts';
import { browser, enter, type Inside, type Served, signIn, visit } from './router.ts';

const TRY_MS = 60_000;

describe.skipIf(!browser)('settings', () => {
  let window: Inside;
  let served: Served;
  let page: Page;
  beforeAll(async () => {
    window = await enter();
    ({ served, page } = window);
  });
  afterAll(async () => {
    await window?.close();
  });

  const bar = (on: Page = page): Locator => on.locator('.change-bar');
  const edit = async (label: string, value: string, on: Page = page): Promise<void> => {
    const box = on.locator('lc-form').getByLabel(label, { exact: true }).first();
    await box.fill(value);
    await box.press('Tab');
    await bar(on).waitFor();
  };
  const running = async (path: string): Promise<string> => (await served.router.exec(`config show ${path}`)).trim();

  it('collect in the candidate, are told in words, and are discarded', async () => {
    await visit(page, 'network/lan');
    await edit('Pool size', '100');
    await page.locator('.field.changed').first().waitFor();
    await bar().getByRole('button', { name: 'Show' }).click();
    expect(await page.locator('#change-words').textContent()).toMatch(/lan\.lan\.dhcp\.poolSize[\s\S]*128[\s\S]*100/);
    await bar().getByRole('button', { name: 'Discard' }).click();
    await bar().waitFor({ state: 'detached' });
    expect(await page.locator('lc-form').getByLabel('Pool size', { exact: true }).inputValue()).toBe('128');
  });

  it('say beside the field what does not fit, and are not applied so', async () => {
    const box = page.locator('lc-form').getByLabel('Pool size', { exact: true });
    await box.fill('999');
    await box.press('Tab');
    await page.locator('.field-error').first().waitFor();
    expect(await box.getAttribute('aria-invalid')).toBe('true');
    await box.fill('128');
    await box.press('Tab');
    await page.locator('.field-error').first().waitFor({ state: 'detached' });
  });

  it('are kept when somebody confirms them', async () => {
    await edit('Pool size', '90');
    await bar().getByRole('button', { name: /confirm within/i }).click();
    await page.getByRole('timer').waitFor();
    await bar().getByRole('button', { name: 'Keep these settings' }).click();
    await bar().waitFor({ state: 'detached' });
    expect(await running('lan.lan.dhcp.poolSize')).toContain('90');
  });

  it('roll back by themselves when the browser does not come back, and another browser sees it', async () => {
    const lost = await openBrowser();
    const pings = async (): Promise<boolean> => (await served.router.cli('lab', 'exec', 'lan1', '--', 'ping', '-c', '1', '192.168.1.1')).code === 0;
    try {
      expect(await pings()).toBe(true);
      await signIn(lost.page, served.http);
      await visit(lost.page, 'network/lan');
      await lost.page.locator('lc-form').first().waitFor();
      await edit('IP address', '192.168.1.254', lost.page);
      await bar(lost.page).getByLabel('Minutes to confirm').selectOption('1');
      await bar(lost.page).getByRole('button', { name: /confirm within/i }).click();
      await lost.page.getByRole('timer').waitFor();
    } finally {
      await lost.close();
    }
    const applied = Date.now();
    expect(await pings()).toBe(false);
    // The other browser counts down with the router; nobody touches it.
    await page.getByRole('timer').waitFor();
    expect(await page.locator('lc-form').getByLabel('IP address', { exact: true }).first().inputValue()).toBe('192.168.1.254');
    await bar().waitFor({ state: 'detached', timeout: TRY_MS + 10_000 });
    expect(Date.now() - applied).toBeGreaterThan(TRY_MS - 8_000);
    await until('lan1 reaches the router again', pings);
    expect(await page.locator('lc-form').getByLabel('IP address', { exact: true }).first().inputValue()).toBe('192.168.1.1');
    expect(await running('lan.lan.ip')).toContain('192.168.1.1');
  }, 100_000);

  it('go back to an entry of the history', async () => {
    await edit('Pool size', '80');
    await bar().getByRole('button', { name: 'Apply', exact: true }).click();
    await bar().waitFor({ state: 'detached' });
    await visit(page, 'maintenance/history');
    await page.locator('.history-open').first().click();
    await page.locator('.history-body .changes').waitFor();
    expect(await page.locator('.history-body .changes').textContent()).toContain('poolSize');
    await page.getByRole('button', { name: 'Roll back to this' }).first().click();
    expect(await page.locator('dialog').textContent()).toMatch(/poolSize[\s\S]*80[\s\S]*90/);
    await page.locator('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(/Rolled back/).first().waitFor();
    expect(await running('lan.lan.dhcp.poolSize')).toContain('90');
  });

  it('are saved in a file, and what a file would change is told before it does', async () => {
    await visit(page, 'maintenance/backup');
    const download = async (): Promise<string> => {
      const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
      const path = join(served.folder, saved.suggestedFilename());
      await saved.saveAs(path);
      return path;
    };
    const plain = await download();
    expect(readFileSync(plain, 'utf8')).toContain('"poolSize"');
    await page.getByLabel('Passphrase').fill('four words are enough');
    const sealed = await download();
    expect(readFileSync(sealed, 'latin1')).not.toContain('poolSize');

    const [before, history] = [await running('lan.lan.dhcp.poolSize'), await served.router.exec('config history')];
    const other = join(served.folder, 'other.backup');
    writeFileSync(other, readFileSync(plain, 'utf8').replace(/"poolSize":\s*90/, '"poolSize": 77'));
    await page.getByLabel('Backup file').setInputFiles(other);
    await page.getByRole('button', { name: 'See what it would change' }).click();
    await page.locator('.report').waitFor();
    expect(await page.locator('.report').textContent()).toMatch(/would make 1 change[\s\S]*poolSize[\s\S]*77/);
    expect([await running('lan.lan.dhcp.poolSize'), await served.router.exec('config history')]).toEqual([before, history]);

    await page.getByLabel('Backup file').setInputFiles(sealed);
    await page.getByLabel('Its passphrase').fill('four words are enough');
    await page.getByRole('button', { name: 'See what it would change' }).click();
    await page.getByText(/is what runs already/).waitFor();

    writeFileSync(other, '{"__proto__": [[[');
    await page.getByLabel('Backup file').setInputFiles(other);
    await page.getByRole('button', { name: 'See what it would change' }).click();
    await page.locator('[role=alert] .field-error').waitFor();
    expect(window.complaints.filter((c) => !/status of 4\d\d/.test(c))).toEqual([]);
  });
});
