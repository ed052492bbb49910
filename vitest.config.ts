import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const sdk = fileURLToPath(new URL('sdk', import.meta.url));

export default defineConfig({
  // What plugins from outside import by name is the sources here: one SDK in a test, and no build before it.
  resolve: {
    alias: [
      { find: /^lancell\/sdk$/, replacement: `${sdk}/index.ts` },
      { find: /^lancell\/sdk\/testing$/, replacement: `${sdk}/testing/index.ts` },
      { find: /^lancell\/sdk\/wire\/([\w-]+)$/, replacement: `${sdk}/wire/$1.ts` },
    ],
  },
  test: {
    include: ['test/{house,unit,sim}/**/*.test.ts', 'plugins/**/*.test.ts', 'examples/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    isolate: false,
    testTimeout: 20_000,
  },
});
