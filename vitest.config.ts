import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Folders whose tests need nothing but the sources: no other process, no thread, no file that a test has not made. */
const unit = [
  // Comparisons with what Ultralytics and its friends compute need the trainer's Python.
  'extension/src/core/**/!(*Parity).test.ts',
  'extension/src/protocol/**/*.test.ts',
  'webview/**/*.test.{ts,tsx}',
  'extension/test/{manifest,manifestSettings,walls}.test.ts',
];
const editor = 'extension/test/editor/**/*.test.ts';
/** Every family of models against Ultralytics: minutes, and only a change of the adapters or of Ultralytics can break them. */
const external = ['extension/src/adapters/inference/torch/heads.test.ts'];
/** Files that replace a module for themselves: in a process with other files, those would meet the replacement. */
const replacing = globSync(['extension/**/*.test.ts', 'scripts/**/*.test.ts']).filter((file) =>
  /\bvi\.(?:mock|doMock|stubGlobal)\(/.test(readFileSync(file, 'utf8')),
);
/** Tests that start processes, threads or an editor. */
const built = {
  globalSetup: ['extension/test/support/globalSetup.ts'],
  setupFiles: ['extension/test/support/userFolder.ts'],
};

export default defineConfig({
  test: {
    // Generous, because nothing here is about time, and machines that run tests are busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: unit, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['extension/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...unit, ...external, ...replacing, editor],
          isolate: false,
          ...built,
        },
      },
      {
        extends: true,
        test: { name: 'integration-isolated', include: replacing, exclude: [...unit, editor], ...built },
      },
      {
        extends: true,
        test: {
          name: 'editor',
          include: [editor],
          globalSetup: [...built.globalSetup, 'extension/test/editor/support/serverSetup.ts'],
          // One browser for all files.
          isolate: false,
          fileParallelism: false,
          // After the other projects where they run in one command: vitest has one number of workers for a group.
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'external', include: external, ...built } },
    ],
  },
});
