import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../interop/namespaces.ts';
import { RouterProcess } from '../interop/router-process.ts';
import { faultsHere } from './faults.ts';
import { openBrowser } from './open.ts';
import { browser, enter, type Inside, PASSWORD, type Served, signIn, visit } from './router.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';
const MATRIX = 'security/firewall/default-rule';
const SUMMARY = 'security/firewall/rule-summary';

describe.skipIf(!browser)('the firewall page', () => {
  let window: Inside;
  let served: Served;
  let page: Page;
  beforeAll(async () => {
    window = await enter();
    ({ served, page } = window);
    await served.router.exec('firewall rule insert WAN LAN permit to 192.168.1.33 service HTTP name web');
    await served.router.exec('firewall rule insert WAN LAN permit to 192.168.1.33 service SMTP name mail');
    await served.router.exec('firewall rule insert WAN LAN drop from 198.51.100.0/24 name neighbours');
    await served.router.exec('firewall rule insert WAN LAN permit service SSH name shell');
  });
  afterAll(async () => { await window?.close(); });

  const sheet = (): Locator => page.getByRole('dialog');
  const lines = (): Locator => page.locator('.rows .line:not(.blank)');
  const names = async (): Promise<string[]> => await page.locator('.rows .open').allInnerTexts();
  const stored = async (from: string, to: string): Promise<string[]> => (await served.router.table(`firewall rule list ${from} ${to}`)).rows.map((r) => String(r[2]));
  const choose = async (from: string, to: string): Promise<void> => {
    await page.getByLabel('From', { exact: true }).first().selectOption(from);
    await page.getByLabel('To', { exact: true }).first().selectOption(to);
  };
  const rule = async (number: number, what: string | RegExp): Promise<void> => {
    await page.getByRole('button', { name: new RegExp(`^What to do with rule ${number}\\b`) }).click();
    await page.getByRole('menuitem', { name: what }).click();
  };
  const save = (name: string): Promise<void> => sheet().getByRole('button', { name, exact: true }).click();
  const inLab = (...argv: string[]) => served.router.cli('lab', 'exec', 'lan1', '--', ...argv);

  it('has its tabs in the order of the original', async () => {
    await visit(page, MATRIX);
    expect(await page.locator('.page-tabs a').allTextContents()).toEqual(['Default Rule', 'Rule Summary', 'Anti-Probing', 'Threshold', 'Service']);
    await visit(page, 'advanced/nat');
    expect(await page.locator('.page-tabs a').allTextContents()).toEqual(['Overview', 'Address Mapping', 'Port Forwarding', 'Port Triggering']);
  });

  it('changes a default in the matrix, by who has signed in', async () => {
    await visit(page, MATRIX);
    await page.getByLabel('Default action DMZ → WAN').selectOption('reject');
    await page.getByRole('button', { name: 'Log what falls to the default DMZ → WAN' }).click();
    await page.getByRole('button', { name: 'Log what falls to the default DMZ → WAN', pressed: true }).waitFor();
    expect(await served.router.exec('config show firewall.directions')).toMatch(/reject/);
    expect(await served.router.exec('config history')).toContain('web admin');
    await page.getByLabel('Default action DMZ → WAN').selectOption('profile');
    await until('it is as before', async () => !/reject/.test(await served.router.exec('firewall default DMZ WAN')));
  });

  it.each(['4 rules WAN → LAN', 'Edit the rules WAN → LAN'])('leads from the matrix to the rules of the direction: %s', async (name) => {
    await visit(page, MATRIX);
    await page.getByRole('link', { name, exact: true }).click();
    await lines().nth(3).waitFor();
    expect(await names()).toEqual(['web', 'mail', 'neighbours', 'shell']);
    expect([await page.getByLabel('From', { exact: true }).first().inputValue(), await page.getByLabel('To', { exact: true }).first().inputValue()]).toEqual(['WAN', 'LAN']);
  });

  it('inserts a rule that works at once: the flow it forbids ends', async () => {
    await visit(page, SUMMARY);
    await choose('LAN', 'WAN');
    const pings = inLab('ping', '-c', '25', '-i', '0.2', 'inet1');
    await until('it pings', async () => /icmp/i.test(await served.router.exec('flow list')));
    await page.getByRole('button', { name: 'Insert rule' }).click();
    await sheet().getByLabel('Name', { exact: true }).fill(HOSTILE);
    await sheet().getByRole('radio', { name: 'drop' }).check();
    await sheet().getByLabel('Add a service to service').selectOption('PING');
    await save('Insert');
    await page.getByText(/is in force/).waitFor();
    const { out } = await pings;
    const received = Number(/(\d+) (?:packets )?received/.exec(out)?.[1]);
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThan(25);
    expect(await names()).toEqual([HOSTILE]);
    expect(await page.locator('img').count()).toBe(0);
    await until('its hits are shown', async () => Number(await page.locator('.rows .hits span').first().textContent()) > 0);
  });

  it('switches a rule off and on, deletes it, and brings it back', async () => {
    const ping = async (): Promise<boolean> => (await inLab('ping', '-c', '1', 'inet1')).code === 0;
    await page.getByRole('switch', { name: /^rule 1\b.* is active/ }).uncheck({ force: true });
    await page.getByText(/is off now/).waitFor();
    expect(await ping()).toBe(true);
    await page.getByRole('switch', { name: /^rule 1\b.* is active/ }).check({ force: true });
    await page.getByText(/is active now/).waitFor();
    expect(await ping()).toBe(false);
    await rule(1, 'Delete');
    await page.getByText('LAN → WAN has no rules').waitFor();
    expect(await ping()).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await lines().first().waitFor();
    expect(await stored('LAN', 'WAN')).toEqual([HOSTILE]);
    await rule(1, 'Delete');
    await page.getByText('LAN → WAN has no rules').waitFor();
  });

  it('says beside the field what does not fit', async () => {
    await choose('WAN', 'LAN');
    await lines().nth(3).waitFor();
    await rule(2, 'Insert before');
    expect(await sheet().getByLabel('Number', { exact: true }).inputValue()).toBe('2');
    await sheet().getByLabel('Name', { exact: true }).fill('web');
    await sheet().getByLabel('Source', { exact: true }).fill('10.0.0.1\n192.168.1.9-192.168.1.3');
    await sheet().getByLabel('Service', { exact: true }).fill('tcp/99999');
    await sheet().locator('#f-source-error').getByText(/line 2: the range .* is inverted/).waitFor();
    await save('Insert');
    await sheet().locator('#f-services-error').getByText(/65535/).waitFor();
    expect(await sheet().getByLabel('Source', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await sheet().getByLabel('Source', { exact: true }).fill('10.0.0.1');
    await sheet().getByLabel('Service', { exact: true }).fill('NOSUCH');
    await save('Insert');
    await sheet().locator('#f-services-error').getByText(/no service 'NOSUCH'/).waitFor();
    await sheet().locator('#f-name-error').getByText(/already/).waitFor();
    expect(await page.evaluate('document.activeElement.shadowRoot ? "deep" : [...document.querySelectorAll(".plugin-element > *")].map((e) => e.shadowRoot.activeElement?.id).join("")')).toMatch(/deep|f-name/);
    await sheet().getByLabel('Service', { exact: true }).fill('');
    await sheet().getByLabel('Name', { exact: true }).fill('in between');
    await save('Insert');
    await sheet().waitFor({ state: 'hidden' });
    expect(await stored('WAN', 'LAN')).toEqual(['web', 'in between', 'mail', 'neighbours', 'shell']);
  });

  it('duplicates and edits', async () => {
    await rule(2, 'Duplicate');
    await sheet().getByLabel('Name', { exact: true }).fill('a copy');
    await save('Insert');
    await until('it is there', async () => (await stored('WAN', 'LAN')).join(' ') === 'web in between a copy mail neighbours shell');
    await page.getByRole('button', { name: 'a copy, edit rule 3' }).click();
    await sheet().getByText('Only at certain times').click();
    await sheet().getByLabel('Sunday').uncheck();
    await sheet().getByLabel('Begins').fill('08:30');
    await sheet().getByLabel('Ends').fill('8:30');
    await save('Save');
    await sheet().locator('#f-schedule-to-error').getByText(/time/).waitFor();
    await sheet().getByLabel('Ends').fill('17:00');
    await save('Save');
    await page.locator('.rows .schedule').getByText('Mon–Sat 08:30–17:00').waitFor();
    await page.getByRole('button', { name: 'a copy, edit rule 3' }).click();
    await sheet().getByText('Only at certain times').click();
    await save('Save');
    await sheet().waitFor({ state: 'hidden' });
    expect(String((await served.router.table('firewall rule list WAN LAN')).rows[2]![6] ?? '')).toBe('');
    await rule(3, 'Delete');
    await until('it is gone', async () => (await stored('WAN', 'LAN')).length === 5);
  });

  it('moves by number: the order afterwards and rules that could never match are shown first', async () => {
    await page.getByText('5 rules', { exact: true }).waitFor();
    await rule(2, /^Move/);
    await sheet().getByLabel('New number').fill('9');
    await sheet().getByText('must be a number from 1 to 5').waitFor();
    expect(await sheet().getByRole('button', { name: 'Move' }).isDisabled()).toBe(true);
    await sheet().getByLabel('New number').fill('5');
    await sheet().locator('.order .moved .at').getByText('5').waitFor();
    expect((await sheet().locator('.order .called').allTextContents()).slice(-2)).toEqual(['shell', 'in between']);
    await sheet().getByText('Every rule can match as before.').waitFor();
    expect(await stored('WAN', 'LAN')).toEqual(['web', 'in between', 'mail', 'neighbours', 'shell']);
    await sheet().getByRole('button', { name: 'Move' }).click();
    await page.getByText(/is number 5 now/).waitFor();
    expect(await stored('WAN', 'LAN')).toEqual(['web', 'mail', 'neighbours', 'shell', 'in between']);
    await served.router.exec('firewall rule insert WAN LAN 1 permit name everybody');
    await page.getByText('6 rules', { exact: true }).waitFor();
    await rule(1, /^Move/);
    await sheet().getByLabel('New number').fill('2');
    await sheet().getByText("rule 1 'web' of WAN → LAN can match again").waitFor();
    await page.keyboard.press('Escape');
    await served.router.exec('firewall rule move WAN LAN 1 6');
    await rule(6, /^Move/);
    await sheet().getByLabel('New number').fill('3');
    await sheet().locator('.notes .warn').getByText("rule 4 'neighbours' of WAN → LAN can never match: rule 3 'everybody' of WAN → LAN takes everything before it").waitFor();
    await page.keyboard.press('Escape');
    await served.router.exec('firewall rule move WAN LAN 6 1');
    await rule(2, /^Move/);
    await sheet().getByLabel('New number').fill('6');
    await sheet().locator('.order .moved .at').getByText('6').waitFor();
    await page.keyboard.press('Escape');
    expect(await stored('WAN', 'LAN')).toEqual(['everybody', 'web', 'mail', 'neighbours', 'shell', 'in between']);
    await rule(1, 'Delete');
    await page.getByText('5 rules', { exact: true }).waitFor();
  });

  it('moves by dragging, and by the arrow keys, with the same preview', async () => {
    const grip = (n: number): Locator => page.getByRole('button', { name: new RegExp(`^Move rule ${n}\\b`) });
    const [from, to] = [await grip(5).boundingBox(), await lines().nth(1).boundingBox()];
    await page.mouse.move(from!.x + 8, from!.y + 8);
    await page.mouse.down();
    await page.mouse.move(from!.x + 8, from!.y - 30, { steps: 3 });
    await page.mouse.move(from!.x + 8, to!.y + 4, { steps: 5 });
    await page.locator('.rows .gap').waitFor();
    await page.mouse.up();
    expect(await sheet().getByLabel('New number').inputValue()).toBe('2');
    expect(await stored('WAN', 'LAN')).toEqual(['web', 'mail', 'neighbours', 'shell', 'in between']);
    await sheet().getByRole('button', { name: 'Move' }).click();
    await page.getByText(/is number 2 now/).waitFor();
    expect(await stored('WAN', 'LAN')).toEqual(['web', 'in between', 'mail', 'neighbours', 'shell']);
    await grip(2).focus();
    await page.keyboard.press('ArrowDown');
    await sheet().locator('.order .moved').waitFor();
    expect(await sheet().getByLabel('New number').inputValue()).toBe('3');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await sheet().locator('.order .moved').getByText('1', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/is number 1 now/).waitFor();
    expect(await stored('WAN', 'LAN')).toEqual(['in between', 'web', 'mail', 'neighbours', 'shell']);
  });

  it('tells what would happen, and makes the rule that is missing', async () => {
    await page.getByText('What would happen?').click();
    const box = page.locator('.test-form');
    await box.getByLabel('From zone').selectOption('WAN');
    await box.getByLabel('Source').fill('somewhere');
    await box.getByLabel('Destination').fill('192.168.1.77');
    await box.getByLabel('Port').fill('8080');
    await box.getByRole('button', { name: 'Test' }).click();
    await page.locator('#t-source-error').getByText('must be an IPv4 address').waitFor();
    await box.getByLabel('Source').fill('203.0.113.10');
    await served.router.exec('firewall rule delete WAN LAN 1');
    await box.getByRole('button', { name: 'Test' }).click();
    await page.locator('.said').getByText('default of WAN → LAN: drop').waitFor();
    await page.getByRole('button', { name: 'Make a rule that permits it' }).click();
    expect(await sheet().getByLabel('Service', { exact: true }).inputValue()).toBe('tcp/8080');
    await save('Insert');
    await page.getByText(/is in force/).waitFor();
    await box.getByRole('button', { name: 'Test' }).click();
    await page.locator('.said').getByText(/rule 5 of WAN → LAN: permit/).waitFor();
  });

  it('filters', async () => {
    await page.getByLabel('Filter the rules').fill('smtp');
    await page.getByText('1 with “smtp”').waitFor();
    expect(await names()).toEqual(['mail']);
    await page.getByLabel('Filter the rules').fill(HOSTILE);
    await page.getByText(`No rule has “${HOSTILE}”.`).waitFor();
    await page.getByLabel('Filter the rules').fill('');
    await lines().nth(4).waitFor();
  });

  it('warns of what makes rules worthless', async () => {
    await served.router.exec('config set firewall.triangleRoute on');
    await served.router.exec('config commit');
    for (const path of [SUMMARY, MATRIX]) {
      await visit(page, path);
      await page.locator('.note.warn').getByText(/not checked at all/).waitFor();
    }
    await served.router.exec('config set firewall.triangleRoute profile');
    await served.router.exec('config commit');
    await page.locator('.note.warn').getByText(/not checked at all/).waitFor({ state: 'hidden' });
  });

  it('shows a viewer the rules, and lets him change none', async () => {
    await served.router.exec(`sys accounts add guest viewer '${PASSWORD}'`);
    const other = await openBrowser();
    try {
      await signIn(other.page, served.http, 'guest');
      await visit(other.page, SUMMARY);
      await other.page.locator('.rows .line').nth(4).waitFor();
      expect(await other.page.getByRole('button', { name: 'Insert rule' }).isVisible()).toBe(false);
      expect(await other.page.locator('.rows .switch input:not(:disabled), .rows .grip').count()).toBe(0);
      await other.page.locator('.rows .open').first().click();
      expect(await other.page.getByRole('dialog').getByRole('button', { name: 'Save' }).isVisible()).toBe(false);
      await other.page.keyboard.press('Escape');
      await visit(other.page, MATRIX);
      expect(await other.page.locator('td select:not(:disabled)').count()).toBe(0);
      expect(other.complaints).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it.each([['light', {}], ['dark, on a phone', { scheme: 'dark', width: 390, height: 844 }]] as const)('has no faults that keep somebody out, with its sheets open, %s', async (_name, look) => {
    const other = await openBrowser(look);
    try {
      await signIn(other.page, served.http);
      const found: string[] = [];
      const judge = async (where: string): Promise<void> => {
        found.push(...(await faultsHere(other.page)).map((f) => `${where}: ${f}`));
      };
      await visit(other.page, MATRIX);
      await judge('matrix');
      await visit(other.page, SUMMARY);
      await other.page.locator('.rows .line').nth(3).waitFor();
      await judge('summary');
      const menu = other.page.getByRole('button', { name: /^What to do with rule 1\b/ });
      await menu.click();
      await judge('menu');
      await other.page.keyboard.press('ArrowDown');
      await other.page.keyboard.press('ArrowUp');
      await other.page.keyboard.press('Enter');
      await other.page.locator('#f-source').fill('nowhere.');
      await other.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await other.page.locator('#f-source-error svg').waitFor();
      await judge('form');
      await other.page.keyboard.press('Escape');
      await menu.click();
      await other.page.getByRole('menuitem', { name: /^Move/ }).click();
      await other.page.locator('.order .moved').waitFor();
      await judge('move');
      expect(found).toEqual([]);
      expect(other.complaints).toEqual([]);
    } finally {
      await other.close();
    }
  }, 60_000);

  it('has complained of nothing', () => {
    expect(window.complaints).toEqual([]);
  });
});

describe.skipIf(!browser)('10,000 rules', () => {
  let window: Inside;
  let router: RouterProcess;
  afterAll(async () => {
    await router?.kill('SIGTERM');
    await window?.close();
  });

  it('are a few rows in the page and a few requests', async () => {
    window = await enter();
    const { page, served } = window;
    await served.router.exec('firewall rule insert WAN LAN permit name first');
    await served.router.kill('SIGTERM');
    const file = join(served.router.state, 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as { sections: { firewall: { settings: { rules: unknown } } } };
    config.sections.firewall.settings.rules = Array.from({ length: 10_000 }, (_, i) => ({
      id: i + 1, name: `rule-${i + 1}`, from: 'WAN', to: 'LAN', source: [`10.${i >> 8}.${i & 255}.0/24`], services: [`tcp/${1000 + i}`], action: i % 3 === 0 ? 'drop' : 'permit',
    }));
    writeFileSync(file, JSON.stringify(config));
    router = await RouterProcess.start(['start', '--lab', 'memory'], { state: served.router.state });
    const at = /live console: (http:\/\/[^/#\s]+)/.exec(router.output)![1]!;
    /** Inputs of requests for rules that the page sent. */
    const asked: { offset?: number; limit?: number }[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
      const said = JSON.parse(String(payload)) as { action?: string; input: object };
      if (said.action === 'rules') asked.push(said.input);
    }));
    await signIn(page, at);
    await visit(page, SUMMARY);
    await page.getByText('10,000 rules', { exact: true }).waitFor();
    await page.locator('.rows .open').nth(10).waitFor();
    asked.length = 0;
    const drawn = async (): Promise<number> => await page.evaluate('document.querySelector(".plugin-element > *").shadowRoot.querySelectorAll(".rows .line").length') as number;
    const scrollTo = (part: number) => page.evaluate(`{ const box = document.querySelector(".plugin-element > *").shadowRoot.querySelector(".scroll"); box.scrollTop = (box.scrollHeight - box.clientHeight) * ${part}; }`);
    // Through all of it, as somebody drags the scroll bar: 200 steps, a frame each.
    const most = await page.evaluate(`(async () => {
      const root = document.querySelector(".plugin-element > *").shadowRoot;
      const box = root.querySelector(".scroll");
      let most = 0;
      for (let i = 0; i <= 200; i++) {
        box.scrollTop = (box.scrollHeight - box.clientHeight) * i / 200;
        await new Promise((done) => requestAnimationFrame(done));
        most = Math.max(most, root.querySelectorAll(".rows .line").length);
      }
      return most;
    })()`) as number;
    expect(most).toBeLessThan(60);
    await page.getByRole('button', { name: 'rule-10000, edit rule 10000' }).waitFor();
    await scrollTo(0.5);
    await page.getByRole('button', { name: 'rule-5000, edit rule 5000' }).waitFor();
    expect(await drawn()).toBeLessThan(60);
    // Of 200 pages those where it rested, and what is in sight again for its hits.
    expect(asked.length).toBeLessThan(40);
    expect(Math.max(...asked.map((a) => a.limit ?? 0))).toBeLessThanOrEqual(50);
    expect(await page.locator('.rows .line').first().evaluate((e) => (e as unknown as { getAttribute(n: string): string }).getAttribute('aria-rowindex'))).toMatch(/^4[89]\d\d|50\d\d$/);

    const sheet = page.getByRole('dialog');
    await page.getByRole('button', { name: /^What to do with rule 5000\b/ }).click();
    await page.getByRole('menuitem', { name: /^Move/ }).click();
    await sheet.getByLabel('New number').fill('2');
    await sheet.locator('.order .moved').getByText('rule-5000').waitFor();
    await sheet.getByRole('button', { name: 'Move' }).click();
    await page.getByText(/is number 2 now/).waitFor();
    await scrollTo(0);
    await page.getByRole('button', { name: 'rule-5000, edit rule 2' }).waitFor();
    await page.getByLabel('Filter the rules').fill('rule-77');
    await page.getByText('111 with “rule-77”').waitFor();
  }, 90_000);
});
