// Everything, from nothing: installs, builds, checks, and runs all tests. Ends with "N passed, N failed, N skipped".
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './lib/checks.mjs';
import { ensureChromium } from './lib/editor/chromium.mjs';
import { ensureCodeServer } from './lib/editor/codeServer.mjs';
import { EditorUnavailable } from './lib/editor/editorError.mjs';
import { node, python, root, tool } from './lib/paths.mjs';
import { ensureNodeModules, ensurePython } from './lib/setup.mjs';
import { environment, run, step } from './lib/shell.mjs';
import { addCounts, pytestCounts, subtractCounts, vitestResult } from './lib/testCounts.mjs';

const start = Date.now();
await ensureNodeModules();
await ensurePython();

const reports = join(root, '.cache', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
if (!process.env.AL_TEST_DATA) {
  console.log('AL_TEST_DATA is not set: tests on real data are counted as skipped.');
}

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

await check('Build', node, [join(root, 'scripts', 'build.mjs')]);
for (const [title, command, args] of checks()) await check(title, command, args);

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
async function ensureEditor() {
  try {
    await ensureChromium();
    await ensureCodeServer();
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
  await ensureEditor();
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
