import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { type Look, openBrowser, type Window } from './open.ts';
import { browser, type Served, serve, signIn, visit } from './router.ts';

describe.skipIf(!browser)('the UPnP page', () => {
  let served: Served;
  let seen: Window;
  let page: Page;
  const lan1 = (line: string): Promise<string> => served.router.exec(`lab exec lan1 ${line}`);
  const rows = () => page.locator('lc-table tbody tr[data-row]');

  beforeAll(async () => {
    served = await serve();
    seen = await openBrowser();
    page = seen.page;
    await signIn(page, served.http);
  });
  afterAll(async () => {
    await seen?.close();
    await served?.close();
  });

  it('is switched on by its form', async () => {
    await visit(page, 'advanced/upnp');
    await page.locator('lc-form').getByLabel('Enable UPnP').focus();
    await page.keyboard.press('Space');
    await page.locator('.change-bar').getByRole('button', { name: 'Apply', exact: true }).click();
    await page.locator('lc-facts', { hasText: 'WAN' }).getByText('yes', { exact: true }).first().waitFor();
    await page.getByText('Nothing here.').waitFor();
  });

  it('shows what a host has asked for, without a reload, and ends it by a button and by keyboard', async () => {
    await served.router.exec('lab exec lan1 ping -c 1 192.168.1.1');
    expect(await lan1('natpmpc -a 6090 5090 udp 600')).toContain('Mapped public port 6090');
    await rows().filter({ hasText: '6090' }).waitFor();
    expect(await lan1('natpmpc -a 6091 5091 tcp 600')).toContain('Mapped public port 6091');
    await rows().filter({ hasText: '6091' }).waitFor();
    await rows().filter({ hasText: '6090' }).getByRole('button', { name: /Revoke/ }).click();
    await rows().filter({ hasText: '6090' }).waitFor({ state: 'detached' });
    expect(await served.router.exec('ip upnp list')).not.toContain('6090');
    await rows().filter({ hasText: '6091' }).getByRole('button', { name: /Revoke/ }).focus();
    await page.keyboard.press('Enter');
    await rows().filter({ hasText: '6091' }).waitFor({ state: 'detached' });
    await page.getByText('Nothing here.').waitFor();
    expect(seen.complaints).toEqual([]);
  });

  const looks: [string, Look][] = [['light', {}], ['in the dark', { scheme: 'dark' }], ['on a phone', { width: 390, height: 800 }]];
  it.each(looks)('and those of NAT and the firewall are for everybody, and no wider than the window, %s', async (_name, look) => {
    expect(await lan1('natpmpc -a 6092 5092 udp 600')).toContain('6092');
    const window = await openBrowser(look);
    try {
      await signIn(window.page, served.http);
      const pages = ['advanced/upnp', ...['overview', 'address-mapping', 'port-forwarding', 'port-triggering'].map(tab => `advanced/nat/${tab}`), 'security/firewall/threshold'];
      expect([...await faultsOf(window.page, pages), ...window.complaints]).toEqual([]);
    } finally {
      await window.close();
    }
  }, 60_000);
});
