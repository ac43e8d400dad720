import { copyFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InferenceImage, InferenceResult } from '../../../workflow/ports/inference.ts';
import { collect, dynamicModel, fixedModel, ids, options, repeated } from '../testing/predictions.ts';
import { paint, testFolder, testInference } from '../testing/testBed.ts';

const folder = testFolder();
const inference = testInference();
const one = (absolutePath: string): InferenceImage[] => [{ imageId: 7, absolutePath }];

describe('predict', () => {
  it('returns boxes in pixels of the image, with the aspect ratio kept', async () => {
    // The image fits the 64 × 40 input of a model with stride 8 without scaling or padding.
    const path = await paint(join(folder, 'wide.png'), 64, 40, 'black', [
      { x: 24, y: 8, width: 8, height: 8, colour: 'red' },
      { x: 56, y: 32, width: 8, height: 8, colour: 'blue' },
    ]);
    const [result] = await collect(inference.predict(dynamicModel, one(path), options));
    expect(result).toStrictEqual({
      ok: true,
      imageId: 7,
      width: 64,
      height: 40,
      bestScore: 1,
      detections: [
        {
          classId: 0,
          confidence: 1,
          box: { x1: 24, y1: 8, x2: 32, y2: 16 },
          classScores: { classIds: [0], scores: [1] },
        },
        {
          classId: 2,
          confidence: 1,
          box: { x1: 56, y1: 32, x2: 64, y2: 40 },
          classScores: { classIds: [2], scores: [1] },
        },
      ],
    });
  });

  it.each([
    ['twice the size', 128, 80, { x1: 48, y1: 16, x2: 64, y2: 32 }],
    ['half the size', 32, 20, { x1: 12, y1: 4, x2: 16, y2: 8 }],
  ])('maps boxes back to an image of %s', async (_, width, height, box) => {
    const rectangle = { x: box.x1, y: box.y1, width: box.x2 - box.x1, height: box.y2 - box.y1, colour: 'lime' };
    const path = await paint(join(folder, `${width}.png`), width, height, 'black', [rectangle]);
    const [result] = await collect(inference.predict(dynamicModel, one(path), options));
    expect(result).toMatchObject({ ok: true, width, height, detections: [{ classId: 1, box }] });
  });

  it('letterboxes into the square of a fixed input', async () => {
    // 64 × 32 lies in the middle of the 64 × 64 input: 16 rows of grey above and below.
    const path = await paint(join(folder, 'half.png'), 64, 32, 'black', [
      { x: 0, y: 24, width: 16, height: 8, colour: 'red' },
    ]);
    const [result] = await collect(inference.predict(fixedModel, one(path), { ...options, imageSize: 320 }));
    expect(result).toMatchObject({
      ok: true,
      detections: [{ box: { x1: 0, y1: 24, x2: 8, y2: 32 } }, { box: { x1: 8, y1: 24, x2: 16, y2: 32 } }],
    });
  });

  it('keeps the best score of an image without detections, and omits class scores and embedding', async () => {
    const path = await paint(join(folder, 'dim.png'), 64, 64, '#330066');
    const plain = { ...options, classScoresAbove: null };
    const [dim] = await collect(inference.predict(dynamicModel, one(path), plain));
    expect(dim).toMatchObject({ ok: true, detections: [] });
    expect(dim?.ok === true && dim.bestScore).toBeCloseTo(0x66 / 255, 5);
    const [lower] = await collect(inference.predict(dynamicModel, one(path), { ...plain, minConfidence: 0.3 }));
    expect(lower?.ok === true && lower.detections).toHaveLength(64);
    expect(lower?.ok === true && Object.keys(lower.detections[0] ?? {})).toStrictEqual([
      'classId',
      'confidence',
      'box',
    ]);
    expect(lower).not.toHaveProperty('embedding');
  });

  it('returns the embedding on request', async () => {
    const path = await paint(join(folder, 'colour.png'), 64, 64, '#ff8000');
    const [result] = await collect(inference.predict(dynamicModel, one(path), { ...options, embedding: true }));
    if (result?.ok !== true || result.embedding === undefined) throw new Error('No embedding.');
    expect(result.embedding).toBeInstanceOf(Float32Array);
    expect(result.embedding.buffer.byteLength).toBe(12);
    expect([...result.embedding].map((value) => Math.round(value * 255))).toStrictEqual([255, 128, 0]);
  });

  it('reuses its input memory without leaving pixels of the previous image', async () => {
    const large = await paint(join(folder, 'large.png'), 64, 64, 'red');
    const narrow = await paint(join(folder, 'narrow.png'), 16, 64, 'black');
    const images = [large, narrow, large, narrow].map((absolutePath, imageId) => ({ imageId, absolutePath }));
    const results = await collect(inference.predict(fixedModel, images, options));
    const found = results.map((result) => [result.imageId, result.ok && result.detections.length]);
    expect(found.toSorted()).toStrictEqual([
      [0, 64],
      [1, 0],
      [2, 64],
      [3, 0],
    ]);
  });

  it('predicts every image of an asynchronous source once, across several workers', async () => {
    const path = await paint(join(folder, 'plain.png'), 64, 64, 'black');
    async function* source(): AsyncGenerator<InferenceImage> {
      for (const image of repeated(path, 41)) {
        await Promise.resolve();
        yield image;
      }
    }
    const results = await collect(inference.predict(dynamicModel, source(), { ...options, workers: 2 }));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(ids(results)).toStrictEqual(Array.from({ length: 41 }, (_, index) => index + 1));
    expect(inference.workerPids()).toHaveLength(2);
  });

  it('starts no worker if there are no images', async () => {
    const quiet = testInference();
    await expect(collect(quiet.predict(dynamicModel, [], options))).resolves.toStrictEqual([]);
    expect(quiet.workerPids()).toStrictEqual([]);
  });
});

describe('images that cannot be read', () => {
  it('are reported with path and reason; the rest continues', async () => {
    const good = await paint(join(folder, 'good.png'), 64, 64, 'red');
    const noise = join(folder, 'noise #1 ü.jpg');
    writeFileSync(noise, Buffer.alloc(1000, 7));
    const empty = join(folder, 'empty.png');
    writeFileSync(empty, '');
    const cut = join(folder, 'cut.png');
    copyFileSync(good, cut);
    truncateSync(cut, 100);
    const paths = [good, noise, good, empty, join(folder, 'absent.png'), cut, folder, good];
    const images = paths.map((absolutePath, imageId) => ({ imageId, absolutePath }));
    const results = await collect(inference.predict(dynamicModel, images, options));

    expect(ids(results)).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const failed = results.filter((result): result is InferenceResult & { ok: false } => !result.ok);
    expect(ids(failed)).toStrictEqual([1, 3, 4, 5, 6]);
    for (const { imageId, code, message } of failed) {
      expect(code).toBe('unreadable-image');
      expect(message).toContain(paths[imageId]);
    }
  });
});

describe('memory', () => {
  it('reads from an endless source only the images that are requested or in progress', async () => {
    const path = await paint(join(folder, 'endless.png'), 64, 64, 'black');
    let taken = 0;
    let returned = false;
    function* endless(): Generator<InferenceImage> {
      try {
        for (;;) yield { imageId: ++taken, absolutePath: path };
      } finally {
        returned = true;
      }
    }
    const seen: number[] = [];
    for await (const { imageId } of inference.predict(dynamicModel, endless(), { ...options, workers: 2 })) {
      seen.push(imageId);
      if (seen.length === 50) break;
    }
    expect(new Set(seen).size).toBe(50);
    expect(taken).toBeGreaterThanOrEqual(50);
    expect(taken).toBeLessThanOrEqual(50 + 2 * 4);
    expect(returned).toBe(true);
  });

  it('rethrows an error of the source', async () => {
    const path = await paint(join(folder, 'source.png'), 64, 64, 'black');
    function* broken(): Generator<InferenceImage> {
      yield* repeated(path, 2);
      throw new Error('The source broke.');
    }
    await expect(collect(inference.predict(dynamicModel, broken(), options))).rejects.toThrow('The source broke.');
  });
});

describe('the mirrored image', () => {
  it('is predicted too, its boxes mapped back to where they are', async () => {
    const path = await paint(join(folder, 'mirrored.png'), 64, 40, 'black', [
      { x: 24, y: 8, width: 8, height: 8, colour: 'red' },
      { x: 56, y: 32, width: 8, height: 8, colour: 'blue' },
    ]);
    const [result] = await collect(inference.predict(dynamicModel, one(path), { ...options, flip: true }));
    if (!result?.ok) throw new Error('it could not be read');
    // The tiny detector looks at each cell separately, so the mirrored image has the same boxes.
    const plain = result.detections.map(({ classId, confidence, box }) => ({ classId, confidence, box }));
    expect(plain).toHaveLength(2);
    expect(result.flipped).toEqual(expect.arrayContaining(plain));
    expect(result.flipped).toHaveLength(2);
  });

  it('is not computed unless requested', async () => {
    const path = await paint(join(folder, 'alone.png'), 64, 64, 'red');
    const [result] = await collect(inference.predict(dynamicModel, one(path), options));
    expect(result).not.toHaveProperty('flipped');
  });
});
