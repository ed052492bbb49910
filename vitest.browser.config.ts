import { defineConfig } from 'vitest/config';

/** The web console in Debian's chromium, on routers in the memory lab: one file at a time, for they share the machine's cores. Needs no privileges. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/build.setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    // Programs of others on a busy machine: a test that passes only at its second try is shown as `retry x1`.
    retry: 1,
    testTimeout: 30_000,
    hookTimeout: 40_000,
  },
});
