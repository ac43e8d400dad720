import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sourceOf } from '../../workflow/operations/fields.ts';
import { findDescription } from './sessions.ts';

const sourceFrom = async (input: { data: string; class?: string[] }) =>
  sourceOf({ ...input, ...(await findDescription(input)) });

test('--data names a data.yaml, the folder that holds it, or a folder of images with its classes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'al-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'data.yaml');
  const images = join(folder, 'images');
  mkdirSync(images);
  expect(await sourceFrom({ data: path })).toMatchObject({ kind: 'yaml', path });
  expect(await sourceFrom({ data: folder })).toMatchObject({ kind: 'folder', path: folder, classNames: [] });
  writeFileSync(path, 'train: images\nnames: [dent]\n');
  expect(await sourceFrom({ data: folder })).toEqual({ kind: 'yaml', path, poolFolders: [] });
  expect(await sourceFrom({ data: images })).toMatchObject({ kind: 'folder', path: images, classNames: [] });
  // With class names, the folder holds images.
  expect(await sourceFrom({ data: folder, class: ['dent'] })).toMatchObject({ kind: 'folder', classNames: ['dent'] });
});
