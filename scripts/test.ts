// Installs, builds, checks, and runs the tests. Ends with "N passed, N failed, N skipped".
// Usage: npm test                       installs what is missing, builds, checks, and runs all tests but the external ones
//        npm run test:unit              the tests that need nothing but the sources
//        npm run test:changed [commit]  the tests that import a file changed since the commit, or not committed yet
//        npm run test:external          a fresh clone, and every family of models
// CONTRIBUTING.md says more.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './lib/checks.ts';
import { cloneObstacle, startFromClone } from './lib/clone.ts';
import { EditorUnavailable } from './lib/editor/editorError.ts';
import { ensureEditor } from './lib/editor/ensureEditor.ts';
import { cacheFolder } from './lib/editor/paths.ts';
import { withLock } from './begin/lock.mjs';
import { locks, node, root, tool } from './begin/paths.mjs';
import { ensurePython } from './lib/setup.ts';
import { run } from './begin/shell.mjs';
import { check, count, finish, pytest, reports, vitest, type Lane } from './lib/testRun.ts';

/**
 * The first minute of a new user. If no code-server is installed yet, as in continuous integration, this checkout
 * continues with the one that the clone installs. Otherwise it would be a second installation, which only the external
 * tests ask for.
 */
async function fromClone(asked: boolean): Promise<void> {
  const title = 'npm start from a fresh clone';
  const start = Date.now();
  const bare = !existsSync(join(cacheFolder(), 'code-server'));
  const installed = 'This checkout is installed already; npm run test:external tries it all the same.';
  const obstacle = cloneObstacle() ?? (bare || asked ? null : installed);
  if (obstacle !== null) {
    console.log(`${title} is not tried. ${obstacle}`);
    return count(title, { passed: 0, failed: 0, skipped: 1 }, 0, start);
  }
  try {
    console.log(`> ${title}`);
    await startFromClone();
    count(title, { passed: 1, failed: 0, skipped: 0 }, 0, start);
  } catch (error) {
    console.error((error as Error).message);
    count(title, { passed: 0, failed: 1, skipped: 0 }, 1, start);
  }
}

/** A browser and code-server; without them the tests that need a real editor are counted as skipped. */
async function prepareEditor(): Promise<void> {
  try {
    await ensureEditor();
  } catch (error) {
    if (!(error instanceof EditorUnavailable)) throw error;
    console.log(error.message);
    console.log('Tests in a real editor are counted as skipped.');
  }
}

async function prepare(): Promise<void> {
  await ensurePython();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  if (!process.env['AL_TEST_DATA']) {
    console.log('AL_TEST_DATA is not set: tests on real data are counted as skipped.');
  }
  await check('Build', node, [join(root, 'scripts', 'build.ts')]);
}

async function editorTests(): Promise<void> {
  await prepareEditor();
  await vitest('Editor tests', 'editor', { name: 'editor' });
}

async function otherTests(lane: Lane): Promise<void> {
  for (const [title, command, args] of checks()) await check(title, command, args, lane);
  await vitest('Unit tests', 'unit', lane);
  await vitest('Integration tests', 'integration*', lane);
}

/**
 * An editor and a browser wait most of the time, and miss their deadlines if the processor is not theirs at once.
 * The other tests have no deadlines: beside the editor they take what it leaves.
 */
async function everything(): Promise<void> {
  const start = Date.now();
  await fromClone(Boolean(process.env['AL_TEST_CLONE']));
  await prepare();
  await Promise.all([
    editorTests(),
    otherTests({ name: 'tests', polite: true }),
    pytest('Trainer tests', { name: 'trainer', polite: true }),
  ]);
  finish(start);
}

async function external(): Promise<void> {
  const start = Date.now();
  await fromClone(true);
  await prepare();
  await vitest('External tests', 'external');
  await pytest('Trainer tests of every family', { marker: 'families' });
  finish(start);
}

/** A part of the tests, for the person who changes the sources: no report, no counts of our own. */
async function part(args: readonly string[]): Promise<void> {
  process.exitCode = await run(node, [tool('vitest'), 'run', ...args], { stdio: 'inherit' });
}

const [mode, ...rest] = process.argv.slice(2);
const alone = (work: () => Promise<void>): Promise<void> => withLock(join(locks, 'test'), 'running the tests', work);
if (mode === '--unit') await part(['--project', 'unit', ...rest]);
else if (mode === '--changed') {
  const projects = ['unit', 'integration*', 'editor'].flatMap((name) => ['--project', name]);
  await part([...projects, '--passWithNoTests', '--changed', ...rest]);
} else await alone(mode === '--external' ? external : everything);
