import { defineConfig } from 'vitest/config';

/** The web console in Debian's chromium, on routers in the memory lab: one file at a time, for they share the machine's cores. Needs no privileges. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/build.setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 40_000,
  },
});
