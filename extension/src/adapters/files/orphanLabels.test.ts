import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import { createDatasetFiles } from './listing/datasetFiles.ts';
import { putFiles, temporaryFolder } from './testing/datasets.ts';

const row = '0 .5 .5 .1 .1\n';

/** The problems with orphan label files. `names` are files; text files contain a label row by default. */
async function orphans(
  names: readonly (string | readonly [name: string, text: string])[],
  yaml: readonly string[] = ['train: images'],
): Promise<DatasetProblem | undefined> {
  const folder = temporaryFolder();
  const entries = names.map((name) =>
    typeof name === 'string' ? [name, /\.txt$/iu.test(name) ? row : ''] : [name[0], name[1]],
  );
  putFiles(folder, Object.fromEntries(entries) as Record<string, string>);
  putFiles(folder, { 'data.yaml': [...yaml, 'names: [a]'].join('\n') });
  const { problems } = await createDatasetFiles().list({
    kind: 'yaml',
    path: join(folder, 'data.yaml'),
    poolFolders: [],
  });
  const warnings = problems.filter(({ code }) => code === 'label-without-image');
  expect(warnings.length).toBeLessThan(2);
  return warnings[0];
}

describe('label files without an image', () => {
  it.each<[string, string[], string]>([
    ['next to images below images/', ['images/more/0.jpg', 'images/more/0.txt'], 'labels/more/0.txt'],
    ['with the extension of the image', ['images/w.jpg', 'labels/w.jpg.txt'], 'labels/w.txt'],
    ['flat', ['images/train/y.jpg', 'labels/y.txt'], 'labels/train/y.txt'],
    ['with spaces for %20', ['images/a%20b.jpg', 'labels/a b.txt'], 'labels/a%20b.txt'],
    ['with %20 for spaces', ['images/a b.jpg', 'labels/a%20b.txt'], 'labels/a b.txt'],
    ['in a folder of another name', ['images/a.jpg', 'label/a.txt'], 'labels/a.txt'],
    ['below another split', ['images/val/z.jpg', 'labels/train/z.txt'], 'labels/val/z.txt'],
  ])('%s are reported with the path where they would be read', async (_, names, target) => {
    const warning = await orphans(names);
    expect(warning).toMatchObject({ severity: 'warning', message: expect.stringContaining('1 label file belongs') });
    expect(warning?.hint).toContain(
      `would be read as ${join(warning?.file?.replace(/(?:images|labels?)\/.*/u, '') ?? '', target)}`,
    );
  });

  it.runIf(process.platform === 'linux').each<[string, string[], string[]]>([
    ['.TXT', ['images/x.jpg', 'labels/x.TXT'], ['train: images']],
    ['capital folders', ['Images/a.jpg', 'Labels/a.txt'], ['train: Images']],
    ['another Unicode normalisation', ['images/e\u0301.jpg', 'labels/\u00e9.txt'], ['train: images']],
  ])('are reported if the file system distinguishes the spellings: %s', async (_, names, yaml) => {
    expect(await orphans(names, yaml)).toMatchObject({ file: expect.stringMatching(/\.txt$/iu) });
  });

  it('are reported in one warning with count, folders and examples', async () => {
    const names = ['images/a.jpg', 'labels/a.txt', ...Array.from({ length: 9 }, (_, i) => `labels/gone/${i}.txt`)];
    const warning = await orphans(names);
    expect(warning?.message).toMatch(/^9 label files .*: 0\.txt, 1\.txt, 2\.txt and 6 more in .*gone\.$/u);
    expect(warning?.hint).not.toContain('would be read as');
  });

  it('are reported with the difference of names that look alike', async () => {
    const warning = await orphans(['images/e\u0301.jpg', 'labels/\u00e9.txt'], ['train: images']);
    expect(warning?.hint).toContain('another Unicode form');
  });

  it('are reported without a suggestion if two images match', async () => {
    const warning = await orphans(['images/train/a.jpg', 'images/val/a.jpg', 'labels/a.txt']);
    expect(warning?.hint).not.toContain('would be read as');
  });

  it.each<[string, (string | readonly [string, string])[], string[]?]>([
    ['labels that fit', ['images/a.jpg', 'labels/a.txt']],
    ['labels next to images elsewhere', ['pictures/a.jpg', 'pictures/a.txt'], ['train: pictures']],
    [
      'labels of images that the dataset does not name',
      ['images/train/a.jpg', 'images/test/b.jpg', 'labels/test/b.txt'],
      ['train: images/train'],
    ],
    [
      'lists, class names and notes',
      [
        'images/a.jpg',
        ['labels/classes.txt', 'cat\ndog\n'],
        ['images/list.txt', 'images/a.jpg\n'],
        ['labels/notes.txt', ''],
        ['labels/counts.txt', '12 34\n'],
      ],
    ],
    ['texts beyond the folders of labels', ['images/a.jpg', 'results/a.txt']],
  ])('do not include %s', async (_, names, yaml) => {
    expect(await orphans(names, yaml)).toBeUndefined();
  });

  it('are also found next to a pool folder, and include empty files of background images', async () => {
    const folder = temporaryFolder();
    putFiles(folder, { 'pool/images/a.jpg': '', 'pool/labels/b.txt': '' });
    mkdirSync(join(folder, 'main'));
    putFiles(folder, { 'main/m.jpg': '' });
    const { problems } = await createDatasetFiles().list({
      kind: 'folder',
      path: join(folder, 'main'),
      classNames: ['a'],
      poolFolders: [join(folder, 'pool', 'images')],
    });
    expect(problems).toMatchObject([{ code: 'label-without-image', file: join(folder, 'pool', 'labels', 'b.txt') }]);
  });
});
