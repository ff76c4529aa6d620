import { defineConfig } from 'vitest/config';

/** Unit tests, in Node: `npx vitest run src/x` needs no browser. Those in a page: `vitest.browser.config.ts`. */
export default defineConfig({
  test: {
    name: 'unit',
    environment: 'node',
    include: [
      'src/**/*.test.{ts,tsx}',
      'workers/**/*.test.ts',
      'tools/**/*.test.ts',
      'test/unit/**/*.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make each other slow and tests time out.
    maxWorkers: 2,
    // No test changes what another one imports; loading everything anew for each file takes longer than most.
    isolate: false,
  },
});
