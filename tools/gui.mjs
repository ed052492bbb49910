// Builds the web shell into dist/gui and says what a first visit weighs. Plain JavaScript, for ready.mjs runs it on a fresh clone.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist', 'gui');

/** Octets, packed, that a browser fetches before the first page stands: the entry, what it imports at once, and Home. */
export function firstLoad(folder = out) {
  const manifest = JSON.parse(readFileSync(join(folder, '.vite', 'manifest.json'), 'utf8'));
  const files = new Set(['index.html', 'theme.js', 'favicon.svg']);
  const add = (key) => {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const key of chunk.imports ?? []) add(key);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry || key.endsWith('pages/home/page.ts')) add(key);
  const sizes = [...files].filter((f) => existsSync(join(folder, f))).map((f) => [f, gzipSync(readFileSync(join(folder, f)), { level: 9 }).length]);
  return { files: sizes, total: sizes.reduce((sum, [, n]) => sum + n, 0) };
}

export const BUDGET = 200 * 1024;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ configFile: join(root, 'gui', 'vite.config.ts'), logLevel: 'warn' });
  const { total } = firstLoad();
  console.error(`lancell: the web shell weighs ${(total / 1024).toFixed(1)} KiB packed at the first visit (at most ${BUDGET / 1024} KiB)`);
  if (total > BUDGET) process.exit(1);
}
