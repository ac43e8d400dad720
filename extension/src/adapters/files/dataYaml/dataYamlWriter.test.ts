import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClassFile } from './dataYamlWriter.ts';
import { putFiles, temporaryFolder } from '../testing/datasets.ts';

const text = '# parts\ntrain: images\nnames:\n  - a # first\n  - b\n';

function bench(content: string | Uint8Array = text) {
  const folder = temporaryFolder();
  putFiles(folder, { 'data.yaml': content });
  const backupFolder = join(folder, 'backups');
  const backups = (): string[] =>
    readdirSync(backupFolder).map((name) => readFileSync(join(backupFolder, name), 'utf8'));
  return { folder, path: join(folder, 'data.yaml'), backups, classFile: createClassFile({ backupFolder }) };
}

test('reads the names, appends one, and keeps the rest', async () => {
  const { folder, path, backups, classFile } = bench();
  expect(await classFile.read(path)).toEqual(['a', 'b']);
  await classFile.append(path, ['a', 'b'], 'c');
  expect(readFileSync(path, 'utf8')).toBe('# parts\ntrain: images\nnames:\n  - a # first\n  - b\n  - c\n');
  expect(backups()).toEqual([text]);
  await classFile.append(path, ['a', 'b', 'c'], 'd');
  expect(await classFile.read(path)).toEqual(['a', 'b', 'c', 'd']);
  expect(backups()).toHaveLength(2);
  expect(readdirSync(folder).toSorted()).toEqual(['backups', 'data.yaml']);
});

test('does not change a file whose names have changed', async () => {
  const { path, classFile } = bench();
  await expect(classFile.append(path, ['a'], 'c')).rejects.toMatchObject({ code: 'changed-outside', where: path });
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('writes through a symbolic link without replacing it', async () => {
  const { folder, path, classFile } = bench();
  const link = join(folder, 'link.yaml');
  symlinkSync(path, link);
  await classFile.append(link, ['a', 'b'], 'c');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain('  - c\n');
});

test.each([
  ['Windows-1252', Buffer.from('train: t\nnames: [a] # caf\xe9\n', 'latin1'), 'encoding-unknown'],
  ['GBK', Buffer.from('train: t\nnames: [\xbb\xae]\n', 'latin1'), 'encoding-unknown'],
  ['UTF-16 without a mark', Buffer.from('train: t\nnames: [a]\n', 'utf16le'), 'encoding-unknown'],
  ['UTF-16 with its mark', Buffer.from('\uFEFFtrain: t\nnames: [a]\n', 'utf16le'), 'layout-unknown'],
])('does not change a file in %s', async (_what, bytes, code) => {
  const { path, classFile } = bench(bytes);
  await expect(classFile.append(path, ['a'], 'c')).rejects.toMatchObject({ code, where: path });
  expect(readFileSync(path)).toEqual(bytes);
});

test('reads names in UTF-16, keeps a UTF-8 byte-order mark, and reports a missing file', async () => {
  const { path, folder, classFile } = bench(Buffer.from('\uFEFFtrain: t\nnames: [Düse]\n', 'utf16le'));
  expect(await classFile.read(path)).toEqual(['Düse']);
  writeFileSync(path, `\uFEFF${text}`);
  await classFile.append(path, ['a', 'b'], 'c');
  expect(readFileSync(path, 'utf8')).toBe(`\uFEFF${text}  - c\n`);
  await expect(classFile.read(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'description-missing' });
});

test.skipIf(process.getuid?.() === 0)('does not replace a read-only file', async () => {
  const { path, classFile } = bench();
  chmodSync(path, 0o444);
  await expect(classFile.append(path, ['a', 'b'], 'c')).rejects.toMatchObject({ code: 'read-only', where: path });
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('leaves no files if the backup cannot be written', async () => {
  const { folder, path } = bench();
  writeFileSync(join(folder, 'blocked'), '');
  const classFile = createClassFile({ backupFolder: join(folder, 'blocked', 'backups') });
  await expect(classFile.append(path, ['a', 'b'], 'c')).rejects.toMatchObject({ code: 'write-failed' });
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(readdirSync(folder).toSorted()).toEqual(['blocked', 'data.yaml']);
});

test.skipIf(process.platform === 'win32')('keeps the mode of the file', async () => {
  const { path, classFile } = bench();
  chmodSync(path, 0o640);
  await classFile.append(path, ['a', 'b'], 'c');
  expect(statSync(path).mode & 0o777).toBe(0o640);
});
