import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../detection/types.ts';
import type { GroundTruthBox } from '../evaluation/matching.ts';
import {
  labelQuality,
  limitsFromHits,
  paperLimits,
  smallestSimilarity,
  type ConfidenceLimits,
  type JudgedImage,
} from './objectLab.ts';

type Numbers = readonly [number, number, number, number];
const label = (classId: number, [x1, y1, x2, y2]: Numbers): GroundTruthBox => ({ classId, box: { x1, y1, x2, y2 } });
const seen = (classId: number, [x1, y1, x2, y2]: Numbers, confidence: number): Detection => ({
  classId,
  confidence,
  box: { x1, y1, x2, y2 },
});

/** The figures are those of cleanlab 2.9.0. */
const images: readonly [JudgedImage, JudgedImage, JudgedImage] = [
  {
    truth: [label(0, [10, 10, 50, 50])],
    detections: [seen(0, [12, 10, 52, 50], 0.97), seen(1, [100, 100, 120, 120], 0.96)],
  },
  { truth: [label(0, [10, 10, 50, 50])], detections: [seen(0, [30, 10, 70, 50], 0.9)] },
  {
    truth: [label(0, [20, 20, 60, 60]), label(1, [100, 100, 140, 140])],
    detections: [seen(1, [20, 20, 60, 60], 0.98), seen(0, [100, 100, 140, 140], 0.99)],
  },
];
const smallest = smallestSimilarity(images, paperLimits);
const judge = (image: JudgedImage) => labelQuality(image, smallest, paperLimits);

describe('the quality of labels', () => {
  it('is what cleanlab computes for an overlooked object', () => {
    const { overlooked, placed, classed, quality } = judge(images[0]);
    expect(overlooked[0]).toBeNull();
    expect(overlooked[1]).toBeCloseTo(4.8818e-8, 12);
    expect(placed[0]).toBeCloseTo(0.896159, 6);
    expect(classed[0]).toBeCloseTo(0.999999, 6);
    expect(quality).toBeCloseTo(0.003524, 4);
  });

  it('is what cleanlab computes for a badly placed label', () => {
    const { overlooked, placed, quality } = judge(images[1]);
    expect(overlooked).toEqual([null]);
    expect(placed[0]).toBeCloseTo(0.313534, 6);
    expect(quality).toBeCloseTo(0.679352, 6);
  });

  it('is what cleanlab computes for swapped classes', () => {
    const { classed, placed, quality } = judge(images[2]);
    for (const score of classed) expect(score).toBeCloseTo(1.2204e-6, 10);
    expect(placed).toEqual([1, 1]);
    expect(quality).toBeCloseTo(0.010687, 6);
  });

  it('is 1 without a label and a prediction', () => {
    expect(judge({ truth: [], detections: [] }).quality).toBeCloseTo(1, 12);
  });

  it('is low for two labels of different classes on one object', () => {
    const twins = { truth: [label(0, [0, 0, 40, 40]), label(1, [0, 0, 40, 40])], detections: [] };
    expect(judge(twins).classed).toEqual([smallest, smallest]);
  });

  const side = fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 40 }));
  const rect = fc.tuple(side, side).map(([[x, width], [y, height]]): Numbers => [x, y, x + width, y + height]);
  const classId = fc.integer({ min: 0, max: 2 });
  const image: fc.Arbitrary<JudgedImage> = fc.record({
    truth: fc.array(
      fc.tuple(classId, rect).map(([id, box]) => label(id, box)),
      { maxLength: 6 },
    ),
    detections: fc.array(
      fc.tuple(classId, rect, fc.double({ min: 0.01, max: 1, noNaN: true })).map(([id, box, p]) => seen(id, box, p)),
      { maxLength: 6 },
    ),
  });

  it('is between 0 and 1, and does not depend on the order of the boxes', () => {
    fc.assert(
      fc.property(fc.array(image, { minLength: 1, maxLength: 4 }), (all) => {
        const least = smallestSimilarity(all, paperLimits);
        for (const one of all) {
          const { quality, overlooked, placed, classed } = labelQuality(one, least, paperLimits);
          for (const score of [quality, ...overlooked.filter((value) => value !== null), ...placed, ...classed]) {
            expect(score).toBeGreaterThanOrEqual(0);
            expect(score).toBeLessThanOrEqual(1 + 1e-12);
          }
          const turned = { truth: one.truth.toReversed(), detections: one.detections.toReversed() };
          expect(labelQuality(turned, least, paperLimits).quality).toBeCloseTo(quality, 9);
        }
      }),
    );
  });
});

/** An image for each confidence: a hit of the class, and a sure prediction elsewhere. */
const rows = (classId: number, confidences: readonly number[]): JudgedImage[] =>
  confidences.map((confidence) => ({
    truth: [label(classId, [0, 0, 40, 40])],
    detections: [seen(classId, [0, 0, 40, 42], confidence), seen(classId, [200, 200, 220, 220], 0.99)],
  }));

const limitsOf = (judged: readonly JudgedImage[]): ConfidenceLimits =>
  limitsFromHits(
    judged.map((image, imageId) => ({ ...image, imageId })),
    2,
  );

describe('the limits from the hits of a model', () => {
  it('are those of the paper without a hit', () => {
    const { likely, sure } = limitsOf([{ truth: [], detections: [seen(0, [0, 0, 9, 9], 0.4)] }]);
    expect([likely(0), sure(0)]).toEqual([0.5, 0.95]);
  });

  it('are the median and the lower quarter of the hits of a class, and of all classes if it has few', () => {
    const confidences = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    const { likely, sure } = limitsOf([...rows(0, confidences), ...rows(1, [0.05])]);
    expect([likely(0), sure(0)]).toEqual([0.3, 0.5]);
    expect([likely(1), sure(1)]).toEqual([0.2, 0.4]);
  });

  it('are never above those of the paper', () => {
    const { likely, sure } = limitsOf(
      rows(
        0,
        Array.from({ length: 10 }, () => 0.99),
      ),
    );
    expect([likely(0), sure(0)]).toEqual([0.5, 0.95]);
  });
});
