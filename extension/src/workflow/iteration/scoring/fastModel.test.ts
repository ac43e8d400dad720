import { describe, expect, test } from 'vitest';
import type { Detection } from '../../../core/detection/types.ts';
import type { Inference, InferenceImage, ModelFiles } from '../../ports/inference.ts';
import type { GroundTruthImage } from '../../dataset/groundTruth.ts';
import { judgeFastModel, measureFastModel } from './fastModel.ts';

const good = { images: 40, rankCorrelation: 0.99, map5095Delta: -0.004, ratioToFp32: 1.5 };

describe('judgeFastModel', () => {
  test('takes a model that ranks alike, finds alike and is faster', () => {
    expect(judgeFastModel(good)).toMatchObject({ ...good, used: true, reason: expect.stringContaining('1.50') });
  });

  test.each([
    ['too few images', { images: 19 }, 'only 19 validation images'],
    ['another ranking', { rankCorrelation: 0.96 }, '0.960'],
    ['scores without any difference', { rankCorrelation: null }, 'cannot be compared'],
    ['worse boxes', { map5095Delta: -0.011 }, 'changes by -0.011'],
    ['no boxes to judge by', { map5095Delta: null }, 'cannot be measured'],
    ['no gain', { ratioToFp32: 1.04 }, 'not faster on this machine'],
  ])('refuses %s, and says so', (_, change, reason) => {
    expect(judgeFastModel({ ...good, ...change })).toMatchObject({
      used: false,
      reason: expect.stringContaining(reason),
    });
  });
});

describe('measureFastModel', () => {
  const info = {
    schema: 1,
    head: 'dense',
    names: ['a'],
    stride: 32,
    imageSize: 64,
    dynamic: true,
    input: { name: 'images' },
    outputs: [{ name: 'output0', role: 'detections' }],
  } as const;
  const full: ModelFiles = { onnxPath: 'full', info };
  const fast: ModelFiles = { onnxPath: 'fast', info };
  const box = { x1: 10, y1: 10, x2: 50, y2: 50 };
  const images: GroundTruthImage[] = Array.from({ length: 10 }, (_, index) => ({
    imageId: index + 1,
    contentHash: null,
    path: `${index}.jpg`,
    truth: [{ classId: 0, box }],
  }));
  const metrics = {
    aggregation: 'max',
    threshold: 0.25,
    weights: { confidence: 0.4, entropy: 0.3, variance: 0.3 },
    classDifficulty: null,
  } as const;
  let clock = 0;
  const costOf = (model: ModelFiles): number => (model === full ? 30 : 10);

  /** The full model takes 30 ms an image, the fast one 10; `fastBox` gives the fast one's box. */
  function ports(
    fastBox: (imageId: number) => Detection,
    cost = (model: ModelFiles, _call: number) => costOf(model),
    workers = 1,
  ) {
    let calls = 0;
    async function* predict(model: ModelFiles, wanted: Iterable<InferenceImage> | AsyncIterable<InferenceImage>) {
      calls += 1;
      for await (const { imageId } of wanted) {
        clock += cost(model, calls);
        const detection = model === full ? { classId: 0, confidence: 0.02 + imageId / 50, box } : fastBox(imageId);
        const bestScore = detection.confidence;
        yield { ok: true as const, imageId, width: 64, height: 64, bestScore, detections: [detection] };
      }
    }
    const inference: Inference = { predict, close: () => Promise.resolve() };
    return {
      inference,
      system: { clock: { monotonic: () => clock, now: () => '' }, scoringWorkers: () => workers },
    } as unknown as Parameters<typeof measureFastModel>[0];
  }

  test('finds no difference between equal models but the speed', async () => {
    const same = ports((imageId) => ({ classId: 0, confidence: 0.02 + imageId / 50, box }));
    const measured = await measureFastModel(same, { full, fast }, images, { imageSize: 64, metrics }, {});
    expect(measured.images).toBe(10);
    expect(measured.rankCorrelation).toBeCloseTo(1, 12);
    expect(measured.map5095Delta).toBe(0);
    expect(measured.ratioToFp32).toBeCloseTo(3, 6);
  });

  const sameBox = (imageId: number): Detection => ({ classId: 0, confidence: 0.02 + imageId / 50, box });

  test.each([
    ['a machine that becomes slower and slower', (model: ModelFiles, call: number) => costOf(model) * 1.1 ** call],
    ['a single disturbance', (model: ModelFiles, call: number) => costOf(model) * (call === 4 ? 40 : 1)],
    [
      'a slow beginning of each',
      (() => {
        let seen = 0;
        return (model: ModelFiles, call: number) => {
          const first = seen !== call;
          seen = call;
          return first ? 9000 : costOf(model);
        };
      })(),
    ],
  ])('is not misled by %s', async (_, cost) => {
    const measured = await measureFastModel(
      ports(sameBox, cost),
      { full, fast },
      images,
      { imageSize: 64, metrics },
      {},
    );
    expect(measured.ratioToFp32).toBeGreaterThan(2.6);
    expect(measured.ratioToFp32).toBeLessThan(3.4);
  });

  test.each([
    [1, 30, 24],
    [1, 3000, 8],
    [32, 30, 192],
    [32, 3000, 64],
  ])('keeps each of %i workers busy at %i ms an image', async (workers, ms, measured) => {
    const seen = new Map<number, number>();
    const counting = (_model: ModelFiles, call: number): number => {
      seen.set(call, (seen.get(call) ?? 0) + 1);
      return ms / workers;
    };
    const many = ports(sameBox, counting, workers);
    await measureFastModel(many, { full, fast }, images, { imageSize: 64, metrics }, {});
    // The first two are for ranks and boxes.
    expect(seen.get(3)).toBe(2 * workers + measured);
  });

  test('takes more rounds where the first ones leave a doubt', async () => {
    let calls = 0;
    const noisy = ports(sameBox, (model, call) => {
      calls = call;
      return model === full ? 11 : 10;
    });
    const measured = await measureFastModel(noisy, { full, fast }, images, { imageSize: 64, metrics }, {});
    expect(measured.ratioToFp32).toBeCloseTo(1.1, 6);
    // One pass of each for ranks and boxes, then seven rounds.
    expect(calls).toBe(2 + 2 * 7);
  });

  test('measures each model in the way that is the fastest for it', async () => {
    const same = ports((imageId) => ({ classId: 0, confidence: 0.02 + imageId / 50, box }));
    // A GPU that runs the full model in a tenth of the time, and cannot run the fast one.
    let gain = 0;
    const { predict } = same.inference;
    const inference: Inference = {
      ...same.inference,
      settle: async (model, wanted) => {
        expect(wanted).toHaveLength(10);
        if (model === full) gain = 27;
      },
      predict: async function* (...args: Parameters<typeof predict>) {
        for await (const result of predict(...args)) {
          if (args[0] === full) clock -= gain;
          yield result;
        }
      },
    };
    const measured = await measureFastModel(
      { ...same, inference },
      { full, fast },
      images,
      { imageSize: 64, metrics },
      {},
    );
    expect(measured.ratioToFp32).toBeCloseTo(0.3, 6);
  });

  test('sees another order and worse boxes', async () => {
    const worse = ports((imageId) => ({
      classId: 0,
      confidence: 0.24 - imageId / 50,
      box: { ...box, x2: 30 },
    }));
    const measured = await measureFastModel(worse, { full, fast }, images, { imageSize: 64, metrics }, {});
    expect(measured.rankCorrelation).toBeLessThan(0);
    expect(measured.map5095Delta).toBeLessThan(-0.5);
  });
});
