import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { createThumbnails, type ThumbnailOptions, type Thumbnails } from './thumbnails.ts';
import type { PreviewImage } from './cacheName.ts';
import { trimFolder } from './trimFolder.ts';

interface Bench {
  readonly folder: string;
  readonly cache: string;
  readonly thumbnails: Thumbnails;
  readonly warnings: string[];
  /** The paths, in the order of the images, once all are done. */
  all(images: readonly PreviewImage[]): Promise<(string | null)[]>;
}

function bench(options: Partial<ThumbnailOptions> = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'thumbnails ü-'));
  const warnings: string[] = [];
  const cache = join(folder, 'cache', 'thumbnails');
  const thumbnails = createThumbnails({
    folder: cache,
    workerPath: join(import.meta.dirname, 'thumbnailWorker.ts'),
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  onTestFinished(async () => {
    await thumbnails.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const all = (images: readonly PreviewImage[]): Promise<(string | null)[]> =>
    new Promise((resolve) => {
      const paths: (string | null)[] = [];
      let done = 0;
      thumbnails.make(images, (index, path) => {
        paths[index] = path;
        done += 1;
        if (done === images.length) resolve(paths);
      });
    });
  return { folder, cache, thumbnails, warnings, all };
}

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#c04010' } });

test('a thumbnail is small, upright, and named after the content in one of 256 folders', async () => {
  const { folder, cache, thumbnails, warnings, all } = bench();
  const jpeg = join(folder, 'a.jpg');
  const tiff = join(folder, 'b.tif');
  const small = join(folder, 'c.png');
  await picture(800, 400).withMetadata({ orientation: 6 }).jpeg().toFile(jpeg);
  await picture(300, 600).tiff().toFile(tiff);
  await picture(40, 20).png().toFile(small);
  const images = [
    { path: jpeg, contentHash: 'aabb' },
    { path: tiff, contentHash: 'bbcc' },
    { path: small, contentHash: 'ccdd' },
  ];
  expect(await thumbnails.pathIfReady({ path: jpeg, contentHash: 'aabb' })).toBeNull();
  const paths = await all(images);
  expect(paths).toEqual([
    join(cache, 'aa', 'aabb.webp'),
    join(cache, 'bb', 'bbcc.webp'),
    join(cache, 'cc', 'ccdd.webp'),
  ]);
  const sizes = await Promise.all(paths.map((path) => sharp(path ?? '').metadata()));
  expect(sizes.map(({ format, width, height }) => ({ format, width, height }))).toEqual([
    { format: 'webp', width: 128, height: 256 },
    { format: 'webp', width: 128, height: 256 },
    { format: 'webp', width: 40, height: 20 },
  ]);
  expect(await thumbnails.pathIfReady({ path: jpeg, contentHash: 'aabb' })).toBe(paths[0]);
  expect(warnings).toEqual([]);
  // Windows has no such rights.
  expect(process.platform === 'win32' || (statSync(paths[0] ?? '').mode & 0o777) === 0o600).toBe(true);
});

test('a thumbnail is made once, and one that is shown counts as used', async () => {
  const { folder, thumbnails, all } = bench();
  const path = join(folder, 'a.png');
  await picture(400, 400).png().toFile(path);
  const [made = ''] = await all([{ path, contentHash: null }]);
  const before = statSync(made ?? '').mtimeMs;
  expect(await all([{ path, contentHash: null }])).toEqual([made]);
  expect(statSync(made ?? '').mtimeMs).toBe(before);
  utimesSync(made ?? '', 1, 1);
  expect(await thumbnails.pathIfReady({ path, contentHash: null })).toBe(made);
  expect(statSync(made ?? '').mtimeMs).toBeGreaterThan(1e12);
});

test('a damaged, missing or maliciously named image leaves the others alone', async () => {
  const { folder, cache, warnings, all } = bench();
  const good = join(folder, 'good.png');
  const damaged = join(folder, 'damaged.jpg');
  await picture(400, 400).png().toFile(good);
  writeFileSync(damaged, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(400, 7)]));
  const paths = await all([
    { path: damaged, contentHash: 'd' },
    { path: join(folder, 'none.png'), contentHash: 'e' },
    { path: good, contentHash: '../../victim' },
  ]);
  expect(paths.slice(0, 2)).toEqual([null, null]);
  expect(paths[2]?.startsWith(cache)).toBe(true);
  expect(warnings).toEqual([expect.stringContaining('damaged.jpg'), expect.stringContaining('none.png')]);
  expect(existsSync(join(folder, 'victim.webp'))).toBe(false);
});

test('nothing is written through a link', async () => {
  const { folder, cache, warnings, all } = bench();
  const path = join(folder, 'a.png');
  await picture(400, 400).png().toFile(path);
  await all([{ path, contentHash: 'zz1' }]);
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
  symlinkSync(elsewhere, join(cache, 'yy'));
  expect(await all([{ path, contentHash: 'yy1' }])).toEqual([null]);
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('is a link')]);
});

test('what was asked for before and is not begun gives way to what is seen now', async () => {
  const { folder, thumbnails, all } = bench();
  const paths = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const path = join(folder, `${index}.png`);
      await picture(1200, 1200).png().toFile(path);
      return path;
    }),
  );
  const early: number[] = [];
  thumbnails.make(
    paths.slice(0, 11).map((path, index) => ({ path, contentHash: `early${index}` })),
    (index) => early.push(index),
  );
  expect(await all([{ path: paths[11] ?? '', contentHash: 'late' }])).toEqual([expect.stringContaining('late.webp')]);
  expect(early.length).toBeLessThan(3);
});

test('the process ends when it is idle, and another one starts for the next image', async () => {
  const { folder, all } = bench({ idleMs: 1 });
  const path = join(folder, 'a.png');
  await picture(400, 400).png().toFile(path);
  expect(await all([{ path, contentHash: 'f1' }])).toEqual([expect.stringContaining('f1.webp')]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await all([{ path, contentHash: 'f2' }])).toEqual([expect.stringContaining('f2.webp')]);
});

test('the thumbnails that were used longest ago are deleted above the limit', async () => {
  const { folder, cache, all } = bench();
  const path = join(folder, 'a.png');
  await picture(400, 400).png().toFile(path);
  await all(['a1', 'a2', 'b1', 'b2'].map((contentHash) => ({ path, contentHash })));
  const [bytes = 0] = ['a1'].map((name) => statSync(join(cache, 'a1', `${name}.webp`)).size);
  for (const [index, name] of ['b1', 'a2', 'a1', 'b2'].entries()) {
    utimesSync(join(cache, name, `${name}.webp`), 1000 + index, 1000 + index);
  }
  await trimFolder(cache, 4 * bytes);
  expect(filesOf(cache)).toEqual(['a1', 'a2', 'b1', 'b2']);
  await trimFolder(cache, 3 * bytes);
  expect(filesOf(cache)).toEqual(['a1', 'b2']);
});

function filesOf(cache: string): string[] {
  return readdirSync(cache)
    .flatMap((shard) => readdirSync(join(cache, shard)))
    .map((name) => name.replace('.webp', ''))
    .toSorted();
}
