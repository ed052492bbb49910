import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { RouterProcess } from '../interop/router-process.ts';
import { chromiumPath, type Look, openBrowser, type Window } from './open.ts';

export const PASSWORD = 'correct horse';

/** Without a browser the tests are skipped, and say so. */
export const browser = existsSync(chromiumPath);
if (!browser) console.warn(`skipped: there is no ${chromiumPath} (LANCELL_CHROMIUM names another browser)`);

export interface Served {
  readonly router: RouterProcess;
  /** 'http://127.0.0.1:36325'. */
  readonly http: string;
  readonly https: string;
  /** An empty folder that goes with the router. */
  readonly folder: string;
  close(): Promise<void>;
}

/** A router in the memory lab with the account 'admin', or a new one that nobody has set up. */
export async function serve({ fresh = false } = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'lancell-web-'));
  const router = await RouterProcess.start(['start', '--lab', 'memory'], { state: join(folder, 'state'), before: ['env', '-u', 'LANCELL_ADMIN_PASSWORD', ...(fresh ? [] : [`LANCELL_ADMIN_PASSWORD=${PASSWORD}`])] });
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(router.output)?.[1];
    if (found === undefined) throw new Error(`${String(pattern)} is not in what the router said:\n${router.output}`);
    return found;
  };
  return {
    router, folder, http: find(/live console: (http:\/\/[^/#\s]+)/), https: find(/web console: (https:\/\/[^/\s]+)/),
    close: async () => {
      await router.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function signIn(page: Page, at: string, name = 'admin', password = PASSWORD): Promise<void> {
  await page.goto(at);
  await page.locator('#password').waitFor();
  await page.locator('#name').fill(name);
  await page.locator('#password').fill(password);
  await page.keyboard.press('Enter');
  // The pages of plugins come a little later than the shell's; on a phone the menu is folded.
  await page.locator('lc-menu a[href="#/network/lan"]').waitFor({ state: 'attached' });
}

export interface Inside extends Window { readonly served: Served }

/** A router of its own and a browser in which its administrator has signed in; `close` ends both. */
export async function enter(look: Look = {}): Promise<Inside> {
  const served = await serve();
  try {
    const window = await openBrowser(look);
    await signIn(window.page, served.http);
    return { ...window, served, close: async () => { await window.close(); await served.close(); } };
  } catch (error) {
    await served.close();
    throw error;
  }
}

/** Goes to a page of the console by its address, without loading the document again. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${path}`)}`);
  await page.locator('main h1').waitFor();
  // Nothing is on its way any more: chunks, the first push of the view.
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** The pages that the menu leads to, and the tabs on them. */
export async function allPages(page: Page): Promise<string[]> {
  const hrefs = async (where: string): Promise<string[]> => await page.evaluate(`[...document.querySelectorAll(${JSON.stringify(where)})].map((a) => a.getAttribute('href'))`) as string[];
  const found = new Set(await hrefs('lc-menu a'));
  for (const href of [...found]) {
    await visit(page, href.slice(2));
    for (const tab of await hrefs('.page-tabs a')) found.add(tab);
  }
  return [...found].map((href) => href.slice(2));
}
