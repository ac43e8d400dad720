import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { filesBelow } from './files.ts';
import { selectFiles } from './package/patterns.ts';

const root = join(import.meta.dirname, '..', '..');

it('a folder that holds a link to itself is walked once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'al-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // As after "npm start": the cache of the checkout leads back to the checkout.
  mkdirSync(join(folder, '.cache', 'editor', 'extensions'), { recursive: true });
  symlinkSync(folder, join(folder, '.cache', 'editor', 'extensions', 'own'), 'junction');
  mkdirSync(join(folder, 'lib'));
  symlinkSync(join(folder, '.cache'), join(folder, 'lib', 'cache'), 'junction');
  writeFileSync(join(folder, 'lib', 'b.js'), '');
  writeFileSync(join(folder, 'a.js'), '');
  expect(filesBelow(folder)).toEqual(['a.js', 'lib/b.js']);
  expect(selectFiles(folder, ['**.js'], 'It')).toEqual(['a.js', 'lib/b.js']);
});

it("no walk of ours is Node's recursive listing, which follows links", () => {
  const folders = ['scripts', 'bench', 'extension/src', 'webview/src'];
  const sources = folders
    .flatMap((folder) => filesBelow(join(root, folder)).map((file) => `${folder}/${file}`))
    .filter((file) => /\.(mjs|cjs|tsx?)$/.test(file) && !/\.test\.|testing\.ts$/.test(file));
  expect(sources.length).toBeGreaterThan(100);
  const recursive = /readdir(Sync)?\((?:[^()]|\([^()]*\))*recursive: true/;
  expect(sources.filter((file) => recursive.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  // That it does follow them is why filesBelow exists; once this fails, it may go.
  const folder = mkdtempSync(join(tmpdir(), 'al-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'out', 'file'), '');
  symlinkSync(join(folder, 'out'), join(folder, 'in', 'link'), 'junction');
  expect(readdirSync(join(folder, 'in'), { recursive: true })).toContain(join('link', 'file'));
});
