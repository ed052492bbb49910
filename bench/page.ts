import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launch } from './chromium.ts';
import { main, spokenAddress } from './contestants.ts';
import { quiet } from './machine.ts';
import { type Sample, sample } from './median.ts';
import type { Options } from './options.ts';
import { start } from './processes.ts';

const FEWEST_RUNS = 5;
const LONGEST_MS = 30_000;

/** Runs in the page from its first moment: reports the time since the navigation started when figures and network are on the screen. */
const whenDrawn = `(() => {
  const look = () => requestAnimationFrame(() => {
    if (!document.querySelector('.home-stats .stat') || !document.querySelector('svg.network .segment')) look();
    else requestAnimationFrame(() => window.homeDrawn(performance.now()));
  });
  look();
})()`;

/** ms from the start of the navigation until Home is drawn, each time with an empty cache and no session, from a router in the memory lab. */
export async function benchPage(o: Options, progress: (text: string) => void): Promise<Sample> {
  const state = mkdtempSync(join(tmpdir(), 'lancell-bench-'));
  const router = start([process.execPath, main, 'start', '--lab', 'memory', '--state', state, '--listen', '127.0.0.1:0', '--no-terminal']);
  let browser: Browser | undefined;
  try {
    const address = await spokenAddress(router);
    browser = await launch();
    const times: number[] = [];
    const runs = Math.max(FEWEST_RUNS, o.runs);
    for (let i = 1; i <= runs; i++) {
      await quiet(o.patienceMs);
      progress(`page: run ${i} of ${runs}`);
      times.push(await openHome(browser, address));
    }
    return sample(times)!;
  } finally {
    await browser?.close();
    await router.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

async function openHome(browser: Browser, address: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  try {
    const page = await context.newPage();
    const drawn = new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error('Home is never drawn')), LONGEST_MS).unref();
      void page.exposeFunction('homeDrawn', resolve).then(() => page.addInitScript(whenDrawn)).then(() => page.goto(address)).catch(reject);
    });
    return await drawn;
  } finally {
    await context.close();
  }
}
