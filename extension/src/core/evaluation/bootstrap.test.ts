import { describe, expect, test } from 'vitest';
import type { Detection, PixelBox } from '../detection/types.ts';
import { createRandom } from '../random.ts';
import { pairedBootstrap } from './bootstrap.ts';
import { EvaluationError } from './errors.ts';
import { evaluate, type EvaluationImage } from './evaluate.ts';
import { matchDetections, type BoxMatches } from './matching.ts';

const at = (x: number, size = 10): PixelBox => ({ x1: x, y1: 0, x2: x + size, y2: 10 });
const truth = (x: number, classId = 0): { classId: number; box: PixelBox } => ({ classId, box: at(x) });
const found = (x: number, confidence: number, classId = 0): Detection => ({ classId, confidence, box: at(x) });
const image = (imageId: number, truths: EvaluationImage['truth'], detections: Detection[]): EvaluationImage => ({
  imageId,
  truth: truths,
  detections,
});

const matches = (images: readonly EvaluationImage[]): BoxMatches => matchDetections(images, { classCount: 3 });

describe('pairedBootstrap', () => {
  const random = createRandom(9);
  /** Models that find an object with a given chance. */
  const model = (chance: number, images: number): EvaluationImage[] =>
    Array.from({ length: images }, (_, i) =>
      image(
        i,
        [truth(0), truth(100, i % 3)],
        [0, 100]
          .filter(() => random() < chance)
          .map((x) => found(x, 0.5 + random() / 2, x === 0 ? 0 : i % 3))
          .concat(random() < 0.3 ? [found(300, random())] : []),
      ),
    );

  test('a version against itself: no difference', () => {
    const one = matches(model(0.6, 20));
    expect(pairedBootstrap(one, one, { seed: 1, resamples: 50 })).toEqual({
      difference: 0,
      low: 0,
      high: 0,
      level: 0.95,
      shareBetter: 0.5,
      images: 20,
      resamples: 50,
    });
  });

  test('a much better version: the interval lies above 0 and holds the difference', () => {
    const [worse, better] = [model(0.3, 60), model(0.9, 60)];
    const result = pairedBootstrap(matches(worse), matches(better), { seed: 1, resamples: 300 });
    const expected =
      (evaluate(better, { classCount: 3 }).map5095 ?? 0) - (evaluate(worse, { classCount: 3 }).map5095 ?? 0);
    expect(result?.difference).toBeCloseTo(expected, 12);
    expect(result?.low).toBeGreaterThan(0);
    expect(result?.low).toBeLessThan(expected);
    expect(result?.high).toBeGreaterThan(expected);
    expect(result?.shareBetter).toBe(1);
  });

  test('equally good versions: the interval holds 0; the reverse is the mirror image', () => {
    const [a, b] = [matches(model(0.6, 60)), matches(model(0.6, 60))];
    const forth = pairedBootstrap(a, b, { seed: 4, resamples: 200 });
    const back = pairedBootstrap(b, a, { seed: 4, resamples: 200 });
    expect(forth?.low).toBeLessThan(0);
    expect(forth?.high).toBeGreaterThan(0);
    expect(back?.low).toBeCloseTo(-(forth?.high ?? Number.NaN), 12);
    expect(back?.shareBetter).toBeCloseTo(1 - (forth?.shareBetter ?? Number.NaN), 12);
  });

  test('a seed decides; a wider level gives a wider interval', () => {
    const [a, b] = [matches(model(0.5, 30)), matches(model(0.7, 30))];
    const options = { seed: 7, resamples: 200 };
    expect(pairedBootstrap(a, b, options)).toEqual(pairedBootstrap(a, b, options));
    expect(pairedBootstrap(a, b, { ...options, seed: 8 })).not.toEqual(pairedBootstrap(a, b, options));
    const narrow = pairedBootstrap(a, b, { ...options, level: 0.5 });
    const wide = pairedBootstrap(a, b, { ...options, level: 0.99 });
    expect(wide?.low).toBeLessThan(narrow?.low ?? Number.NaN);
    expect(wide?.high).toBeGreaterThan(narrow?.high ?? Number.NaN);
  });

  test('resamples equal evaluations of the drawn images', () => {
    const [a, b] = [model(0.5, 6), model(0.8, 6)];
    const result = pairedBootstrap(matches(a), matches(b), { seed: 3, resamples: 1 });
    const draws = createRandom(3);
    const drawn = a.map(() => Math.floor(draws() * 6));
    const resampled = (images: readonly EvaluationImage[]): EvaluationImage[] =>
      drawn.map((from, imageId) => ({ ...(images[from] ?? image(0, [], [])), imageId: from * 10 + imageId }));
    const difference =
      (evaluate(resampled(b), { classCount: 3 }).map5095 ?? 0) -
      (evaluate(resampled(a), { classCount: 3 }).map5095 ?? 0);
    expect(result?.low).toBeCloseTo(difference, 12);
  });

  test('no objects: no answer; an image without objects among others does no harm', () => {
    const none = matches([image(1, [], [found(0, 0.5)])]);
    expect(pairedBootstrap(none, none, { seed: 1 })).toBeNull();
    const few = matches([image(1, [truth(0)], [found(0, 0.5)]), image(2, [], []), image(3, [], [])]);
    expect(pairedBootstrap(few, few, { seed: 1, resamples: 20 })?.resamples).toBe(20);
  });

  test('versions on other images or labels cannot be compared', () => {
    const one = [image(1, [truth(0)], []), image(2, [], [])];
    const bootstrap = (other: EvaluationImage[]) => () => pairedBootstrap(matches(one), matches(other), { seed: 1 });
    expect(bootstrap([image(1, [truth(0)], [])])).toThrow(EvaluationError);
    expect(bootstrap([image(1, [truth(0, 1)], []), image(2, [], [])])).toThrow(EvaluationError);
    expect(bootstrap([image(1, [truth(0), truth(100)], []), image(2, [], [])])).toThrow(/same images and labels/);
    expect(() => pairedBootstrap(matches(one), matches(one), { seed: 1, resamples: 0 })).toThrow(EvaluationError);
    expect(() => pairedBootstrap(matches(one), matches(one), { seed: 1, level: 1 })).toThrow(EvaluationError);
  });
});
