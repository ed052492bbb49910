import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type Window } from './open.ts';
import { browser, type Served, serve, signIn, visit } from './router.ts';

describe.skipIf(!browser)('plugins', () => {
  let served: Served;
  let window: Window;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    served = await serve();
    folder = join(served.folder, 'parade');
    cpSync('test/browser/parade', folder, { recursive: true });
    window = await openBrowser();
    page = window.page;
    await signIn(page, served.http);
    // Gone as soon as the document is loaded again.
    await page.evaluate('globalThis.sameDocument = true');
  });
  afterAll(async () => {
    await window?.close();
    await served?.close();
  });

  it('are loaded from a folder, and their pages appear', async () => {
    await visit(page, 'maintenance/plugins');
    expect(await page.locator('lc-menu').getByRole('link', { name: 'Element' }).count()).toBe(0);
    await page.getByLabel(/folder on the router/i).fill(folder);
    await page.getByRole('button', { name: 'Load once' }).click();
    await page.locator('lc-menu').getByRole('link', { name: 'Element' }).click();
    await page.getByText(/first edition, seen by <img/).waitFor();
  });

  it('are replaced in place when they are reloaded', async () => {
    const badge = join(folder, 'gui', 'badge.js');
    writeFileSync(badge, readFileSync(badge, 'utf8').replace("'first'", "'second'"));
    const plugin = join(folder, 'plugin.ts');
    writeFileSync(plugin, readFileSync(plugin, 'utf8').replace("title: 'Views'", "title: 'All views'"));
    await served.router.exec('plugin reload parade');
    await page.getByText(/second edition, seen by <img/).waitFor();
    expect(await page.getByText(/first edition/).count()).toBe(0);
    await page.locator('lc-menu').getByRole('link', { name: 'All views' }).waitFor();
    expect(await page.evaluate('[globalThis.sameDocument, location.hash]')).toEqual([true, '#/parade/element']);
  });

  it('show what they hold, and are reloaded and unloaded by a click; their pages vanish', async () => {
    await visit(page, 'maintenance/plugins/parade');
    await page.locator('.ledger').getByText('parade/element').waitFor();
    await page.getByRole('button', { name: 'Reload', exact: true }).click();
    await page.locator('lc-facts').getByText('3', { exact: true }).waitFor();
    await visit(page, 'parade/element');
    await page.getByText(/second edition/).waitFor();
    await page.evaluate('history.replaceState(null, "", "#/parade/element")');
    await served.router.exec('plugin unload parade');
    await page.getByText(/there is no such page|comes back here/i).first().waitFor();
    await page.locator('lc-menu').getByRole('link', { name: 'Element' }).waitFor({ state: 'detached' });
    expect(await page.getByText(/second edition/).count()).toBe(0);
    await served.router.exec(`plugin load ${folder}`);
    await page.getByText(/second edition/).waitFor();
    await visit(page, 'maintenance/plugins');
    await page.getByRole('button', { name: 'Unload parade' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Unload' }).click();
    await page.locator('lc-menu').getByRole('link', { name: 'Element' }).waitFor({ state: 'detached' });
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true);
    expect(window.complaints).toEqual([]);
  });
});
