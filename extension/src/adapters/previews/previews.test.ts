import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { createPreviews, type Previews } from './previews.ts';

const workerPath = join(import.meta.dirname, 'previewWorker.ts');

function bench(): { folder: string; cache: string; previews: Previews; warnings: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'previews ü-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const warnings: string[] = [];
  const cache = join(folder, 'cache', 'previews');
  const previews = createPreviews({ folder: cache, workerPath, onWarning: (message) => warnings.push(message) });
  return { folder, cache, previews, warnings };
}

const picture = () => sharp({ create: { width: 40, height: 20, channels: 3, background: '#c04010' } });

test('a TIFF is converted once, with orientation applied and any file name', async () => {
  const { folder, cache, previews, warnings } = bench();
  const path = join(folder, 'scan.jpg');
  await picture().withMetadata({ orientation: 6 }).tiff().toFile(path);
  const [shown, again] = await Promise.all([
    previews.pathFor({ path, contentHash: 'abc' }),
    previews.pathFor({ path, contentHash: 'abc' }),
  ]);
  expect(warnings).toEqual([]);
  expect(shown).toBe(join(cache, 'abc.jpg'));
  expect(again).toBe(shown);
  expect(await sharp(shown).metadata()).toMatchObject({ format: 'jpeg', width: 20, height: 40 });
  const { mtimeMs } = await stat(shown);
  expect(await previews.pathFor({ path, contentHash: 'abc' })).toBe(shown);
  expect((await stat(shown)).mtimeMs).toBe(mtimeMs);
  expect(readdirSync(cache)).toEqual(['abc.jpg']);
});

test('the next image is converted while the current one is shown', async () => {
  const { folder, previews } = bench();
  const path = join(folder, 'scan.tif');
  await picture().tiff().toFile(path);
  expect(await previews.pathIfReady({ path, contentHash: null })).toBeNull();
  const made = await previews.pathFor({ path, contentHash: null });
  expect(await previews.pathIfReady({ path, contentHash: null })).toBe(made);
});

test('a copy is always written to the previews folder, even with a malicious hash or link', async () => {
  const { folder, cache, previews, warnings } = bench();
  const path = join(folder, 'scan.tif');
  await picture().tiff().toFile(path);
  const shown = await previews.pathFor({ path, contentHash: '../../victim' });
  expect(dirname(shown)).toBe(cache);
  expect(existsSync(join(folder, 'victim.jpg'))).toBe(false);
  const victim = join(folder, 'victim');
  symlinkSync(victim, join(cache, 'dead.jpg'));
  expect(await previews.pathFor({ path, contentHash: 'dead' })).toBe(join(cache, 'dead.jpg'));
  expect(existsSync(victim)).toBe(false);
  expect(warnings).toEqual([]);
});

test('an image that a browser can show is not converted', async () => {
  const { folder, previews } = bench();
  const path = join(folder, 'a.png');
  await picture().png().toFile(path);
  expect(await previews.pathFor({ path, contentHash: 'x' })).toBe(path);
  expect(await previews.pathIfReady({ path, contentHash: 'x' })).toBe(path);
});

test('a damaged or missing file is returned unchanged and reported', async () => {
  const { folder, cache, previews, warnings } = bench();
  const path = join(folder, 'broken.tif');
  writeFileSync(path, Buffer.concat([Buffer.from('II*\0'), Buffer.alloc(100, 7)]));
  expect(await previews.pathFor({ path, contentHash: 'b' })).toBe(path);
  expect(warnings).toEqual([expect.stringContaining('broken.tif')]);
  expect(readdirSync(cache)).toEqual([]);
  const missing = join(folder, 'none.tif');
  expect(await previews.pathFor({ path: missing, contentHash: null })).toBe(missing);
});
