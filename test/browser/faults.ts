import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { visit } from './router.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const serious = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id + ': ' + v.nodes[0].html.slice(0, 160)))`;

/** What keeps somebody out who cannot see or point, of the page as it is now. */
export async function faultsHere(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy would refuse the script, and shall.
  await page.evaluate(axe);
  return await page.evaluate(serious) as string[];
}

/** Visits the pages in turn: what is wider than the window, and what keeps somebody out who cannot see or point. */
export async function faultsOf(page: Page, paths: readonly string[], seen: (path: string) => Promise<void> = async () => {}): Promise<string[]> {
  const wrong: string[] = [];
  for (const path of paths) {
    await visit(page, path);
    await seen(path);
    const { wide, room } = await page.evaluate('({ wide: document.documentElement.scrollWidth, room: innerWidth })') as { wide: number; room: number };
    if (wide > room) wrong.push(`${path}: ${wide} px wide in ${room}`);
    for (const fault of await faultsHere(page)) wrong.push(`${path}: ${fault}`);
  }
  return wrong;
}
