import { defineConfig } from 'vitest/config';

/** Real kernels in network namespaces: one file at a time, for they measure and share the machine's cores. Needs root. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['test/interop/build.setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    // Programs of others on a busy machine: a test that passes only at its second try is shown as `retry x1`.
    retry: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
