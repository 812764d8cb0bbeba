import { defineConfig } from 'vitest/config';

export default defineConfig({
  // type-graphql reads the types that decorators emit.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } } as never,
  // Without it `graphql` is loaded twice, once as ESM and once as CommonJS, and schemas of one are refused by the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['reflect-metadata'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          setupFiles: ['reflect-metadata'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['reflect-metadata'],
          globalSetup: ['test/support/mongod.ts'],
          // A guard against what hangs, wide enough for a busy machine: tests wait for events.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          setupFiles: ['reflect-metadata'],
          globalSetup: ['test/support/mongod.ts'],
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          setupFiles: ['reflect-metadata'],
          globalSetup: ['test/support/dashboard.ts'],
          // One product and one browser are shared: files run one after the other, so that none waits for another's run.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 150_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
