import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WholeListing as DatasetListing } from './datasetFiles.ts';
import { createDatasetFiles } from './datasetFiles.ts';
import { putFiles, temporaryFolder } from '../testing/datasets.ts';

const files = createDatasetFiles();
const posix = process.platform !== 'win32';
const four = ['images/train/a.jpg', 'images/train/b.jpg', 'images/val/c.jpg', 'images/val/d.jpg'];

function dataset(yaml: string | Uint8Array, more: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = temporaryFolder();
  putFiles(folder, { ...Object.fromEntries(four.map((name) => [name, ''])), ...more, 'data.yaml': yaml });
  return folder;
}

const list = (folder: string, poolFolders: string[] = []): Promise<DatasetListing> =>
  files.list({ kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders });
const yaml = (...lines: string[]): string => [...lines, 'names: [x]'].join('\n');
const names = ({ images }: DatasetListing, split: string): string =>
  images
    .flatMap((image) => (image.split === split ? [image.relativePath.slice(-5, -4)] : []))
    .toSorted()
    .join('');
const codes = ({ problems }: DatasetListing): string[] => problems.map(({ code }) => code);

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

describe('the validation images are exactly those that the file names', () => {
  it.each([
    [
      'test is val',
      ['train: images/train', 'val: images/val', 'test: images/val'],
      'ab',
      'cd',
      ['test-repeats-validation'],
    ],
    [
      'test is val, spelt differently',
      ['train: images/train', 'val: ./images/../images/val/', 'test: images/val'],
      'ab',
      'cd',
      ['test-repeats-validation'],
    ],
    [
      'test is a parent of all',
      ['train: images/train', 'val: images/val', 'test: images'],
      'ab',
      'cd',
      ['test-is-training', 'test-repeats-validation'],
    ],
    [
      'test is train',
      ['train: images/train', 'val: images/val', 'test: images/train'],
      'ab',
      'cd',
      ['test-is-training'],
    ],
    ['train is a parent of val', ['train: images', 'val: images/val'], 'ab', 'cd', ['split-leak', 'split-leak']],
    ['lists that overlap', ['train: t.txt', 'val: v.txt'], 'ab', 'cd', ['split-leak']],
    [
      'test is missing',
      ['train: images/train', 'val: images/val', 'test: ../test/images'],
      'ab',
      'cd',
      ['split-empty', 'split-missing'],
    ],
    ['val is a list of folders', ['train: images/train', 'val: [images/val, images/none]'], 'ab', 'cd', []],
  ])('%s', async (_what, lines, train, val, problems) => {
    const folder = dataset(yaml(...lines), {
      't.txt': './images/train/a.jpg\n./images/train/b.jpg\n./images/train/../val/c.jpg',
      'v.txt': './images/val/c.jpg\nimages/val/d.jpg',
    });
    mkdirSync(join(folder, 'images/none'));
    const listing = await list(folder);
    expect([names(listing, 'train'), names(listing, 'val')]).toEqual([train, val]);
    expect(codes(listing).toSorted()).toEqual(problems);
    expect(listing.hasValidationSplit).toBe(true);
  });

  it.runIf(posix)('a link to the folder of another split is that folder', async () => {
    const folder = dataset(yaml('train: images', 'val: held', 'test: linked.txt'));
    symlinkSync(join(folder, 'images/val'), join(folder, 'held'));
    symlinkSync(join(folder, 'images/val/c.jpg'), join(folder, 'images/train/e.jpg'));
    putFiles(folder, { 'linked.txt': './images/val/c.jpg' });
    const listing = await list(folder);
    expect([names(listing, 'train'), names(listing, 'val'), names(listing, 'test')]).toEqual(['ab', 'cd', '']);
  });

  it('is still an error if val is the folder of train', async () => {
    const listing = await list(dataset(yaml('train: images/train', 'val: ./images/train')));
    expect([names(listing, 'train'), listing.hasValidationSplit]).toEqual(['ab', false]);
    expect(listing.problems).toMatchObject([{ severity: 'error', code: 'validation-is-training' }]);
  });

  it.each<[string, string[], Record<string, string>, string, RegExp, RegExp?]>([
    [
      'val is missing',
      ['train: images/train', 'val: images/gone'],
      {},
      'split-missing',
      /val split .* names "images\/gone"/,
    ],
    [
      'val is empty',
      ['train: images/train', 'val: none'],
      {},
      'split-empty',
      /val split .* \(none\) holds no image/,
      /remove it/,
    ],
    ['one entry of val is missing', ['train: images/train', 'val: [images/val, gone]'], {}, 'split-missing', /"gone"/],
    [
      'val holds train and more',
      ['train: images/train', 'val: images'],
      {},
      'validation-is-training',
      /all 2 training images and 2 more/,
    ],
    [
      'no line of val is there',
      ['train: images/train', 'val: l.txt'],
      { 'l.txt': 'x/y.jpg\n' },
      'split-empty',
      /No line of .*l\.txt .* Line 1 names "x\/y\.jpg"/,
    ],
    [
      'a line of val names a missing file',
      ['train: images/train', 'val: l.txt'],
      { 'l.txt': './images/val/c.jpg\n\nx/y.jpg' },
      'split-incomplete',
      /1 line of .* \(1 do\)\. Line 3 names/,
    ],
    [
      'a line of val names no image',
      ['train: images/train', 'val: l.txt'],
      { 'l.txt': '# by Ann\n./images/val/c.jpg\n' },
      'split-incomplete',
      /\(1 do\)\. Line 1 of .*l\.txt names "# by Ann", which is no image/,
    ],
    [
      'a list of val names nothing',
      ['train: images/train', 'val: l.txt'],
      { 'l.txt': '\n\n' },
      'split-empty',
      /l\.txt names none/,
    ],
    [
      'val is a plain file',
      ['train: images/train', 'val: l.csv'],
      { 'l.csv': '' },
      'split-invalid',
      /neither a folder nor a \.txt list/,
    ],
    ['train is missing', ['train: gone', 'val: images/val'], {}, 'split-missing', /train split/],
    ['train is empty', ['train: none', 'val: images/val'], {}, 'split-empty', /train split .* \(none\) holds no image/],
    [
      'all lines of train have a prefix',
      ['train: l.txt', 'val: images/val'],
      { 'l.txt': 'data/images/train/a.jpg\ndata/images/train/b.jpg' },
      'split-empty',
      /Without "data\/" at the beginning the file is there/,
    ],
    [
      'a path of Windows',
      ['train: C:\\data\\train', 'val: images/val'],
      {},
      'split-missing',
      /C:\\data/,
      posix ? /path of Windows/ : /moved/,
    ],
    [
      'a home folder',
      ['train: ~/data/train', 'val: images/val'],
      {},
      'split-missing',
      /~\/data/,
      /write the whole path/,
    ],
    ['a variable', ['train: $DATA/train', 'val: images/val'], {}, 'split-missing', /\$DATA/, /write the whole path/],
    [
      'a path of another machine',
      ['path: /mnt/gone', 'train: x', 'val: images/val'],
      {},
      'split-missing',
      /"path" of .* is "\/mnt\/gone", but there is no folder/,
    ],
  ])('is rejected: %s', async (_what, lines, more, code, message, hint = /./) => {
    const folder = dataset(yaml(...lines), more);
    mkdirSync(join(folder, 'none'));
    await expect(list(folder)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      where: expect.stringContaining(folder),
    });
  });

  it('stops reading a list after a thousand missing files', async () => {
    const folder = dataset(yaml('train: l.txt'), { 'l.txt': './gone.jpg\n'.repeat(50_000) });
    await expect(list(folder)).rejects.toMatchObject({ code: 'no-images' });
    await expect(
      list(dataset(yaml('train: images/train', 'val: l.txt'), { 'l.txt': 'g.jpg\n'.repeat(50_000) })),
    ).rejects.toMatchObject({
      code: 'split-empty',
    });
  });

  it('accepts an empty train split if a pool is labelled from scratch', async () => {
    const folder = dataset(yaml('train: none', 'val: images/val'), { 'pool/p.jpg': '' });
    mkdirSync(join(folder, 'none'));
    const listing = await list(folder, [join(folder, 'pool')]);
    expect([names(listing, 'pool'), names(listing, 'val')]).toEqual(['p', 'cd']);
    expect(listing.problems).toMatchObject([{ severity: 'warning', code: 'split-empty' }]);
  });
});

describe('files that are not UTF-8', () => {
  it('reads a description and a list whose byte-order mark shows the encoding', async () => {
    const folder = dataset(utf16(yaml('train: t.txt', 'val: v.txt').replace('[x]', '[Düse]')), {
      't.txt': utf16('./images/train/a.jpg\r\n./images/train/b.jpg\r\n'),
      'v.txt': utf16('./images/val/c.jpg\r\n').swap16(),
    });
    const listing = await list(folder);
    expect(listing).toMatchObject({ classNames: ['Düse'], problems: [] });
    expect([names(listing, 'train'), names(listing, 'val')]).toEqual(['ab', 'c']);
  });

  it.each(['data.yaml', 't.txt'])('rejects %s with its path', async (name) => {
    const folder = dataset(yaml('train: t.txt', 'val: images/val'), { 't.txt': './images/train/a.jpg' });
    putFiles(folder, { [name]: Buffer.from('train: t.txt\nnames: [D\xfcse]', 'latin1') });
    await expect(list(folder)).rejects.toMatchObject({ code: 'encoding-unknown', where: join(folder, name) });
  });

  it('reports damaged class names of a folder', async () => {
    const folder = dataset('');
    const listing = await files.list({ kind: 'folder', path: folder, classNames: ['D\uFFFDse'], poolFolders: [] });
    expect(codes(listing)).toEqual(['name-damaged']);
  });
});

describe('folders that must not be searched', () => {
  it.runIf(process.platform === 'linux').each([
    ['val: /', /file system/],
    ['val: /proc', /view of the system/],
    ['val: /sys/class', /view of the system/],
    ['val: /dev', /view of the system/],
    ['path: /proc\nval: self', /"path" of .* is \/proc, which/],
    [`val: ${homedir()}`, /home folder/],
    [`val: ${dirname(homedir())}`, /home folder|file system/],
  ])('%s is rejected immediately', async (line, message) => {
    const folder = dataset(yaml('train: images/train', line));
    const start = performance.now();
    await expect(list(folder)).rejects.toMatchObject({
      code: 'folder-refused',
      message: expect.stringMatching(message),
    });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it.runIf(process.platform === 'linux')(
    'links to them are reported and not followed, and a pipe is not a list',
    async () => {
      const folder = dataset(yaml('train: images/train', 'val: images/val'));
      symlinkSync('/', join(folder, 'images/train/all'));
      const listing = await list(folder);
      expect(names(listing, 'train')).toBe('ab');
      expect(listing.problems).toMatchObject([{ severity: 'error', code: 'folder-refused' }]);
      execFileSync('mkfifo', [join(folder, 'pipe.txt')]);
      putFiles(folder, { 'data.yaml': yaml('train: pipe.txt') });
      await expect(list(folder)).rejects.toMatchObject({ code: 'split-invalid' });
    },
  );

  it('a listing can be cancelled', async () => {
    const folder = dataset(yaml('train: images/train'));
    const source = { kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders: [] } as const;
    await expect(files.list(source, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
