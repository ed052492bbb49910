#!/usr/bin/env -S node --max-semi-space-size=8
// A young generation of 16 MiB in place of 32 (V8 keeps two halves resident); packets allocate nothing, so forwarding is as fast.
import { existsSync } from 'node:fs';

const main = new URL('../dist/kernel/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('lancell is not built yet: run `npm start` once, or `npm run build`, in its folder\n');
  process.exit(1);
}
await import(main.href);
