import { describe, expect, it } from 'vitest';
import type { Inference, InferenceImage, InferenceResult } from '../../workflow/ports/inference.ts';
import { createChoosingInference, type Candidate } from './chooseInference.ts';
import { collect, dynamicModel, ids, options, repeated } from './fixtures/predictions.ts';
import { InferenceError } from './inferenceError.ts';

const pool = repeated('a.png', 60);

interface Fake extends Candidate {
  readonly seen: number[];
}

let clock = 0;

/** Takes `cost` milliseconds an image; fails at the image `failsAt`. */
function fake(name: string, cost: number, { shift = 0, failsAt = -1, there = true } = {}): Fake {
  const seen: number[] = [];
  async function* predict(_: unknown, images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>) {
    for await (const { imageId } of images) {
      if (imageId === failsAt) throw new InferenceError('worker-failed', 'No memory.', 'Buy some.');
      clock += cost;
      seen.push(imageId);
      const box = { x1: shift, y1: 0, x2: 100 + shift, y2: 100 };
      const result: InferenceResult = {
        ok: true,
        imageId,
        width: 200,
        height: 200,
        bestScore: 0.9,
        detections: [{ classId: 0, confidence: 0.9, box }],
      };
      yield result;
    }
  }
  const inference: Inference = { predict, close: () => Promise.resolve() };
  return { name, inference, seen, available: () => Promise.resolve(there) };
}

const choosing = (base: Fake, ...candidates: Fake[]) =>
  createChoosingInference({ base, candidates, fewest: 40, now: () => clock });
const everyId = pool.map(({ imageId }) => imageId);

describe('createChoosingInference', () => {
  it('takes the fastest that finds the same, and names it', async () => {
    const [slow, fast, fastest] = [fake('CPU', 10), fake('GPU', 2), fake('GPU 2', 1)];
    const inference = choosing(slow, fast, fastest);
    expect(ids(await collect(inference.predict(dynamicModel, pool, options)))).toStrictEqual(everyId);
    expect(inference.provider()).toBe('GPU 2');
    expect(slow.seen).toHaveLength(16);
    expect(fast.seen).toHaveLength(16);
    expect(fastest.seen).toHaveLength(60);
    // The next pool needs no trial, however small it is.
    expect(await collect(inference.predict(dynamicModel, pool.slice(0, 3), options))).toHaveLength(3);
    expect(slow.seen).toHaveLength(16);
  });

  it.each([
    ['finds other boxes', fake('GPU', 1, { shift: 5 })],
    ['is slower', fake('GPU', 20)],
    ['fails', fake('GPU', 1, { failsAt: 4 })],
    ['is not there', fake('GPU', 1, { there: false })],
  ])('stays with what works where the other %s', async (_, other) => {
    const inference = choosing(fake('CPU', 10), other);
    expect(ids(await collect(inference.predict(dynamicModel, pool, options)))).toStrictEqual(everyId);
    expect(inference.provider()).toBe('CPU');
    expect(other.seen.length).toBeLessThanOrEqual(16);
  });

  it('makes no trial for a few images', async () => {
    const [base, other] = [fake('CPU', 10), fake('GPU', 1)];
    expect(await collect(choosing(base, other).predict(dynamicModel, pool.slice(0, 39), options))).toHaveLength(39);
    expect(other.seen).toStrictEqual([]);
  });

  it('makes the trial for any number of images on request, once', async () => {
    const [base, other] = [fake('CPU', 10), fake('GPU', 1)];
    const inference = choosing(base, other);
    await inference.settle(dynamicModel, pool.slice(0, 20), options);
    await inference.settle(dynamicModel, pool.slice(0, 20), options);
    expect([base.seen.length, other.seen.length]).toStrictEqual([16, 16]);
    expect(ids(await collect(inference.predict(dynamicModel, pool.slice(0, 3), options)))).toStrictEqual([1, 2, 3]);
    expect(inference.provider()).toBe('GPU');
    expect(base.seen).toHaveLength(16);
    // Another size is another matter.
    await collect(inference.predict(dynamicModel, pool.slice(0, 3), { ...options, imageSize: options.imageSize * 2 }));
    expect(inference.provider()).toBe('CPU');
  });

  it('goes back to what works, without losing an image, where the faster one fails later', async () => {
    const [base, other] = [fake('CPU', 10), fake('GPU', 1, { failsAt: 45 })];
    const inference = choosing(base, other);
    expect(ids(await collect(inference.predict(dynamicModel, pool, options)))).toStrictEqual(everyId);
    expect(inference.provider()).toBe('CPU');
  });

  it('closes the source of a prediction that nobody goes on with', async () => {
    let closed = false;
    function* source() {
      try {
        yield* pool;
      } finally {
        closed = true;
      }
    }
    for await (const result of choosing(fake('CPU', 10), fake('GPU', 1)).predict(dynamicModel, source(), options)) {
      if (result.imageId === 20) break;
    }
    expect(closed).toBe(true);
  });
});
