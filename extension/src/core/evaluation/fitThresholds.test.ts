import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costRatio, fitThresholds, HIGHEST_SHOWN, LEAST_SHOWN, type ReviewedImage } from './fitThresholds.ts';
import { confidenceAt, fitPlatt } from './platt.ts';

const confidences = [0.95, 0.93, 0.85, 0.72, 0.66, 0.64, 0.45, 0.35, 0.25, 0.15];
const hits = [1, 1, 1, 1, 0, 1, 0, 1, 0, 0];
const worked = confidences.map((confidence, i) => ({ confidence, right: hits[i] === 1 }));

/** An image with one prediction. */
function image(classId: number, confidence: number, right: boolean): ReviewedImage {
  return { predictions: [{ classId, confidence, right }], shown: 1, drawn: 0, seconds: null };
}

/** Of each confidence, the given share of the predictions is right. */
function images(classId: number, count: number, share: (confidence: number) => number): ReviewedImage[] {
  return [0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85].flatMap((confidence) =>
    Array.from({ length: count }, (_, i) => image(classId, confidence, i < count * share(confidence))),
  );
}

describe('a calibration', () => {
  it('is the one of the worked example', () => {
    const { slope, bias } = fitPlatt(worked, 0);
    expect(slope).toBeCloseTo(1.5239, 4);
    expect(bias).toBeCloseTo(-0.0617, 4);
    expect(confidenceAt({ slope, bias }, 0.5)).toBeCloseTo(1 / (1 + Math.exp(-0.0617 / 1.5239)), 4);
  });

  it('stays finite if a confidence separates right from wrong', () => {
    const { slope, bias } = fitPlatt(
      [0.9, 0.8, 0.2, 0.1].map((confidence) => ({ confidence, right: confidence > 0.5 })),
      1,
    );
    expect(Number.isFinite(slope) && Number.isFinite(bias)).toBe(true);
    expect(slope).toBeGreaterThan(1);
  });

  it('decides nothing if a higher confidence is not more often right', () => {
    expect(confidenceAt({ slope: -1, bias: 0 }, 0.25)).toBeNull();
  });
});

describe('thresholds from verdicts', () => {
  it('are 0.25 without enough of them', () => {
    expect(fitThresholds([])).toEqual({ base: 0.25, classes: {} });
    expect(fitThresholds(images(0, 6, () => 1))).toEqual({ base: 0.25, classes: {} });
  });

  it('rise for a class whose faint predictions are wrong, and fall for one whose faint predictions are right', () => {
    const { base, classes } = fitThresholds([
      ...images(0, 40, (confidence) => (confidence > 0.6 ? 0.95 : 0.05)),
      ...images(1, 40, (confidence) => Math.min(1, confidence + 0.4)),
    ]);
    expect(classes[0]).toMatchObject({ judged: 320 });
    expect(classes[0]?.from).toBeGreaterThan(0.3);
    expect(classes[1]?.from).toBeLessThan(0.2);
    expect(base).toBeGreaterThan(classes[1]?.from ?? 1);
    expect(base).toBeLessThan(classes[0]?.from ?? 0);
  });

  it('do not fall below 0.25 while few images are reviewed', () => {
    const busy: ReviewedImage = {
      predictions: images(0, 40, () => 1).flatMap(({ predictions }) => predictions),
      shown: 1,
      drawn: 0,
      seconds: null,
    };
    expect(fitThresholds([busy]).classes[0]?.from).toBe(0.25);
    const many = Array.from({ length: 49 }, (): ReviewedImage => ({ ...busy, predictions: [] }));
    expect(fitThresholds([busy, ...many]).classes[0]?.from).toBeLessThan(0.25);
  });

  it('stay within bounds, and do not depend on the order of the images', () => {
    const one = fc
      .tuple(fc.integer({ min: 0, max: 2 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.boolean())
      .map(([classId, confidence, right]) => image(classId, confidence, right));
    fc.assert(
      fc.property(fc.array(one, { minLength: 100, maxLength: 400 }), (list) => {
        const fitted = fitThresholds(list);
        for (const from of [fitted.base, ...Object.values(fitted.classes).map((own) => own.from)]) {
          expect(from).toBeGreaterThanOrEqual(LEAST_SHOWN);
          expect(from).toBeLessThanOrEqual(HIGHEST_SHOWN);
        }
        expect(fitThresholds(list.toReversed())).toEqual(fitted);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the cost of looking at a box, compared with drawing one', () => {
  const looked: ReviewedImage = { predictions: [], shown: 2, drawn: 0, seconds: 4 };
  const drew: ReviewedImage = { predictions: [], shown: 1, drawn: 2, seconds: 14 };

  it('is 1.6 to 7 seconds until enough images are timed', () => {
    expect(costRatio([])).toBeCloseTo(0.2286, 4);
    expect(costRatio(Array.from({ length: 20 }, () => looked))).toBeCloseTo(0.2286, 4);
  });

  it('follows from the measured seconds: 2 for a look, 6 for a drawn box', () => {
    const timed = Array.from({ length: 20 }, () => [looked, drew]).flat();
    expect(costRatio(timed)).toBeCloseTo(1 / 3, 6);
    expect(costRatio([...timed, { ...looked, seconds: 9000 }])).toBeCloseTo(1 / 3, 6);
  });
});
