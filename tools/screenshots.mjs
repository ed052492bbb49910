// Pictures of the web console for the documentation: a router in the memory lab, Debian's browser, docs/screens/*.png.
// `node tools/ready.mjs --dev && node tools/screenshots.mjs [folder]`
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = resolve(process.env.LANCELL_DIST ?? join(root, 'dist'));
const folder = resolve(process.argv[2] ?? join(root, 'docs', 'screens'));
const PASSWORD = 'a picture for the book';
/** From the start of the lab to its card's call. */
const ONLINE_MS = 20_000;
const MOST_OCTETS = 120 * 1024;

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1180, height: 760 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1180, height: 760 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 780 } },
];

/** A command line with something to see. */
async function commands(page) {
  await page.locator('.xterm-screen').click();
  for (const line of ['link list', 'plugin list', 'lan status']) {
    await page.keyboard.type(line);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(800);
  }
}

async function packets(page) {
  await page.getByRole('textbox', { name: 'Filter' }).fill('tcp');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.locator('.packet-rows .packet-row').nth(12).waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.locator('.packet-rows .packet-row').nth(3).click();
}

/** A setting that is changed and not applied, for the bar. */
async function change(page) {
  const box = page.getByLabel('Pool size');
  await box.fill('100');
  await box.press('Tab');
  await page.locator('.change-bar').waitFor();
}

const discard = async page => {
  await page.locator('.change-bar').getByRole('button', { name: 'Discard' }).click();
  await page.locator('.change-bar').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Dismiss' }).click();
};

/** `settle`: how long live values need until there is something to see, in ms. `most`: rows of pixels, but for the phone. */
const shots = [
  { name: 'home', at: '', settle: 30_000 },
  { name: 'settings', at: 'network/lan', act: change, after: discard },
  { name: 'console', at: 'maintenance/console', act: commands },
  { name: 'capture', at: 'maintenance/capture', act: packets, most: 540 },
  { name: 'cellular', at: 'network/cellular', most: 760 },
  { name: 'sentry', at: 'network/cellular/sentry', most: 640 },
  { name: 'firewall', at: 'security/firewall' },
  { name: 'plugins', at: 'maintenance/plugins' },
];

const state = mkdtempSync(join(tmpdir(), 'lancell-screens-'));
const router = spawn(process.execPath, [join(dist, 'kernel/main.js'), 'start', '--lab', 'memory', '--seed', '1', '--state', state, '--listen', '127.0.0.1:0', '--no-terminal'], {
  env: { ...process.env, LANCELL_ADMIN_PASSWORD: PASSWORD }, stdio: ['ignore', 'pipe', 'inherit'],
});
/** A verb of the router; some page needs something to show. */
const verb = line => new Promise(done => { spawn(process.execPath, [join(dist, 'kernel/main.js'), 'exec', '--state', state, line], { stdio: 'ignore' }).once('exit', done); });
const browser = await chromium.launch({ executablePath: process.env.LANCELL_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const url = await new Promise((found, failed) => {
    let said = '';
    router.stdout.on('data', d => {
      said += d;
      const at = /live console: (http:\/\/[^#\s]+)/.exec(said);
      if (at) found(at[1]);
    });
    router.once('exit', () => failed(new Error(`the router has ended:\n${said}`)));
  });
  mkdirSync(folder, { recursive: true });
  for (const line of ['wwan config budgetCtrl data quota 50', 'wwan config budgetCtrl data enable on', 'wwan config budgetCtrl time enable on', 'wwan config budgetCtrl enable on', 'lab card signal -79']) await verb(line);
  await new Promise(over => setTimeout(over, ONLINE_MS));
  for (let i = 0; i < 4; i++) await verb(`lab exec lan1 curl -s -o page http://carrier/bytes/${900_000 + i}`);
  for (const look of looks) {
    const context = await browser.newContext({ colorScheme: look.colorScheme, viewport: look.viewport, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const take = async (name, most = look.viewport.height) => {
      const path = join(folder, `${name}-${look.name}.png`);
      await page.screenshot({ path, clip: { x: 0, y: 0, width: look.viewport.width, height: look.name === 'phone' ? look.viewport.height : most } });
      const { size } = statSync(path);
      console.log(`${path} ${Math.round(size / 1024)} KiB${size > MOST_OCTETS ? ', larger than wanted' : ''}`);
    };
    await page.goto(url);
    await page.locator('#password').waitFor();
    await take('login');
    await page.locator('#name').fill('admin');
    await page.locator('#password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('lc-frame').waitFor();
    for (const shot of shots) {
      await page.goto(`${url}#/${shot.at}`);
      await page.locator('main h1').waitFor();
      await page.waitForTimeout(shot.settle ?? 1200);
      await shot.act?.(page);
      await page.waitForTimeout(400);
      await take(shot.name, shot.most);
      await shot.after?.(page);
    }
    await context.close();
  }
} finally {
  await browser.close();
  router.kill('SIGTERM');
  await new Promise(gone => (router.exitCode === null ? router.once('exit', gone) : gone()));
  rmSync(state, { recursive: true, force: true });
}
