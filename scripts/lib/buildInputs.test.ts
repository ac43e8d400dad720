import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildInputs } from './buildInputs.ts';
import { stamp } from './stamp.ts';

const root = join(import.meta.dirname, '..', '..');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'al-inputs-'));
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/lib']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of ['extension/src/a.ts', 'extension/plugin/p.mjs', 'webview/src/deep/b.tsx']) put(name, '1');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Whether what was built is still good after a change. */
function isFreshAfter(change: () => void): boolean {
  const file = join(folder, 'stamp');
  stamp(file, buildInputs(folder)).set();
  change();
  return stamp(file, buildInputs(folder)).isFresh();
}

it.each([
  'extension/src/a.ts',
  'webview/src/deep/b.tsx',
  'webview/src/new.css',
  'package-lock.json',
  'tsconfig.json',
  'scripts/lib/build.ts',
  'scripts/lib/webviewBuild.ts',
  'scripts/lib/oldChunks.ts',
])('a build is stale once %s changed', (name) => {
  expect(isFreshAfter(() => put(name, '2'))).toBe(false);
});

it('a build is stale once a source is gone or has another name', () => {
  put('extension/src/c.ts', '3');
  expect(isFreshAfter(() => rmSync(join(folder, 'extension/src/c.ts')))).toBe(false);
});

it('a build stays fresh if none of its inputs changed', () => {
  const now = new Date();
  expect(isFreshAfter(() => utimesSync(join(folder, 'extension/src/a.ts'), now, now))).toBe(true);
  expect(isFreshAfter(() => put('extension/src/a.test.ts', '1'))).toBe(true);
});

it('the inputs of this checkout are read', () => {
  const paths = buildInputs().map((text) => text.slice(0, text.indexOf('\n')));
  expect(paths).toContain('extension/src/host/activate.ts');
  expect(paths).toContain('webview/src/review/main.tsx');
});
