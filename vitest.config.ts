import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['extension/**/*.test.ts', 'webview/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
