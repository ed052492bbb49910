import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browser, enter, type Inside, type Served, visit } from './router.ts';

const tshark = '/usr/bin/tshark';
/** 'eth:ethertype:ip:icmp:data', a line for each packet of the file. */
const protocolsIn = (file: string): string[] => execFileSync(tshark, ['-r', file, '-T', 'fields', '-e', 'frame.protocols'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n');

describe.skipIf(!browser)('packets in the browser', () => {
  let window: Inside;
  let served: Served;
  let page: Page;
  beforeAll(async () => {
    window = await enter();
    ({ served, page } = window);
    await visit(page, 'maintenance/capture');
  });
  afterAll(async () => {
    await window?.close();
  });
  const rows = () => page.locator('.packet-rows .packet-row');
  const inLab = (...argv: string[]) => served.router.cli('lab', 'exec', 'lan1', '--', ...argv);
  const protocols = async (): Promise<string[]> => [...new Set(await page.locator('.packet-rows .proto').allTextContents())];

  it('are those that fit the filter, and no others', async () => {
    await page.getByRole('textbox', { name: 'Filter' }).fill('icmp');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
    await Promise.all([inLab('curl', '-s', 'http://inet1/'), inLab('ping', '-c', '2', 'inet1')]);
    await rows().nth(7).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    expect(await protocols()).toEqual(['ICMP']);
  });

  it('are decoded layer by layer, and followed through NAT', async () => {
    await rows().first().click();
    expect(await page.locator('.packet-details summary strong').allTextContents()).toEqual(expect.arrayContaining([expect.stringMatching(/ethernet/i), expect.stringMatching(/internet protocol|ipv4|^ip/i)]));
    await page.getByRole('button', { name: 'Follow this flow' }).click();
    await page.getByRole('button', { name: 'One flow' }).click();
  });

  it.skipIf(!existsSync(tshark))('are saved as a file that tshark opens', async () => {
    const count = await rows().count();
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save', exact: true }).click()]);
    const path = join(served.folder, 'saved.pcapng');
    await saved.saveAs(path);
    const seen = protocolsIn(path);
    expect(seen.length).toBeGreaterThanOrEqual(count);
    expect(seen.filter((p) => !p.includes(':ip:icmp'))).toEqual([]);

    await page.getByLabel('At most, packets').fill('4');
    const recording = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Record as pcapng' }).click();
    await inLab('ping', '-c', '3', 'inet1');
    const recorded = join(served.folder, 'recorded.pcapng');
    await (await recording).saveAs(recorded);
    const whole = protocolsIn(recorded);
    expect([whole.length, whole.filter((p) => !p.includes(':ip:icmp'))]).toEqual([4, []]);
  });

  it('are explained: what each stage decided', async () => {
    await page.getByRole('button', { name: 'Explain this packet' }).click();
    await page.locator('lc-explain [role=status]').waitFor();
    await inLab('ping', '-c', '3', 'inet1');
    await page.locator('.trace').first().waitFor();
    const steps = await page.locator('.trace').first().locator('.where').allTextContents();
    expect(steps.length).toBeGreaterThan(1);
    expect(await page.locator('.trace').first().textContent()).toMatch(/flow|nat|snat/i);
  });

  it('are refused a filter that means nothing, in words', async () => {
    await page.getByRole('textbox', { name: 'Filter' }).fill('purple');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    expect(await page.locator('#capture-syntax[role=alert]').textContent()).toMatch(/purple/);
    expect(window.complaints).toEqual([]);
  });
});
