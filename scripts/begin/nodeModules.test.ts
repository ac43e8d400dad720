import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { areInstalled } from './nodeModules.mjs';

const root = join(import.meta.dirname, '..', '..');

const wanted = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/a/node_modules/b': { version: '2.0.0' },
  'node_modules/a-windows': { version: '1.0.0', optional: true },
};
const { '': _own, 'node_modules/a-windows': _optional, ...found } = wanted;
const a = { 'node_modules/a': { version: '1.0.1' } };

it.each([
  ['all are there', found, true],
  ['optional ones are there too', { ...found, 'node_modules/a-windows': { version: '1.0.0' } }, true],
  ['one has another version', { ...found, ...a }, false],
  ['an optional one has another version', { ...found, 'node_modules/a-windows': { version: '3.0.0' } }, false],
  ['one is missing', { 'node_modules/a': found['node_modules/a'] }, false],
  ['one is there that nobody asked for', { ...found, 'node_modules/c': { version: '1.0.0' } }, false],
  ['nothing was installed, or npm was interrupted', null, false],
])('%s', (_what, there, installed) => {
  const folder = mkdtempSync(join(tmpdir(), 'al-modules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  const text = JSON.stringify({ packages: there });
  if (there !== null) writeFileSync(join(folder, 'node_modules', '.package-lock.json'), text);
  expect(areInstalled(folder)).toBe(installed);
});

it('what npm installed here is recognised', () => {
  expect(areInstalled(root)).toBe(true);
});
