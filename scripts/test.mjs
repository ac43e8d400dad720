// Everything, from nothing: installs, builds, checks, and runs all tests. Ends with "N passed, N failed, N skipped".
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './lib/checks.mjs';
import { node, python, root, tool } from './lib/paths.mjs';
import { ensureNodeModules, ensurePython } from './lib/setup.mjs';
import { environment, run, step } from './lib/shell.mjs';
import { addCounts, pytestCounts, vitestCounts } from './lib/testCounts.mjs';

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

async function vitest(title, args) {
  const report = join(reports, `${title.replaceAll(' ', '-')}.json`);
  const output = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await step(title, () =>
    run(node, [tool('vitest'), 'run', ...output, ...args], { env: environment({ NO_COLOR: '1' }) }),
  );
  const counts = existsSync(report) ? vitestCounts(readFileSync(report, 'utf8')) : { passed: 0, failed: 1, skipped: 0 };
  counted(title, counts, code);
}

const editorTests = 'extension/test/editor';
await vitest('TypeScript tests', [`--exclude=${editorTests}/**`]);
// Where `npm start` has installed code-server; otherwise they are counted as skipped, with a sentence.
// By themselves and one file at a time: an editor and a browser that share two cores with other tests miss deadlines
// of their own.
await vitest('Tests in a real editor', [editorTests, '--no-file-parallelism']);

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
