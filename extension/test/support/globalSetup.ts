import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureBuilt } from '../../../scripts/lib/build.ts';

/**
 * Builds the product before the tests, and again before a repetition in watch mode: the processes and threads that tests
 * start are those of `dist/`, because a program that Node reads from TypeScript takes a second longer to start.
 */
export async function setup(project: TestProject): Promise<void> {
  // What one process has compiled, the hundreds after it need not compile again.
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '..', '..', '..', '.cache', 'compiled');
  await ensureBuilt();
  project.onTestsRerun(() => ensureBuilt());
}
