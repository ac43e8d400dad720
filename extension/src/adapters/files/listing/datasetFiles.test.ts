import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDatasetFiles, type WholeListing as DatasetListing } from './datasetFiles.ts';
import { putFiles, temporaryFolder } from '../testing/datasets.ts';

const files = createDatasetFiles();
const yamlListing = (folder: string, poolFolders: string[] = []): Promise<DatasetListing> =>
  files.list({ kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders });
const folderListing = (path: string, poolFolders: string[] = []): Promise<DatasetListing> =>
  files.list({ kind: 'folder', path, classNames: ['scratch'], poolFolders });

/** Split and path of each image, relative to the folder. */
const seen = ({ images, roots }: DatasetListing, folder: string): string[] =>
  images
    .map(
      ({ split, root, relativePath }) =>
        `${split} ${join(roots[root]?.path ?? '', relativePath).slice(folder.length + 1)}`,
    )
    .toSorted();
const codes = ({ problems }: DatasetListing): string[] => problems.map(({ code }) => code);

/** A dataset from file names and the lines of a data.yaml. Files are empty, because listing never opens an image. */
function dataset(names: readonly string[], ...yaml: readonly string[]): string {
  const folder = temporaryFolder();
  putFiles(folder, Object.fromEntries(names.map((name) => [name, ''])));
  if (yaml.length > 0) putFiles(folder, { 'data.yaml': [...yaml, 'names: [scratch]'].join('\n') });
  return folder;
}

describe('a data.yaml', () => {
  it('lists folders and subfolders, with relative paths, sizes and times', async () => {
    const folder = dataset(
      ['images/train/a.jpg', 'images/train/deep/b.PNG', 'images/val/c.webp', 'images/test/d.tif', 'notes.txt'],
      'train: images/train',
      'val: images/val',
      'test: images/test',
    );
    const listing = await yamlListing(folder);
    expect(seen(listing, folder)).toEqual([
      'test images/test/d.tif',
      'train images/train/a.jpg',
      'train images/train/deep/b.PNG',
      'val images/val/c.webp',
    ]);
    expect(listing).toMatchObject({
      classNames: ['scratch'],
      roots: [{ path: folder, kind: 'dataset' }],
      problems: [],
      hasValidationSplit: true,
    });
    expect(listing.images[0]).toMatchObject({
      size: 0,
      absolutePath: join(folder, listing.images[0]?.relativePath ?? ''),
    });
    expect(listing.images[0]?.mtimeMs).toBeGreaterThan(1e12);
  });

  it.each(['path: .', `path: ''`, 'path: ../'])('resolves "%s" from its own folder', async (path) => {
    const folder = dataset(['sub/images/a.jpg', 'images/a.jpg']);
    putFiles(folder, { 'sub/data.yaml': `${path}\ntrain: images\nnames: [scratch]` });
    const listing = await files.list({ kind: 'yaml', path: join(folder, 'sub', 'data.yaml'), poolFolders: [] });
    expect(seen(listing, folder)).toEqual([path.includes('..') ? 'train images/a.jpg' : 'train sub/images/a.jpg']);
  });

  it('reports a missing "path", and uses the folder of the file', async () => {
    const folder = dataset(['images/a.jpg'], 'path: /somebody/elses/machine', 'train: images');
    const listing = await yamlListing(folder);
    expect(seen(listing, folder)).toEqual(['train images/a.jpg']);
    expect(listing.problems).toMatchObject([
      { code: 'path-missing', severity: 'warning', message: expect.stringContaining('/somebody/elses/machine') },
    ]);
  });

  it("retries Roboflow's ../ without it", async () => {
    const folder = dataset(
      ['train/images/a.jpg', 'valid/images/b.jpg'],
      'train: ../train/images',
      'val: ../valid/images',
    );
    expect(seen(await yamlListing(folder), folder)).toEqual(['train train/images/a.jpg', 'val valid/images/b.jpg']);
  });

  it('keeps ../ if that folder exists, and adds a root above "images" for its images', async () => {
    const folder = dataset(['images/train/a.jpg', 'images/train/b.jpg']);
    putFiles(folder, { 'config/data.yaml': 'train: ../images/train\nnames: [scratch]' });
    const listing = await files.list({ kind: 'yaml', path: join(folder, 'config', 'data.yaml'), poolFolders: [] });
    expect(listing.roots.map(({ path }) => path)).toEqual([join(folder, 'config'), folder]);
    expect(listing.images.map(({ root, relativePath }) => [root, relativePath])).toEqual([
      [1, 'images/train/a.jpg'],
      [1, 'images/train/b.jpg'],
    ]);
  });

  it('reads lists of folders and .txt files', async () => {
    const folder = dataset(['one/a.jpg', 'two/b.jpg', 'three/c.jpg', 'three/d e.jpg', 'three/f.jpg']);
    const list = [
      '\uFEFF./c.jpg',
      '',
      '  ./d e.jpg  ',
      join(folder, 'three', 'f.jpg'),
      'one/a.jpg',
      './gone.jpg',
      './x.gif',
      './readme.md',
    ];
    putFiles(folder, {
      'three/list.txt': list.join('\r\n'),
      'data.yaml': 'train: [one, two, three/list.txt]\nnames: [scratch]',
    });
    const listing = await yamlListing(folder);
    expect(seen(listing, folder)).toEqual([
      'train one/a.jpg',
      'train three/c.jpg',
      'train three/d e.jpg',
      'train three/f.jpg',
      'train two/b.jpg',
    ]);
    expect(codes(listing).toSorted()).toEqual([
      'image-missing',
      'list-entry-no-image',
      'listed-twice',
      'unsupported-format',
    ]);
    const missing = listing.problems.find(({ code }) => code === 'image-missing');
    expect(missing).toMatchObject({
      file: join(folder, 'three', 'list.txt'),
      line: 6,
      message: expect.stringContaining('gone.jpg is not there'),
    });
  });

  it('finds names in another Unicode form, and with Windows separators', async () => {
    const folder = dataset(['images/e\u0301/a.jpg', 'images/u\u0308.jpg', 'pics/x/b.jpg']);
    putFiles(folder, {
      'list.txt': './images/\u00fc.jpg\n.\\pics\\x\\b.jpg',
      'data.yaml': 'train: [images/\u00e9, list.txt]\nnames: [scratch]',
    });
    expect(seen(await yamlListing(folder), folder)).toEqual([
      'train images/e\u0301/a.jpg',
      'train images/u\u0308.jpg',
      'train pics/x/b.jpg',
    ]);
  });

  it('assigns an image in two splits to validation or test, with a warning', async () => {
    const folder = dataset(
      ['images/a.jpg', 'images/b.jpg', 'images/c.jpg'],
      'train: images',
      'val: val.txt',
      'test: test.txt',
    );
    putFiles(folder, { 'val.txt': './images/b.jpg\n./images/c.jpg', 'test.txt': './images/c.jpg' });
    const listing = await yamlListing(folder);
    expect(seen(listing, folder)).toEqual(['train images/a.jpg', 'val images/b.jpg', 'val images/c.jpg']);
    const leaks = listing.problems.filter(({ code }) => code === 'split-leak');
    expect(leaks).toHaveLength(2);
    expect(codes(listing)).toContain('test-repeats-validation');
    expect(leaks.map(({ message }) => message).join('\n')).toContain(
      `${join(folder, 'images/b.jpg')} is in the val split and in the train split; it is used for val alone`,
    );
  });

  it('keeps training images if val names the same folder', async () => {
    const folder = dataset(['images/a.jpg', 'images/b.jpg'], 'train: images', 'val: images');
    const listing = await yamlListing(folder);
    expect(seen(listing, folder)).toEqual(['train images/a.jpg', 'train images/b.jpg']);
    expect(listing).toMatchObject({
      hasValidationSplit: false,
      problems: [{ severity: 'error', code: 'validation-is-training' }],
    });
  });

  it('never runs a download entry', async () => {
    const folder = dataset(['images/a.jpg'], 'train: images', 'download: bash -c "touch pwned"');
    expect(codes(await yamlListing(folder))).toEqual(['download-ignored']);
  });

  it.each([
    [['train: nowhere'], 'split-missing', /"nowhere" .*which is not there/],
    [['train: data.yaml'], 'split-invalid', /neither a folder nor a \.txt list/],
    [['train: [images'], 'yaml-syntax', /line \d+, column \d+/],
    [['val: images'], 'train-missing', /names no "train"/],
    [['train: empty'], 'no-images', /no image that is read\. Looked in: .*empty/],
    [['train: images', 'kpt_shape: [17, 3]'], 'task-unsupported', /poses/],
    [['train: images', 'task: obb'], 'task-unsupported', /oriented boxes/],
  ])('rejects %j with %s', async (yaml, code, message) => {
    const folder = dataset(['images/a.jpg'], ...yaml);
    mkdirSync(join(folder, 'empty'));
    await expect(yamlListing(folder)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      where: expect.stringContaining(join(folder, 'data.yaml')),
      hint: expect.stringMatching(/\w+ \w+/u),
    });
  });

  it('reports a missing and an unreadable description', async () => {
    const folder = temporaryFolder();
    await expect(yamlListing(folder)).rejects.toMatchObject({
      code: 'description-missing',
      message: expect.stringContaining(join(folder, 'data.yaml')),
      hint: expect.stringContaining('moved'),
    });
    mkdirSync(join(folder, 'data.yaml'));
    await expect(yamlListing(folder)).rejects.toMatchObject({
      code: 'description-unreadable',
      message: expect.stringContaining('EISDIR'),
    });
  });

  it('lists unsupported formats if there are no other images', async () => {
    const folder = dataset(['images/a.heic', 'images/b.heic'], 'train: images');
    await expect(yamlListing(folder)).rejects.toMatchObject({
      code: 'no-images',
      message: expect.stringMatching(/2 \.heic images are not read, since .*HEVC/),
    });
  });
});

describe('a folder of images', () => {
  it('uses all images below as training images', async () => {
    const folder = dataset(['a.jpg', 'x/images/b.jpg', 'x/labels/b.txt', 'a.txt']);
    const listing = await folderListing(folder);
    expect(seen(listing, folder)).toEqual(['train a.jpg', 'train x/images/b.jpg']);
    expect(listing).toMatchObject({ classNames: ['scratch'], hasValidationSplit: false, problems: [] });
  });

  it('rejects missing folders and missing names', async () => {
    const folder = dataset(['a.jpg']);
    await expect(folderListing(join(folder, 'gone'))).rejects.toMatchObject({
      code: 'folder-missing',
      hint: expect.stringContaining('moved'),
    });
    await expect(folderListing(join(folder, 'a.jpg'))).rejects.toMatchObject({
      message: expect.stringContaining('is a file'),
    });
    await expect(files.list({ kind: 'folder', path: folder, classNames: [], poolFolders: [] })).rejects.toMatchObject({
      code: 'names-missing',
    });
    await expect(folderListing(folder, [join(folder, 'gone')])).rejects.toMatchObject({
      code: 'folder-missing',
      message: expect.stringContaining('pool folder'),
    });
  });

  it('adds pool folders as separate roots; images of the dataset stay in their split', async () => {
    const folder = dataset(
      ['set/images/a.jpg', 'set/images/b.jpg', 'more/c.jpg'],
      'path: set',
      'train: images/a.txt',
      'val: images/b.txt',
    );
    putFiles(folder, { 'set/images/a.txt': './a.jpg', 'set/images/b.txt': './b.jpg' });
    const listing = await yamlListing(folder, [join(folder, 'more'), folder]);
    expect(seen(listing, folder)).toEqual(['pool more/c.jpg', 'train set/images/a.jpg', 'val set/images/b.jpg']);
    expect(listing.roots).toEqual([
      { path: join(folder, 'set'), kind: 'dataset' },
      { path: join(folder, 'more'), kind: 'pool' },
      { path: folder, kind: 'pool' },
    ]);
    expect(listing.problems).toMatchObject([
      { code: 'pool-overlap', severity: 'info', message: expect.stringContaining('3 images') },
    ]);
  });

  it.runIf(process.platform !== 'win32')('follows links to folders once, even in cycles', async () => {
    const folder = dataset(['images/a.jpg', 'elsewhere/b.jpg']);
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'images', '0link'));
    symlinkSync('..', join(folder, 'images', 'circle'));
    symlinkSync('gone', join(folder, 'images', 'dangling.jpg'));
    symlinkSync('gone', join(folder, 'images', 'dangling'));
    const listing = await folderListing(join(folder, 'images'));
    expect(seen(listing, folder)).toEqual(['train images/0link/b.jpg', 'train images/a.jpg']);
    expect(listing.problems).toMatchObject([{ code: 'image-missing', file: join(folder, 'images', 'dangling.jpg') }]);
  });

  it('skips hidden folders and files', async () => {
    const folder = dataset(['a.jpg', '.active-learning/runs/1/b.jpg', '.git/c.jpg', '._a.jpg']);
    expect(seen(await folderListing(folder), folder)).toEqual(['train a.jpg']);
  });

  it('reports unsupported formats with the reason', async () => {
    const folder = dataset(['a.jpg', 'b.heic', 'c.HEIC', 'd.gif', 'e.pdf']);
    const { problems } = await folderListing(folder);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatchObject({
      severity: 'warning',
      code: 'unsupported-format',
      hint: expect.stringContaining('PNG or JPEG'),
    });
    expect(problems[0]?.message).toMatch(/^2 \.heic images are not read, since .*HEVC.*b\.heic, .*c\.HEIC\.$/);
    expect(problems[1]?.message).toMatch(/^1 \.gif image is not read/);
  });

  it('warns of images that share a label file', async () => {
    const folder = dataset(['images/a.jpg', 'images/a.png', 'images/b.jpg']);
    const { problems } = await folderListing(folder);
    expect(problems).toMatchObject([
      { code: 'shared-label-file', message: expect.stringContaining(join(folder, 'labels', 'a.txt')) },
    ]);
  });

  it.runIf(process.platform !== 'win32')(
    'works with any name, and tells the ones that Windows cannot hold',
    async () => {
      const names = [
        'a b.jpg',
        'é.jpg',
        'e\u0301.jpg',
        '#%20.jpg',
        '"q".jpg',
        "it's.jpg",
        '<x>.jpg',
        'line\nbreak.jpg',
        'con.jpg',
      ];
      const folder = dataset(names);
      const listing = await folderListing(folder);
      expect(listing.images.map(({ relativePath }) => relativePath).toSorted()).toEqual(names.toSorted());
      expect(listing.problems).toMatchObject([
        { code: 'name-not-portable', severity: 'info', message: expect.stringMatching(/^3 image names/) },
      ]);
    },
  );

  it('yields to the event loop while it lists, and keeps the same order each time', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `images/${i % 7}/${i}.jpg`);
    const folder = dataset(names);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const first = await folderListing(folder);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
    expect(first.images).toHaveLength(300);
    expect((await folderListing(folder)).images).toEqual(first.images);
  });
});
