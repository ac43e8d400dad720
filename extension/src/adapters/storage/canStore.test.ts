import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canStore } from './canStore.ts';

const folder = join('/', 'data', 'parts', '.active-learning');

/** A file system with these errors; all other paths are writable. */
const system = (errors: Readonly<Record<string, string>>) => async (path: string) => {
  const code = errors[path];
  if (code !== undefined) throw Object.assign(new Error(code), { code });
};
const database = join(folder, 'sessions.db');
const parent = join(folder, '..');

it.each([
  ['a folder that can be written', {}, true],
  ['none yet, in a folder that can be written', { [database]: 'ENOENT', [folder]: 'ENOENT' }, true],
  ['a read-only medium with sessions', { [database]: 'EROFS', [folder]: 'EROFS' }, false],
  ['a read-only medium without', { [database]: 'ENOENT', [folder]: 'ENOENT', [parent]: 'EROFS' }, false],
  ['a folder of somebody else', { [database]: 'ENOENT', [folder]: 'ENOENT', [parent]: 'EACCES' }, false],
  ['a database of somebody else', { [database]: 'EACCES' }, false],
  [
    'a place several folders deep that is not there',
    { [database]: 'ENOENT', [folder]: 'ENOENT', [parent]: 'ENOENT' },
    true,
  ],
  ['a failure of another kind, which the opening tells', { [database]: 'EIO', [folder]: 'EIO' }, true],
])('%s', async (_, errors, expected) => {
  expect(await canStore(folder, system(errors))).toBe(expected);
});
