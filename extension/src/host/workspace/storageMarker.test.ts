import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { markerName, updateStorageMarker } from './storageMarker.ts';

let home = '';
const place = (...parts: string[]): string => join(home, '.active-learning', ...parts);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'al marker '));
});
afterEach(() => {
  chmodSync(home, 0o755);
  rmSync(home, { recursive: true });
});

it('lies where sessions lie elsewhere, kept out of Git, and says where', async () => {
  await updateStorageMarker(home, '/data/sessions');
  expect(readdirSync(place()).toSorted()).toEqual(['.gitignore', markerName]);
  expect(readFileSync(place(markerName), 'utf8')).toContain(join('/data/sessions', '.active-learning'));
  expect(readFileSync(place('.gitignore'), 'utf8')).toBe('*\n');
});

it('follows the setting to another folder', async () => {
  await updateStorageMarker(home, '/data/sessions');
  await updateStorageMarker(home, '/other/disk');
  const text = readFileSync(place(markerName), 'utf8');
  expect(text).toContain(join('/other/disk', '.active-learning'));
  expect(text).not.toContain('/data/sessions');
});

it('does not exist if sessions are in the folder, and is deleted once they return', async () => {
  await updateStorageMarker(home, `${home}/`);
  expect(existsSync(place())).toBe(false);
  await updateStorageMarker(home, '/data/sessions');
  await updateStorageMarker(home, home);
  expect(existsSync(place(markerName))).toBe(false);
});

it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('says when the folder is read-only', async () => {
  chmodSync(home, 0o555);
  await expect(updateStorageMarker(home, '/data/sessions')).rejects.toThrow('EACCES');
});
