import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileAtomic } from './atomicFile.ts';
import { bytesOf, temporaryFolder } from './testing/labelFiles.ts';
import { chooseLabelSource } from './workspaceLabels.ts';

/** A root, a folder outside it, and labels that report why they use the overlay. */
function setUp() {
  const folder = temporaryFolder();
  const root = join(folder, 'set');
  const labelFolder = join(root, 'labels', 'train');
  mkdirSync(labelFolder, { recursive: true });
  mkdirSync(join(folder, 'outside'));
  const said: string[] = [];
  const labels = chooseLabelSource({
    backupFolder: join(folder, 'backups'),
    overlayFolder: join(folder, 'overlay'),
    onOverlay: (message) => said.push(message),
  });
  const image = { rootPath: root, relativePath: 'images/train/a.jpg' };
  return { folder, root, labels, image, said, path: join(labelFolder, 'a.txt') };
}

const put = (path: string, text: string, mode = 0o644): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

describe.skipIf(process.platform === 'win32')('a label that is a link', () => {
  it.each<[string, (at: ReturnType<typeof setUp>) => string, RegExp]>([
    ['out of the dataset', ({ folder }) => put(join(folder, 'outside', 'a.txt'), 'old'), /out of the dataset/],
    ['into .git/annex', ({ root }) => put(join(root, '.git', 'annex', 'objects', 'k.txt'), 'old'), /git-annex, DVC/],
    ['into .dvc/cache', ({ root }) => put(join(root, '.dvc', 'cache', 'files', '1b'), 'old'), /git-annex, DVC/],
    ['to a file without write permission', ({ root }) => put(join(root, 'store', '1b'), 'old', 0o444), /another store/],
  ])(
    '%s is not written through: the verdict goes to the overlay, an undo leaves all as it was',
    async (_, make, why) => {
      const at = setUp();
      const target = make(at);
      symlinkSync(target, at.path);
      const before = (await at.labels.read(at.image))?.hash ?? null;
      await at.labels.write(at.image, bytesOf('mine'), before);
      await at.labels.write(at.image, bytesOf('mine too'));
      expect((await at.labels.read(at.image))?.text).toBe('mine too');
      expect(at.said).toEqual([expect.stringMatching(why)]);
      expect(readlinkSync(at.path)).toBe(target);
      expect(readFileSync(target, 'utf8')).toBe('old');
      await at.labels.write(at.image, null);
      expect(await at.labels.read(at.image)).toBeNull();
      await at.labels.write(at.image, bytesOf('old'));
      expect((await at.labels.read(at.image))?.hash).toBe(before);
      expect(() => lstatSync(at.labels.locate(at.image))).toThrow(/ENOENT/);
      expect(readlinkSync(at.path)).toBe(target);
    },
  );

  it('within the dataset is written through and not replaced', async () => {
    const { labels, image, path, root, said } = setUp();
    const target = put(join(root, 'labels.v2', 'a.txt'), 'old');
    symlinkSync('../../labels.v2/a.txt', path);
    await labels.write(image, bytesOf('mine'));
    expect([readFileSync(target, 'utf8'), readlinkSync(path)]).toEqual(['mine', '../../labels.v2/a.txt']);
    expect(said).toEqual([]);
  });

  it('is never removed: the overlay marks a rejected image as unlabelled, and an undo removes the mark', async () => {
    const { labels, image, path, root, said } = setUp();
    const target = put(join(root, 'labels.v2', 'a.txt'), 'old');
    symlinkSync(target, path);
    await labels.write(image, null);
    expect(await labels.read(image)).toBeNull();
    expect([readFileSync(target, 'utf8'), readlinkSync(path)]).toEqual(['old', target]);
    expect(said).toEqual([expect.stringContaining('is a link; it stays')]);
    await labels.write(image, bytesOf('old'), null);
    expect((await labels.read(image))?.text).toBe('old');
    await labels.write(image, bytesOf('new'));
    expect([readFileSync(target, 'utf8'), readlinkSync(path)]).toEqual(['new', target]);
  });

  it('affects only its image: other images of the root keep their own files', async () => {
    const { labels, image, path, root, folder } = setUp();
    symlinkSync(put(join(folder, 'outside', 'a.txt'), 'old'), path);
    await labels.write(image, bytesOf('mine'));
    const other = { ...image, relativePath: 'images/train/b.jpg' };
    await labels.write(other, bytesOf('theirs'));
    expect(readFileSync(join(root, 'labels', 'train', 'b.txt'), 'utf8')).toBe('theirs');
    expect([labels.placeOf(image), labels.placeOf(other)]).toEqual(['overlay', 'files']);
  });

  it('in a label folder that links outside the dataset goes to the overlay, even if there is no label yet', async () => {
    const { labels, image, root, folder, said } = setUp();
    symlinkSync(join(folder, 'outside'), join(root, 'labels', 'val'));
    const away = { ...image, relativePath: 'images/val/n.jpg' };
    await labels.write(away, bytesOf('mine'));
    expect((await labels.read(away))?.text).toBe('mine');
    expect(() => lstatSync(join(folder, 'outside', 'n.txt'))).toThrow(/ENOENT/);
    expect(said).toHaveLength(1);
  });

  it('is allowed in the label folder next to an images root, and in a root that is a link itself', async () => {
    const { folder, labels } = setUp();
    mkdirSync(join(folder, 'real', 'images'), { recursive: true });
    symlinkSync(join(folder, 'real'), join(folder, 'set2'));
    for (const [rootPath, relativePath] of [
      [join(folder, 'set2', 'images'), 'a.jpg'],
      [join(folder, 'set2'), 'images/b.jpg'],
    ] as const) {
      await labels.write({ rootPath, relativePath }, bytesOf('mine'));
      expect(labels.placeOf({ rootPath, relativePath })).toBe('files');
    }
    expect(readFileSync(join(folder, 'real', 'labels', 'a.txt'), 'utf8')).toBe('mine');
    expect(readFileSync(join(folder, 'real', 'labels', 'b.txt'), 'utf8')).toBe('mine');
  });

  it('to a cache through a hard link, without write permission, goes to the overlay', async () => {
    const { labels, image, path, folder } = setUp();
    linkSync(put(join(folder, 'outside', 'object'), 'old', 0o444), path);
    await labels.write(image, bytesOf('mine'));
    expect(lstatSync(path).nlink).toBe(2);
    expect(labels.placeOf(image)).toBe('overlay');
  });

  it('without a target is never replaced by an atomic write', async () => {
    const { path } = setUp();
    symlinkSync('/not/mounted', path);
    await expect(writeFileAtomic(path, Buffer.from('x'))).rejects.toMatchObject({ code: 'unreadable' });
    expect(readlinkSync(path)).toBe('/not/mounted');
  });
});
