import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{house,unit,sim}/**/*.test.ts', 'plugins/**/*.test.ts', 'examples/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 20_000,
  },
});
