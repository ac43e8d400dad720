import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { NearDuplicateFinder } from '../../../core/duplicates/nearDuplicates.ts';
import { differingBits, parseHash, type PerceptualHash } from '../../../core/duplicates/perceptualHash.ts';
import { HashedImages, type HashedImage } from '../../../core/duplicates/hashedImages.ts';
import { decodeRgb, decodeRgbBytes } from './decodeImage.ts';
import { perceptualHashOf } from './perceptualHash.ts';

const boards = join(process.env['AL_TEST_DATA'] ?? '', 'data', 'deeppcb', 'images');

async function hashOf(picture: Sharp): Promise<PerceptualHash> {
  const hash = parseHash(perceptualHashOf(await decodeRgbBytes(await picture.toBuffer(), 'picture')));
  if (hash === null) throw new Error('no hash');
  return hash;
}

/** A board with pseudo-random tracks. */
function board(seed: number, width = 400): Sharp {
  const tracks = Array.from({ length: 12 }, (_, i) => {
    const at = (seed * 7919 + i * 104_729) % 380;
    const other = (seed * 15_485 + i * 32_452) % 380;
    return `<rect x="${at}" y="${other % 300}" width="${30 + (other % 160)}" height="${12 + (at % 40)}" fill="white"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="320"><rect width="400" height="320" fill="#123"/>${tracks.join('')}</svg>`;
  return sharp(Buffer.from(svg)).resize(width).removeAlpha().png();
}

const differing = (a: PerceptualHash, b: PerceptualHash): number =>
  a.reduce((sum, word, i) => sum + differingBits(word, b[i] ?? 0), 0);

describe('the perceptual hash of an image', () => {
  it('is nearly the same at any size and compression', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const hash = await hashOf(board(seed));
      for (const width of [200, 333, 800, 3000]) {
        expect(differing(hash, await hashOf(board(seed, width)))).toBeLessThan(8);
      }
      expect(differing(hash, await hashOf(board(seed).jpeg({ quality: 40 })))).toBeLessThan(8);
      expect(differing(hash, await hashOf(board(seed + 10)))).toBeGreaterThan(24);
    }
  });

  it('exists for the smallest images', async () => {
    expect(parseHash(perceptualHashOf({ data: new Uint8Array(3).fill(7), width: 1, height: 1 }))).toEqual([0, 0, 0, 0]);
  });
});

/** Typical changes by editing, a camera or a server. */
const copies: Readonly<Record<string, (path: string) => Sharp>> = {
  compressed: (path) => sharp(path).jpeg({ quality: 50 }),
  scaled: (path) => sharp(path).resize(480).jpeg({ quality: 80 }),
  brightened: (path) => sharp(path).modulate({ brightness: 1.15 }).jpeg({ quality: 90 }),
  blurred: (path) => sharp(path).blur(1.5).jpeg({ quality: 85 }),
};

// Skipped without the folder of test data that AL_TEST_DATA names.
describe.skipIf(!existsSync(boards))('600 circuit boards of few designs', () => {
  it('all have different hashes, and nearly all copies are detected', async () => {
    const paths = ['train', 'val'].flatMap((split) =>
      readdirSync(join(boards, split)).map((name) => join(boards, split, name)),
    );
    const pictures = new HashedImages();
    const originals: HashedImage[] = [];
    for (const [imageId, path] of paths.entries()) {
      originals.push({ imageId, contentHash: null, hash: parseHash(perceptualHashOf(await decodeRgb(path))) });
    }
    for (const picture of originals) pictures.add(picture);
    const finder = new NearDuplicateFinder(pictures, null);
    expect(pictures.size).toBe(600);
    expect(originals.filter((picture) => finder.find(picture) !== null)).toEqual([]);
    for (const [how, copy] of Object.entries(copies)) {
      const found: number[] = [];
      for (let imageId = 0; imageId < paths.length; imageId += 12) {
        const like = finder.find({ imageId: -1, contentHash: null, hash: await hashOf(copy(paths[imageId] ?? '')) });
        if (like !== null) found.push(like.imageId - imageId);
      }
      expect([how, found]).toEqual([how, found.map(() => 0)]);
      expect([how, found.length >= 40]).toEqual([how, true]);
    }
  }, 240_000);
});
