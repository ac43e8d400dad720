// Checks the English of docs, UI texts, comments and test titles.
// Usage: node scripts/prose.ts [path…]; without paths, everything that is held to it.
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkProse } from './lib/prose/check.ts';

const root = dirname(import.meta.dirname);

/** What has plain English, and must keep it. A folder stands for everything below it. */
const held = [
  '*.md',
  'docs',
  'media',
  'scripts',
  'bench',
  'extension/src/core',
  'extension/src/adapters',
  'extension/src/cli',
  'extension/src/composition',
  'extension/src/host',
  'extension/src/protocol',
  'extension/src/sample',
  'extension/src/workflow',
  'extension/test/*.ts',
  'extension/test/badInputs',
  'extension/test/useCases',
  'trainer/al_trainer',
  'trainer/tests',
  'webview/src',
  'webview/test-pages/*.ts*',
  'l10n',
  'package.nls.json',
];

function filesOf(path: string): string[] {
  if (path.includes('*')) return globSync(path, { cwd: root });
  return statSync(join(root, path)).isDirectory() ? globSync(`${path}/**/*.*`, { cwd: root }) : [path];
}

const args = process.argv.slice(2);
const excluded = /node_modules|\.venv|__pycache__|prose\/(?:words|.*\.test)\.ts$/;
const files = (args.length > 0 ? args : held).flatMap(filesOf).filter((path) => !excluded.test(path));
let findings = 0;
for (const file of [...new Set(files)].toSorted()) {
  for (const { line, message } of checkProse(file, readFileSync(join(root, file), 'utf8'))) {
    findings++;
    console.log(`${file}:${line}: ${message}`);
  }
}
if (findings > 0) {
  console.log(`${findings} places are not plain English; scripts/lib/prose/words.ts has the list.`);
  process.exitCode = 1;
}
