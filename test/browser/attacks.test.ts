import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { browser, enter, type Inside, visit } from './router.ts';

const PAGE = 'security/firewall/threshold';

describe.skipIf(!browser)('attacks on the firewall page', () => {
  let window: Inside;
  beforeAll(async () => {
    window = await enter();
    await visit(window.page, PAGE);
  });
  afterAll(async () => { await window?.close(); });
  const kind = (name: string) => window.page.locator('.plugin-element details', { hasText: name });

  it('are listed by kind with the worst senders, as soon as they happen; a kind is opened by keyboard', async () => {
    const { page, served } = window;
    await page.getByText('No attack was seen.').waitFor();
    await served.router.exec(`plugin load ${resolve('test/browser/attackers')}`);
    const scan = kind('port scan');
    await scan.getByText('129 ×').waitFor();
    expect(await scan.locator('.worst').textContent()).toMatch(/^most by 203\.0\.113\.7 \(90 ×\), .* and 37 others$/);
    expect(await page.locator('.plugin-element details').count()).toBe(3);
    await scan.locator('summary').focus();
    await page.keyboard.press('Enter');
    await scan.locator('tbody tr').nth(39).waitFor();
    expect(await scan.locator('tbody tr').first().textContent()).toContain('203.0.113.7');
    // What comes in while it is open is in it, and the focus stays.
    await served.router.exec('attackers again 203.0.113.77');
    await scan.getByText('130 ×').waitFor();
    await scan.locator('tbody tr', { hasText: '203.0.113.77' }).waitFor();
    expect(await page.evaluate('document.querySelector(".plugin-element > *").shadowRoot.activeElement?.localName')).toBe('summary');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await faultsOf(page, [PAGE])).toEqual([]);
    await page.getByRole('button', { name: 'Forget them' }).click();
    await page.getByText('No attack was seen.').waitFor();
    expect(window.complaints).toEqual([]);
  });
});
