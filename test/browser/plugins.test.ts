import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browser, enter, type Inside, type Served, visit } from './router.ts';

describe.skipIf(!browser)('plugins', () => {
  let window: Inside;
  let served: Served;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    window = await enter();
    ({ served, page } = window);
    folder = join(served.folder, 'parade');
    cpSync('test/browser/parade', folder, { recursive: true });
    // Gone as soon as the document is loaded again.
    await page.evaluate('globalThis.sameDocument = true');
  });
  afterAll(async () => {
    await window?.close();
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

  it('build elements from what the console offers, without a build of their own', async () => {
    await visit(page, 'parade/vote');
    await page.getByRole('button', { name: 'Vote', exact: true }).click();
    await page.getByText('Counted', { exact: true }).waitFor();
    await page.getByLabel('Votes').getByText('1', { exact: true }).waitFor();
    // The console's controls, in the element's own shadow root.
    expect(await page.evaluate('getComputedStyle(document.querySelector(".plugin-element > *").shadowRoot.querySelector("button")).fontWeight')).toBe('550');
    await visit(page, 'parade/element');
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

  /** A file that is let go above the field for it. */
  const drop = async (name: string, octets: Buffer): Promise<void> => {
    await visit(page, 'maintenance/plugins');
    const data = await page.evaluateHandle(`(() => { const data = new DataTransfer(); data.items.add(new File([Uint8Array.from(atob(${JSON.stringify(octets.toString('base64'))}), (c) => c.charCodeAt(0))], ${JSON.stringify(name)})); return data; })()`);
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: data });
  };
  const small = (id: string, title: string): string => `import { definePlugin } from 'lancell/sdk';
export default definePlugin({ id: '${id}', setup(ctx) { ctx.panel({ path: 'parade/${id}', title: '${title}', view: () => ({ kind: 'log', lines: ['${id} is here'] }) }); } });\n`;

  it('are installed from one file that is dropped, and from an archive', async () => {
    await drop('single.ts', Buffer.from(small('single', 'Single')));
    await page.getByText('Installed single.ts').waitFor();
    await page.locator('lc-menu').getByRole('link', { name: 'Single' }).click();
    await page.getByText('single is here').waitFor();
    const source = join(served.folder, 'packed');
    mkdirSync(source);
    writeFileSync(join(source, 'plugin.ts'), small('packed', 'Packed'));
    execFileSync('tar', ['-czf', join(served.folder, 'packed.tgz'), '-C', served.folder, 'packed']);
    await drop('packed.tgz', readFileSync(join(served.folder, 'packed.tgz')));
    await page.locator('lc-menu').getByRole('link', { name: 'Packed' }).click();
    await page.getByText('packed is here').waitFor();
    expect(window.complaints).toEqual([]);
    await drop('photo.ts', Buffer.from('this is { no plugin'));
    await page.locator('.toast.bad').waitFor();
    expect((await served.router.table('plugin list')).rows.map((r) => r[0])).not.toContain('photo');
    (window.complaints as string[]).length = 0;
  });

  it('whose elements throw are shown as faulty, and the page lives', async () => {
    await served.router.exec(`plugin load ${folder}`);
    await visit(page, 'parade/broken');
    await page.getByText(/plugin parade cannot be shown: it cannot be made/).waitFor();
    await page.getByText(/plugin parade cannot be shown: it has had enough/).waitFor();
    await page.getByText('lives', { exact: true }).waitFor();
    await visit(page, 'parade/element');
    await page.getByText(/second edition/).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('have tables whose rows are dragged to another place, and moved with the keys', async () => {
    await visit(page, 'parade/order');
    const rules = (): Promise<string[]> => page.locator('tbody tr[data-row] td:nth-child(2)').allTextContents();
    const settled = async (wanted: readonly string[]): Promise<void> => {
      for (let i = 0; i < 60 && (await rules()).map((r) => r.trim()).join() !== wanted.join(); i++) await page.waitForTimeout(50);
      expect((await rules()).map((r) => r.trim())).toEqual(wanted);
    };
    await page.locator('.grip').first().waitFor();
    const [grip, target] = [(await page.locator('.grip').first().boundingBox())!, (await page.locator('tbody tr[data-row]').nth(2).boundingBox())!];
    await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await page.mouse.down();
    await page.mouse.move(grip.x + grip.width / 2, target.y + target.height - 4, { steps: 5 });
    await page.locator('tr.dragged').waitFor();
    await page.mouse.up();
    await settled(['second', 'third', 'first', 'fourth']);
    await page.locator('.grip').nth(3).focus();
    await page.keyboard.press('ArrowUp');
    await settled(['second', 'third', 'fourth', 'first']);
    expect(window.complaints).toEqual([]);
  });
});
