import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createArtifacts } from './artifactFiles.ts';

test('publishes copies and texts, and leaves no temporary files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  const source = join(folder, 'weights.bin');
  await writeFile(source, 'weights');
  const target = join(folder, 'to', 'here');
  const files = await createArtifacts().publish(target, [
    { name: 'a.pt', copyOf: source },
    { name: 'a.json', text: '{}' },
  ]);
  expect(files).toEqual([join(target, 'a.pt'), join(target, 'a.json')]);
  expect(await readFile(join(target, 'a.pt'), 'utf8')).toBe('weights');
  expect((await readdir(target)).toSorted()).toEqual(['a.json', 'a.pt']);
});

test('a missing model is reported with the folder, and leaves no partial files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  const publish = createArtifacts().publish(folder, [{ name: 'a.pt', copyOf: join(folder, 'gone.pt') }]);
  await expect(publish).rejects.toMatchObject({ code: 'export-failed', where: folder });
  expect(await readdir(folder)).toEqual([]);
});

test('a folder that cannot be created is reported with a hint', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  await writeFile(join(folder, 'file'), '');
  const publish = createArtifacts().publish(join(folder, 'file', 'sub'), [{ name: 'a', text: '' }]);
  await expect(publish).rejects.toMatchObject({ name: 'ExportError', hint: expect.stringContaining('folder') });
});

test('an export is recorded while it writes, in case it is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  const asked: string[] = [];
  const unfinished = {
    during: <Result>(where: string, work: () => Promise<Result>) => {
      asked.push(where);
      return work();
    },
    sweep: () => Promise.resolve(),
  };
  await createArtifacts(unfinished).publish(folder, [{ name: 'a.json', text: '{}' }]);
  expect(asked).toEqual([folder]);
});
