import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { visit } from './router.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const serious = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id + ': ' + v.nodes[0].html.slice(0, 160)))`;

/** The page as it is: whether it is wider than the window, and what keeps somebody out who cannot see or point. */
export async function faultsHere(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy would refuse the script, and shall.
  await page.evaluate(axe);
  const { wide, room } = await page.evaluate('({ wide: document.documentElement.scrollWidth, room: innerWidth })') as { wide: number; room: number };
  return [...(wide > room ? [`${wide} px wide in ${room}`] : []), ...await page.evaluate(serious) as string[]];
}

/** The same of these pages, visited in turn; `seen`: what is done on each before. */
export async function faultsOf(page: Page, paths: readonly string[], seen: (path: string) => Promise<void> = async () => {}): Promise<string[]> {
  const wrong: string[] = [];
  for (const path of paths) {
    await visit(page, path);
    await seen(path);
    for (const fault of await faultsHere(page)) wrong.push(`${path}: ${fault}`);
  }
  return wrong;
}
