import {
  chmod,
  link,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SnapshotImage } from '../../../workflow/ports/job.ts';
import { nodeFiles, type FileOps } from '../../python/fileOps.ts';
import { temporaryFolder, writeImage } from '../testing/runs.ts';
import { writeSnapshot } from './snapshot.ts';
import { decodeRgb } from '../../files/images/decodeImage.ts';
import { writePng } from '../../files/images/writePng.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dataset: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  dataset = join(folder.path, 'run', 'dataset');
});

afterEach(() => folder.remove());

function image(imageId: number, absolutePath: string, change: Partial<SnapshotImage> = {}): SnapshotImage {
  return { imageId, absolutePath, labelText: '0 0.5 0.5 0.2 0.2\n', split: 'train', ...change };
}

async function writeSource(name: string, seed = 1): Promise<string> {
  const path = join(folder.path, name);
  await writeImage(path, seed);
  return path;
}

function write(images: readonly SnapshotImage[], files: FileOps = nodeFiles, names = ['scratch']): Promise<void> {
  return writeSnapshot(files, dataset, images, names, undefined, writePng);
}

function refuse(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${code}: refused`), { code }));
}

async function sameFile(first: string, second: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(first), stat(second)]);
  return a.ino === b.ino && a.dev === b.dev;
}

describe('images', () => {
  it.each(['png', 'jpg', 'webp', 'tif'])('links a %s, named by its id', async (extension) => {
    const source = await writeSource(`a.${extension}`);
    await write([image(7, source)]);
    const placed = join(dataset, 'images', 'train', `7.${extension}`);
    expect(await sameFile(placed, source)).toBe(true);
  });

  it.each(['jpg', 'JPEG', 'png'])(
    'ends a copy of a JPEG that does not end in its mark, whatever its extension (%s)',
    async (extension) => {
      const whole = await readFile(await writeSource('whole.jpg'));
      for (const bytes of [whole.subarray(0, -2), Buffer.concat([whole, Buffer.from('trailing')])]) {
        const source = join(folder.path, `cut.${extension}`);
        await writeFile(source, bytes);
        await write([image(1, source)]);
        const placed = join(dataset, 'images', 'train', '1.jpg');
        expect((await lstat(placed)).isSymbolicLink()).toBe(false);
        expect(await sameFile(placed, source)).toBe(false);
        expect(await readFile(placed)).toEqual(Buffer.concat([bytes, Buffer.from([0xff, 0xd9])]));
        await writeFile(placed, 'rewritten by the trainer');
        expect(await readFile(source)).toEqual(bytes);
      }
    },
  );

  it('replaces a link in place of a label instead of writing through it', async () => {
    const source = await writeSource('a.png');
    const victim = join(folder.path, 'victim.txt');
    await writeFile(victim, 'mine');
    await mkdir(join(dataset, 'labels', 'train'), { recursive: true });
    await symlink(victim, join(dataset, 'labels', 'train', '1.txt'));
    await write([image(1, source)]);
    expect(await readFile(victim, 'utf8')).toBe('mine');
    expect(await readFile(join(dataset, 'labels', 'train', '1.txt'), 'utf8')).toBe('0 0.5 0.5 0.2 0.2\n');
  });

  it('decodes an AVIF to the pixels that scoring uses, with any extension', async () => {
    const source = await writeSource('a.avif');
    const named = join(folder.path, 'b.jpg');
    await rename(source, named);
    await write([image(3, named)]);
    const placed = join(dataset, 'images', 'train', '3.png');
    expect(await readdir(join(dataset, 'images', 'train'))).toEqual(['3.png']);
    expect((await sharp(placed).metadata()).format).toBe('png');
    const [seen, scored] = [await decodeRgb(placed), await decodeRgb(named)];
    expect([seen.width, seen.height]).toEqual([scored.width, scored.height]);
    expect(Buffer.compare(seen.data, scored.data)).toBe(0);
    await writeFile(named, (await readFile(named)).subarray(0, 200));
    await expect(write([image(3, named)])).rejects.toMatchObject({ code: 'truncated', where: named });
  });

  it('creates a symbolic link if hard links do not work, and a copy if neither works', async () => {
    const source = await writeSource('a.png');
    const placed = join(dataset, 'images', 'train', '1.png');
    await write([image(1, source)], { ...nodeFiles, link: refuse('EXDEV') });
    expect(await readlink(placed)).toBe(source);
    await write([image(1, source)], { ...nodeFiles, link: refuse('EPERM'), symlink: refuse('EPERM') });
    // An existing link stays.
    expect(await readlink(placed)).toBe(source);
    await rm(placed);
    await write([image(1, source)], { ...nodeFiles, link: refuse('EPERM'), symlink: refuse('EPERM') });
    expect((await lstat(placed)).isSymbolicLink()).toBe(false);
    expect(await sameFile(placed, source)).toBe(false);
    expect(await readFile(placed)).toEqual(await readFile(source));
  });

  it('links the target of a symbolic link', async () => {
    const source = await writeSource('real.png');
    await symlink('real.png', join(folder.path, 'alias.png'));
    await write([image(1, join(folder.path, 'alias.png'))]);
    const placed = join(dataset, 'images', 'train', '1.png');
    expect((await lstat(placed)).isSymbolicLink()).toBe(false);
    expect(await sameFile(placed, source)).toBe(true);
  });

  it.each(['a b.png', 'ü#1%20.png', `it's "so" <x>&.png`, '[a-z]*?.png', '-rf.png', '. .png', '图像.PNG'])(
    'takes a file named %s',
    async (name) => {
      const source = await writeSource('plain.png');
      await rename(source, join(folder.path, name));
      await write([image(1, join(folder.path, name))]);
      expect(await readdir(join(dataset, 'images', 'train'))).toEqual(['1.png']);
    },
  );

  it('names a file without a useful extension by its content', async () => {
    const source = await writeSource('a.jpg');
    await rename(source, join(folder.path, 'a.jfif'));
    await write([image(1, join(folder.path, 'a.jfif'))]);
    expect(await readdir(join(dataset, 'images', 'train'))).toEqual(['1.jpg']);
  });

  it.each([
    ['gone', null, 'is no longer there'],
    ['empty', '', 'is empty'],
    ['of no known format', 'GIF89a and so on', 'has a format that training cannot read'],
  ])('rejects an image that is %s, with its path', async (_, content, message) => {
    const source = join(folder.path, 'a.gif');
    if (content !== null) await writeFile(source, content);
    await expect(write([image(1, source)])).rejects.toMatchObject({
      code: 'dataset-invalid',
      where: source,
      message: expect.stringContaining(message),
    });
  });

  it('rejects a folder in place of an image', async () => {
    await mkdir(join(folder.path, 'a.png'));
    await expect(write([image(1, join(folder.path, 'a.png'))])).rejects.toMatchObject({ code: 'dataset-invalid' });
  });

  it('reports a full disk instead of trying a copy', async () => {
    const source = await writeSource('a.png');
    await expect(write([image(1, source)], { ...nodeFiles, link: refuse('ENOSPC') })).rejects.toThrow('ENOSPC');
    const copying = { ...nodeFiles, link: refuse('EPERM'), symlink: refuse('EPERM'), copyFile: refuse('ENOSPC') };
    await expect(write([image(1, source)], copying)).rejects.toThrow('ENOSPC');
  });

  it('reads a read-only dataset without changing it', async () => {
    await mkdir(join(folder.path, 'data'));
    const source = await writeSource('data/a.png');
    const before = await stat(source, { bigint: true });
    await chmod(join(folder.path, 'data'), 0o555);
    try {
      await write([image(1, source)]);
      const after = await stat(source, { bigint: true });
      expect(after.mtimeNs).toBe(before.mtimeNs);
      expect(await readdir(join(folder.path, 'data'))).toEqual(['a.png']);
    } finally {
      await chmod(join(folder.path, 'data'), 0o755);
    }
  });
});

describe('labels and data.yaml', () => {
  it('writes label texts byte for byte, an empty one for a background image', async () => {
    const source = await writeSource('a.png');
    const text = '0 0.50 .5 0.1 0.1 \r\n# ü';
    await write([
      image(1, source, { labelText: text }),
      image(2, source, { labelText: '' }),
      image(3, source, { split: 'val' }),
    ]);
    expect(await readFile(join(dataset, 'labels', 'train', '1.txt'), 'utf8')).toBe(text);
    expect(await readFile(join(dataset, 'labels', 'train', '2.txt'), 'utf8')).toBe('');
    expect(await readdir(join(dataset, 'labels', 'val'))).toEqual(['3.txt']);
  });

  it.each(['1.1', '1.2'] as const)('writes class names so that YAML %s reads them unchanged', async (version) => {
    const names = [
      'no',
      '12:30',
      '1_000',
      '~',
      ' a: b # c',
      `it's "quoted"`,
      'ü\t图',
      '',
      'null',
      '0x1F',
      '*x',
      '2024-01-01',
      'a\u007Fb\u0085c\u2028d\uFEFFe\u{1F529}',
    ];
    await write([image(1, await writeSource('a.png'))], nodeFiles, names);
    const text = await readFile(join(dataset, 'data.yaml'), 'utf8');
    expect(text).not.toMatch(/[\u007F-\u009F\u2028\u2029\uFEFF]/u);
    const read: unknown = parse(text, { version, mapAsMap: true });
    expect(read).toEqual(
      new Map<string, unknown>([
        ['path', dataset],
        ['train', 'images/train'],
        ['val', 'images/val'],
        ['names', new Map(names.map((name, id) => [id, name]))],
      ]),
    );
  });

  it('rejects a training without images, and an image that is listed twice', async () => {
    const source = await writeSource('a.png');
    await expect(write([image(1, source, { split: 'val' })])).rejects.toMatchObject({ code: 'dataset-invalid' });
    await expect(write([image(1, source), image(1, source)])).rejects.toMatchObject({ code: 'dataset-invalid' });
  });
});

describe('writing again', () => {
  it('keeps correct files, applies changes and removes the rest', async () => {
    const [a, b, c] = [await writeSource('a.png', 1), await writeSource('b.jpg', 2), await writeSource('c.png', 3)];
    await write([image(1, a), image(2, b), image(3, c, { split: 'val' })]);
    const kept = join(dataset, 'labels', 'train', '1.txt');
    await utimes(kept, 1, 1);
    await writeFile(join(dataset, 'labels', 'train.cache'), 'stale');
    await writeFile(join(dataset, 'images', 'train', '9.npy'), 'stale');

    await write([image(1, a), image(3, c), image(4, b, { labelText: '1 .5 .5 1 1\n' })]);
    expect(await readdir(join(dataset, 'images', 'train'))).toEqual(['1.png', '3.png', '4.jpg']);
    expect(await readdir(join(dataset, 'images', 'val'))).toEqual([]);
    expect(await readdir(join(dataset, 'labels'))).toEqual(['train', 'val']);
    expect(await readdir(join(dataset, 'labels', 'train'))).toEqual(['1.txt', '3.txt', '4.txt']);
    expect((await stat(kept)).mtimeMs).toBe(1000);
    expect(await sameFile(join(dataset, 'images', 'train', '1.png'), a)).toBe(true);
  });

  it('never writes through an old link into the file of the user', async () => {
    const [a, b] = [await writeSource('a.png', 1), await writeSource('b.png', 2)];
    const before = await readFile(a);
    await write([image(1, a)]);
    const copying = { ...nodeFiles, link: refuse('EPERM'), symlink: refuse('EPERM') };
    await write([image(1, b)], copying);
    expect(await readFile(a)).toEqual(before);
    expect(await readFile(join(dataset, 'images', 'train', '1.png'))).toEqual(await readFile(b));
  });

  it('replaces an image whose file was replaced', async () => {
    const a = await writeSource('a.png', 1);
    await write([image(1, a)]);
    await rm(a);
    await writeImage(a, 5);
    await write([image(1, a)]);
    expect(await sameFile(join(dataset, 'images', 'train', '1.png'), a)).toBe(true);
  });

  it('handles many images at the same time', async () => {
    const source = await writeSource('a.png');
    const images = await Promise.all(
      Array.from({ length: 300 }, async (_, id) => {
        const path = join(folder.path, `copy${id}.png`);
        await link(source, path);
        return image(id, path, { split: id % 5 === 0 ? 'val' : 'train' });
      }),
    );
    await write(images);
    expect(await readdir(join(dataset, 'images', 'train'))).toHaveLength(240);
    expect(await readdir(join(dataset, 'labels', 'val'))).toHaveLength(60);
    expect((await sharp(join(dataset, 'images', 'val', '295.png')).metadata()).width).toBe(64);
  });
});
