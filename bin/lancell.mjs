#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/kernel/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('lancell is not built yet: run `npm start` once, or `npm run build`, in its folder\n');
  process.exit(1);
}
await import(main.href);
