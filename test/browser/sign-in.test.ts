import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type Window } from './open.ts';
import { browser, PASSWORD, type Served, serve, signIn, visit } from './router.ts';

describe.skipIf(!browser)('a router that is new', () => {
  let served: Served;
  let window: Window;
  beforeAll(async () => {
    served = await serve({ fresh: true });
    window = await openBrowser();
  });
  afterAll(async () => {
    await window?.close();
    await served?.close();
  });

  it('makes the first account with the code that it printed, and with no other', async () => {
    const { page } = window;
    const code = /set-up code:?\s+([A-Z0-9-]+)/i.exec(served.router.output)?.[1] ?? '';
    await page.goto(served.http);
    await page.getByRole('heading', { name: 'Set up this router' }).waitFor();
    const make = async (typed: string): Promise<void> => {
      await page.getByLabel('Set-up code').fill(typed);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: /make the account/i }).click();
    };
    await make('AAAA-AAAA-AAAA');
    await page.locator('[role=alert] .field-error').waitFor();
    await make(code);
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    // The refused code, and nothing else.
    expect(window.complaints.filter((c) => !/status of 40[13]/.test(c))).toEqual([]);
  });

  it('signs out, and in again', async () => {
    const { page } = window;
    await page.getByRole('button', { name: /^account/i }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, served.http);
    await page.reload();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
  });
});

describe.skipIf(!browser)('signing in', () => {
  let served: Served;
  beforeAll(async () => { served = await serve(); });
  afterAll(async () => { await served?.close(); });

  it('refuses a wrong password in words, lets the right one in, and takes the page that was asked for', async () => {
    const window = await openBrowser();
    const { page } = window;
    try {
      await page.goto(`${served.http}/#/maintenance/plugins`);
      await page.getByLabel('Name').fill('admin');
      await page.getByLabel('Password', { exact: true }).fill('wrong horse');
      await page.getByRole('button', { name: 'Sign in' }).click();
      expect(await page.locator('[role=alert] .field-error').textContent()).toMatch(/password|wrong/i);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Plugins', level: 1 }).waitFor();
      expect(window.complaints.filter((c) => !/status of 40[13]/.test(c))).toEqual([]);
    } finally {
      await window.close();
    }
  });

  it('is there over HTTPS with the certificate that the router made', async () => {
    const window = await openBrowser({ insecure: true });
    try {
      await signIn(window.page, served.https);
      await window.page.getByRole('heading', { name: 'Home' }).waitFor();
      const [cookie] = await window.context.cookies();
      expect(cookie).toMatchObject({ name: '__Host-lancell_session', httpOnly: true, secure: true, sameSite: 'Strict' });
      expect(window.complaints).toEqual([]);
    } finally {
      await window.close();
    }
  });

  it('shows a viewer everything and lets him change nothing', async () => {
    await served.router.exec(`sys accounts add guest viewer '${PASSWORD}'`);
    const window = await openBrowser();
    const { page } = window;
    try {
      await signIn(page, served.http, 'guest');
      await visit(page, 'network/lan');
      const fields = page.locator('lc-form input, lc-form select, lc-form textarea');
      await fields.first().waitFor();
      expect(await fields.count()).toBeGreaterThan(3);
      expect(await page.locator('lc-form :is(input, select, textarea):enabled').count()).toBe(0);
      await page.getByText('read only').first().waitFor();
      await visit(page, 'maintenance/plugins');
      expect(await page.getByRole('button', { name: /^(re|un)load/i }).count()).toBe(0);
      await visit(page, 'maintenance/backup');
      await page.getByText('for administrators').waitFor();
      expect(window.complaints).toEqual([]);
    } finally {
      await window.close();
    }
  });
});
