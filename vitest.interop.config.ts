import { defineConfig } from 'vitest/config';

/** Real kernels in network namespaces: one file at a time, for they measure and share the machine's cores. Needs root. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['test/interop/build.setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
