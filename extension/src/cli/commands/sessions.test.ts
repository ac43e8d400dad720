import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sourceFrom } from './sessions.ts';

test('--data names a data.yaml, the folder that holds it, or a folder of images with its classes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'al-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'data.yaml');
  const images = join(folder, 'images');
  mkdirSync(images);
  expect(sourceFrom({ data: path })).toMatchObject({ kind: 'yaml', path });
  expect(sourceFrom({ data: folder })).toMatchObject({ kind: 'folder', path: folder, classNames: [] });
  writeFileSync(path, 'train: images\nnames: [dent]\n');
  expect(sourceFrom({ data: folder })).toEqual({ kind: 'yaml', path, poolFolders: [] });
  expect(sourceFrom({ data: images })).toMatchObject({ kind: 'folder', path: images, classNames: [] });
  // Who names classes means the images of the folder.
  expect(sourceFrom({ data: folder, class: ['dent'] })).toMatchObject({ kind: 'folder', classNames: ['dent'] });
});
