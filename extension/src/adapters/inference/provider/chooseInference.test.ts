import { describe, expect, it } from 'vitest';
import type { InferenceImage, InferenceOptions, Provider } from '../../../workflow/ports/inference.ts';
import { createChoosingInference, type ChoosingInference, type ChoosingSetup } from './chooseInference.ts';
import { fake, fakeClock, pictures, type Behaviour, type Fake, type PredictedImage } from '../testing/fakeInference.ts';
import { collect, dynamicModel, ids, options } from '../testing/predictions.ts';
import { InferenceError } from '../inferenceError.ts';

/** The base needs 6 s for it, at 10 ms per image. */
const pool = pictures(600);
const everyId = pool.map(({ imageId }) => imageId);
/** 2 images of warm-up, and 150 in the measured 1.5 s. */
const trialOfBase = 152;
/** 1 image of warm-up, and 12 measured ones. */
const trialOfOther = 13;
const scoring: InferenceOptions = { ...options, minConfidence: 0.05 };

function choosing(base: Fake, candidates: readonly Fake[], setup: Partial<ChoosingSetup> = {}): ChoosingInference {
  return createChoosingInference({ base, candidates, worthMs: 3000, now: fakeClock.now, ...setup });
}

/** Predicts, and collects the reports about the provider. */
async function run(inference: ChoosingInference, images = pool, asked = scoring) {
  const reported: Provider[] = [];
  const results = inference.predict(dynamicModel, images, asked, undefined, (provider) => reported.push(provider));
  return { results: await collect(results), reported };
}

/** Yields images with a delay, so that one read is always in progress. */
async function* slowly(images: readonly InferenceImage[]): AsyncGenerator<InferenceImage> {
  for (const image of images) {
    await new Promise((resolve) => setImmediate(resolve));
    yield image;
  }
}

const shows = ({ imageId }: PredictedImage): boolean => imageId > 100 && imageId <= 110;

function* failingAfter(count: number): Generator<InferenceImage> {
  yield* pool.slice(0, count);
  throw new Error('SQLITE_IOERR');
}

describe('createChoosingInference', () => {
  it('chooses the fastest candidate with the same results, and reports its name', async () => {
    const [slow, fast, fastest] = [fake('CPU', { cost: 10 }), fake('GPU', { cost: 2 }), fake('GPU 2', { cost: 1 })];
    const inference = choosing(slow, [fast, fastest]);
    const { results, reported } = await run(inference);
    expect(ids(results)).toStrictEqual(everyId);
    expect(reported.map(({ name }) => name)).toStrictEqual(['CPU', 'GPU 2']);
    expect(slow.seen).toHaveLength(trialOfBase);
    expect(fast.seen).toHaveLength(trialOfOther);
    expect(fastest.seen).toHaveLength(trialOfOther + 600 - trialOfBase);
    // The next pool needs no trial, even if it is small.
    expect((await run(inference, pool.slice(0, 3))).reported).toStrictEqual([{ name: 'GPU 2', notes: [] }]);
    expect(slow.seen).toHaveLength(trialOfBase);
  });

  it.each<[string, Behaviour, string]>([
    ['is slower', { cost: 20 }, ''],
    ['is unavailable', { cost: 1, there: false }, ''],
    ['fails', { cost: 1, failsAt: [1, 4] }, 'GPU is not used: No memory.'],
  ])('stays with the base if the candidate %s', async (_, behaviour, note) => {
    const other = fake('GPU', behaviour);
    const { results, reported } = await run(choosing(fake('CPU'), [other]));
    expect(ids(results)).toStrictEqual(everyId);
    expect(reported.at(-1)).toStrictEqual({ name: 'CPU', notes: note === '' ? [] : [note] });
    expect(other.seen.length).toBeLessThanOrEqual(trialOfOther);
  });

  it('rejects a candidate with different results, and reports why', async () => {
    const other = fake('GPU', { cost: 1, alter: (one) => ({ ...one, bestScore: Number.NaN }) });
    const { results, reported } = await run(choosing(fake('CPU'), [other]));
    expect(results.every((result) => result.ok && result.bestScore === 0.9)).toBe(true);
    expect(reported.at(-1)).toStrictEqual({
      name: 'CPU',
      notes: ['GPU is not used: it gives other scores (NaN, not 0.900).'],
    });
  });

  it('compares the images with boxes, wherever they are in the pool', async () => {
    // Only images 101 to 110 have boxes: a sample of the first images, or any small sample, would have too few.
    const rare: Behaviour = { alter: (one) => (shows(one) ? one : { ...one, detections: [] }) };
    const blind: Behaviour = { cost: 1, alter: (one) => ({ ...one, detections: [] }) };
    const { reported } = await run(choosing(fake('CPU', rare), [fake('GPU', blind)]));
    expect(reported.at(-1)).toStrictEqual({ name: 'CPU', notes: ['GPU is not used: it finds other boxes.'] });
  });

  it.each([
    ['without boxes to compare', scoring, (one: { detections: unknown }) => ({ ...one, detections: [] })],
    ['without vectors to compare', { ...scoring, minConfidence: 1, embedding: true }, () => ({ embedding: undefined })],
  ])('makes no choice %s, and tries again at the next pool', async (_, asked, change) => {
    const empty: Behaviour = { alter: (one) => ({ ...one, ...change(one), ok: true }) as typeof one };
    const [base, other] = [fake('CPU', empty), fake('GPU', { ...empty, cost: 1 })];
    const inference = choosing(base, [other]);
    expect((await run(inference, pool, asked)).reported).toStrictEqual([{ name: 'CPU', notes: [] }]);
    expect(other.seen).toStrictEqual([]);
    await run(inference, pool, asked);
    expect(base.calls).toBe(4);
  });

  it('does not infer from matching vectors that boxes match', async () => {
    const wrongBoxes: Behaviour = { cost: 1, alter: (one) => ({ ...one, detections: [] }) };
    const inference = choosing(fake('CPU'), [fake('GPU', wrongBoxes)]);
    const vectors: InferenceOptions = { ...scoring, minConfidence: 1, classScoresAbove: null, embedding: true };
    expect((await run(inference, pool, vectors)).reported.at(-1)?.name).toBe('GPU');
    expect((await run(inference)).reported.at(-1)?.name).toBe('CPU');
  });

  describe('the measured speed', () => {
    it('accounts for batches whose results arrive together', async () => {
      // The results of a batch arrive at the same moment, without time between them.
      const slow = fake('GPU', { cost: 25, batch: 16 });
      expect((await run(choosing(fake('CPU'), [slow]))).reported.at(-1)?.name).toBe('CPU');
      const quick = fake('GPU', { cost: 4, batch: 16 });
      expect((await run(choosing(fake('CPU'), [quick]))).reported.at(-1)?.name).toBe('GPU');
      // A batch of warm-up and three measured ones, without the rest of the pool.
      expect(slow.seen).toHaveLength(64);
      expect(quick.seen).toHaveLength(64 + 600 - trialOfBase);
    });

    it('excludes the first batch, in which a provider may compile', async () => {
      let first = true;
      const compiling: Behaviour = {
        cost: 2,
        alter: (one) => {
          if (first) fakeClock.ms += 30_000;
          first = false;
          return one;
        },
      };
      expect((await run(choosing(fake('CPU'), [fake('GPU', compiling)]))).reported.at(-1)?.name).toBe('GPU');
    });
  });

  describe('the decision whether to make a trial', () => {
    it('depends on the remaining time, not on the number of images', async () => {
      const few = pictures(40);
      const quick = fake('GPU', { cost: 1 });
      expect((await run(choosing(fake('CPU', { cost: 10 }), [quick]), few)).reported).toHaveLength(1);
      expect(quick.seen).toStrictEqual([]);
      // A large model needs a minute and a half for 40 images.
      expect((await run(choosing(fake('CPU', { cost: 2000 }), [quick]), few)).reported.at(-1)?.name).toBe('GPU');
    });

    it('does not apply to `settle`, which makes one trial for any number of images', async () => {
      const [base, other] = [fake('CPU'), fake('GPU', { cost: 1 })];
      const inference = choosing(base, [other]);
      await inference.settle(dynamicModel, pool.slice(0, 20), scoring);
      await inference.settle(dynamicModel, pool.slice(0, 20), scoring);
      expect([base.seen.length, other.seen.length]).toStrictEqual([20, trialOfOther]);
      expect((await run(inference, pool.slice(0, 3))).reported).toStrictEqual([{ name: 'GPU', notes: [] }]);
      // Another image size needs its own trial.
      const larger = { ...scoring, imageSize: scoring.imageSize * 2 };
      expect((await run(inference, pool.slice(0, 3), larger)).reported).toStrictEqual([{ name: 'CPU', notes: [] }]);
    });
  });

  describe('a candidate that hangs', () => {
    it.each([
      ['at the start', 1, 'GPU is not used: it gave no result within 0 s.'],
      ['after the first batch', 5, 'GPU is not used: it takes more than 5 times as long.'],
    ])('%s is rejected, reported, and not tried again for another model', async (_, hangsAt, note) => {
      const other = fake('GPU', { cost: 1, hangsAt });
      const inference = choosing(fake('CPU'), [other], { startMs: 50 });
      const { results, reported } = await run(inference);
      expect(ids(results)).toStrictEqual(everyId);
      expect(reported.at(-1)).toStrictEqual({ name: 'CPU', notes: [note] });
      const next = { ...scoring, imageSize: scoring.imageSize * 2 };
      expect((await run(inference, pool, next)).reported.at(-1)).toStrictEqual({ name: 'CPU', notes: [note] });
      expect(other.calls).toBe(1);
    });

    it('in `available` costs no more', async () => {
      const other = { ...fake('GPU'), available: () => new Promise<boolean>(() => undefined) };
      const { reported } = await run(choosing(fake('CPU'), [other], { startMs: 50 }));
      expect(reported.at(-1)?.notes).toStrictEqual(['GPU is not used: it gave no result within 0 s.']);
    });
  });

  it('returns to the base without losing an image if the faster one fails later', async () => {
    const other = fake('GPU', { cost: 1, failsAt: [2, 45] });
    const inference = choosing(fake('CPU'), [other]);
    const { results, reported } = await run(inference);
    expect(ids(results)).toStrictEqual(everyId);
    expect(reported.at(-1)).toStrictEqual({ name: 'CPU', notes: ['GPU is given up: No memory.'] });
  });

  it('loses no image that the faster one had already taken when it crashed', async () => {
    // After the 300 images that were read ahead.
    const other = fake('GPU', { cost: 1, failsAt: [2, 320], prefetches: true });
    const results = choosing(fake('CPU'), [other]).predict(dynamicModel, slowly(pool), scoring);
    expect(ids(await collect(results))).toStrictEqual(everyId);
  });

  it('reports a failing source without blaming a provider', async () => {
    const inference = choosing(fake('CPU'), [fake('GPU', { cost: 1 })]);
    const reported: Provider[] = [];
    const results = inference.predict(dynamicModel, failingAfter(550), scoring, undefined, (provider) =>
      reported.push(provider),
    );
    await expect(collect(results)).rejects.toThrow('SQLITE_IOERR');
    expect(reported.at(-1)).toStrictEqual({ name: 'GPU', notes: [] });
    expect((await run(inference)).reported).toStrictEqual([{ name: 'GPU', notes: [] }]);
  });

  it('retries with the base the images at which the faster one crashed', async () => {
    const message = 'The device is lost.';
    const crashes: Behaviour = {
      cost: 1,
      alter: (one) => (one.imageId === 400 ? { ok: false, imageId: 400, code: 'worker-crashed', message } : one),
    };
    const { results } = await run(choosing(fake('CPU'), [fake('GPU', crashes)]));
    expect(ids(results)).toStrictEqual(everyId);
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  it('ends if it is cancelled during a trial', async () => {
    const controller = new AbortController();
    const cancels = {
      ...fake('GPU', { cost: 1, hangsAt: 1 }),
      available: () => {
        controller.abort();
        return Promise.resolve(true);
      },
    };
    const results = choosing(fake('CPU'), [cancels], { startMs: 50 }).predict(
      dynamicModel,
      pool,
      scoring,
      controller.signal,
    );
    await expect(collect(results)).rejects.toMatchObject({ name: InferenceError.name, code: 'cancelled' });
  });

  it('closes the source of an abandoned prediction', async () => {
    let closed = false;
    function* source() {
      try {
        yield* pool;
      } finally {
        closed = true;
      }
    }
    const inference = choosing(fake('CPU'), [fake('GPU', { cost: 1 })]);
    for await (const result of inference.predict(dynamicModel, source(), scoring)) {
      if (result.imageId === 300) break;
    }
    expect(closed).toBe(true);
  });
});
