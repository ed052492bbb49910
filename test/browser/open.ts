import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's browser, which asks nobody anything; another one by LANCELL_CHROMIUM. */
export const chromiumPath = process.env['LANCELL_CHROMIUM'] ?? '/usr/bin/chromium';

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Less than a test has, so that it is told what was waited for. */
const ACTION_MS = 12_000;

export interface Look { readonly scheme?: 'light' | 'dark'; readonly width?: number; readonly height?: number; /** For self-signed certificates. */ readonly insecure?: boolean }

export interface Window {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained about: errors on its console, exceptions, requests to anywhere but the router. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** A browser of its own, with a profile that goes when it is closed. */
export async function openBrowser({ scheme = 'light', width = 1280, height = 860, insecure = false }: Look = {}): Promise<Window> {
  const profile = mkdtempSync(join(tmpdir(), 'lancell-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath, headless: true, args: flags, colorScheme: scheme, viewport: { width, height }, reducedMotion: 'reduce', ignoreHTTPSErrors: insecure,
  });
  const page = context.pages()[0] ?? await context.newPage();
  page.setDefaultTimeout(ACTION_MS);
  const complaints: string[] = [];
  let origin: string | undefined;
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol === 'data:' || protocol === 'blob:' || protocol === 'about:') return;
    origin ??= host;
    if (host !== origin) complaints.push(`a request to ${host}`);
  });
  return {
    page, context, complaints,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
