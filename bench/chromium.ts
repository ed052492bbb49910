import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Debian's browser; another one by LANCELL_CHROMIUM. */
const path = process.env['LANCELL_CHROMIUM'] ?? '/usr/bin/chromium';
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Why there is no browser to measure with; undefined: there is one. */
export async function noChromium(): Promise<string | undefined> {
  if (!existsSync(path)) return `needs ${path}, which is not installed (LANCELL_CHROMIUM names another browser)`;
  return await import('playwright-core').then(() => undefined, () => 'needs playwright-core, which is not installed (npm ci --include=dev)');
}

/** A headless browser with an empty profile. The caller closes it, also when a signal ends the program. */
export async function launch(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return await chromium.launch({ executablePath: path, args: flags, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
}
