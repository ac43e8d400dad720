import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Detection } from '../detection/types.ts';
import { classQualities } from './classQuality.ts';
import type { EvaluationImage, GroundTruthBox } from './matching.ts';

function object(classId: number, x: number): GroundTruthBox {
  return { classId, box: { x1: x, y1: 0, x2: x + 10, y2: 10 } };
}

function found(classId: number, confidence: number, x: number, width = 10): Detection {
  return { classId, confidence, box: { x1: x, y1: 0, x2: x + width, y2: 10 } };
}

function image(truth: readonly GroundTruthBox[], detections: readonly Detection[], imageId = 1): EvaluationImage {
  return { imageId, truth, detections };
}

describe('class qualities', () => {
  test('are the mean of p^0.6 · IoU^0.4 over objects', () => {
    const one = image([object(0, 0), object(0, 50)], [found(0, 0.5, 0, 8), found(0, 0.9, 50)]);
    expect(classQualities([one], 1)).toEqual([expect.closeTo((0.5 ** 0.6 * 0.8 ** 0.4 + 0.9 ** 0.6) / 2, 12)]);
  });

  test('an object that is missed counts 0: a class is hard where most of it is not found', () => {
    const twenty = Array.from({ length: 20 }, (_, i) => object(0, 20 * i));
    expect(classQualities([image(twenty, [found(0, 0.9, 0)])], 1)).toEqual([expect.closeTo(0.9 ** 0.6 / 20, 12)]);
    expect(classQualities([image([object(0, 0), object(1, 50)], [found(1, 1, 50)])], 3)).toEqual([0, 1, null]);
  });

  test('each object counts once, with the surest box', () => {
    const twice = image([object(0, 0)], [found(0, 0.4, 0), found(0, 0.8, 0, 9)]);
    expect(classQualities([twice], 1)).toEqual([expect.closeTo(0.8 ** 0.6 * 0.9 ** 0.4, 12)]);
  });

  test('a box takes the object that it covers best', () => {
    const two = image([object(0, 3), object(0, 0)], [found(0, 1, 0)]);
    expect(classQualities([two], 1)).toEqual([0.5]);
  });

  test('other classes and boxes that overlap by half or less do not count', () => {
    const wrong = image([object(0, 0), object(1, 50)], [found(1, 0.9, 0), found(1, 0.9, 50, 5)]);
    expect(classQualities([wrong], 3)).toEqual([0, 0, null]);
  });

  test('classes are distinguished over all images', () => {
    const images = [
      image([object(0, 0)], [found(0, 1, 0)], 1),
      image([object(0, 0), object(1, 0)], [found(0, 0.5, 0), found(1, 0.25, 0)], 2),
    ];
    expect(classQualities(images, 2)).toEqual([
      expect.closeTo((1 + 0.5 ** 0.6) / 2, 12),
      expect.closeTo(0.25 ** 0.6, 12),
    ]);
  });

  test('lie between 0 and 1, whatever was found', () => {
    const place = fc.integer({ min: 0, max: 30 });
    const anyTruth = fc.tuple(fc.nat({ max: 2 }), place).map(([classId, x]) => object(classId, x));
    const anyFound = fc
      .tuple(fc.nat({ max: 2 }), fc.double({ min: 0, max: 1, noNaN: true }), place, fc.integer({ min: 1, max: 15 }))
      .map(([classId, confidence, x, width]) => found(classId, confidence, x, width));
    fc.assert(
      fc.property(fc.array(anyTruth), fc.array(anyFound), (truth, detections) => {
        for (const quality of classQualities([image(truth, detections)], 3)) {
          if (quality === null) continue;
          expect(quality).toBeGreaterThanOrEqual(0);
          expect(quality).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
