// Everything, from nothing: installs, builds, checks, and runs all tests. Ends with "N passed, N failed, N skipped".
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './lib/checks.mjs';
import { cloneObstacle, startFromClone } from './lib/clone.mjs';
import { EditorUnavailable } from './lib/editor/editorError.mjs';
import { ensureEditor } from './lib/editor/ensureEditor.mjs';
import { cacheFolder } from './lib/editor/paths.mjs';
import { withLock } from './lib/lock.mjs';
import { locks, node, python, root, tool } from './lib/paths.mjs';
import { ensureNodeModules, ensurePython } from './lib/setup.mjs';
import { environment, run, step } from './lib/shell.mjs';
import { addCounts, pytestCounts, subtractCounts, vitestResult } from './lib/testCounts.mjs';

const start = Date.now();
const reports = join(root, '.cache', 'reports');

let total = { passed: 0, failed: 0, skipped: 0 };
function counted(title, counts, code) {
  // A runner that broke down before it could count is one failure, never silence.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  total = addCounts(total, { ...counts, failed });
  console.log(`  ${title}: ${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
}

async function check(title, command, args) {
  const code = await step(title, () => run(command, args));
  counted(title, { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }, code);
}

/**
 * The first minute of a new user. Where nothing is installed yet, as in continuous integration, what the clone installs
 * is what this checkout goes on with; elsewhere it would be a second installation, and is done when asked for.
 */
async function fromClone() {
  const title = 'npm start from a fresh clone';
  const bare = [join(root, 'node_modules'), join(cacheFolder(), 'code-server')].every((folder) => !existsSync(folder));
  const installed = 'This checkout is installed already; AL_TEST_CLONE=1 tries it all the same.';
  const reason = cloneObstacle() ?? (bare || process.env.AL_TEST_CLONE ? null : installed);
  if (reason !== null) {
    console.log(`${title} is not tried. ${reason}`);
    return counted(title, { passed: 0, failed: 0, skipped: 1 }, 0);
  }
  try {
    console.log(`> ${title}`);
    await startFromClone();
    counted(title, { passed: 1, failed: 0, skipped: 0 }, 0);
  } catch (error) {
    console.error(error.message);
    counted(title, { passed: 0, failed: 1, skipped: 0 }, 1);
  }
}

const broken = { counts: { passed: 0, failed: 1, skipped: 0 }, failedFiles: [] };

async function vitest(title, args) {
  const report = join(reports, `${title.replaceAll(' ', '-')}.json`);
  const output = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await step(title, () =>
    run(node, [tool('vitest'), 'run', ...output, ...args], { env: environment({ NO_COLOR: '1' }) }),
  );
  return { code, ...(existsSync(report) ? vitestResult(readFileSync(report, 'utf8')) : broken) };
}

/** A browser and code-server; without them the tests that need a real editor are counted as skipped. */
async function prepareEditor() {
  try {
    await ensureEditor();
  } catch (error) {
    if (!(error instanceof EditorUnavailable)) throw error;
    console.log(error.message);
    console.log('Tests in a real editor are counted as skipped.');
  }
}

/**
 * By themselves and one file at a time: an editor and a browser that share the processor with other tests miss deadlines
 * of their own. They miss some on a busy machine even so: a file that fails is run once more, and this is said.
 */
async function editorTests(folder) {
  await prepareEditor();
  const title = 'Tests in a real editor';
  const first = await vitest(title, [folder, '--no-file-parallelism']);
  if (first.failedFiles.length === 0) return counted(title, first.counts, first.code);
  console.log(`Once more, since they failed:\n  ${first.failedFiles.map(({ name }) => name).join('\n  ')}`);
  const names = first.failedFiles.map(({ name }) => name);
  const second = await vitest(`${title} repeated`, [...names, '--no-file-parallelism']);
  let counts = addCounts(first.counts, second.counts);
  for (const file of first.failedFiles) counts = subtractCounts(counts, file.counts);
  counted(title, counts, second.code);
}

const editorFolder = 'extension/test/editor';

async function everything() {
  await fromClone();
  await ensureNodeModules();
  await ensurePython();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  if (!process.env.AL_TEST_DATA) {
    console.log('AL_TEST_DATA is not set: tests on real data are counted as skipped.');
  }

  await check('Build', node, [join(root, 'scripts', 'build.mjs')]);
  for (const [title, command, args] of checks()) await check(title, command, args);
  const typeScript = await vitest('TypeScript tests', [`--exclude=${editorFolder}/**`]);
  counted('TypeScript tests', typeScript.counts, typeScript.code);
  await editorTests(editorFolder);

  const pytestReport = join(reports, 'pytest.xml');
  const pytest = await step('Trainer tests (real trainings, some minutes)', () =>
    run(python, ['-m', 'pytest', 'trainer', '-q', '-rs', `--junitxml=${pytestReport}`]),
  );
  counted(
    'Trainer tests',
    existsSync(pytestReport) ? pytestCounts(readFileSync(pytestReport, 'utf8')) : { passed: 0, failed: 1, skipped: 0 },
    pytest,
  );

  console.log(`Took ${Math.round((Date.now() - start) / 1000)} s.`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

if (process.argv.includes('--help')) {
  console.log(
    'Usage: npm test. Installs what is missing, builds, checks, and runs all tests; CONTRIBUTING.md tells the rest.',
  );
} else {
  await withLock(join(locks, 'test'), 'running the tests', everything);
}
