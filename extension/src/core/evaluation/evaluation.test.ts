import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Detection, PixelBox } from '../detection/types.ts';
import { createRandom, shuffled } from '../random.ts';
import { averagePrecisions, meanAveragePrecision } from './averagePrecision.ts';
import { bestF1Threshold } from './bestF1.ts';
import { EvaluationError } from './errors.ts';
import { evaluate, type EvaluationImage } from './evaluate.ts';
import { matchDetections } from './matching.ts';

const at = (x: number, size = 10): PixelBox => ({ x1: x, y1: 0, x2: x + size, y2: 10 });
const truth = (x: number, classId = 0): { classId: number; box: PixelBox } => ({ classId, box: at(x) });
const found = (x: number, confidence: number, classId = 0): Detection => ({ classId, confidence, box: at(x) });
const image = (imageId: number, truths: EvaluationImage['truth'], detections: Detection[]): EvaluationImage => ({
  imageId,
  truth: truths,
  detections,
});

/** Objects 100 pixels apart; detections that find some of them a little off, and some that find nothing. */
const anyImages = fc
  .array(
    fc.record({
      objects: fc.integer({ min: 0, max: 4 }),
      classId: fc.integer({ min: 0, max: 2 }),
      detections: fc.array(
        fc.record({
          object: fc.integer({ min: 0, max: 5 }),
          shift: fc.integer({ min: 0, max: 6 }),
          classId: fc.integer({ min: 0, max: 2 }),
          confidence: fc.integer({ min: 1, max: 20 }),
        }),
        { maxLength: 8 },
      ),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) =>
    list.map(({ objects, classId, detections }, imageId) =>
      image(
        imageId,
        Array.from({ length: objects }, (_, i) => truth(i * 100, (classId + i) % 3)),
        detections.map((one) => found(one.object * 100 + one.shift, one.confidence / 20, one.classId)),
      ),
    ),
  );

describe('evaluate', () => {
  test('one of two objects found, with a false alarm in between', () => {
    const images = [
      image(1, [truth(0), truth(100)], [found(0, 0.9), found(200, 0.8), found(100, 0.7)]),
      image(2, [truth(0)], []),
    ];
    const result = evaluate(images, { classCount: 2 });
    // Precision 1 up to recall 1/3 (34 points), 2/3 up to recall 2/3 (33 points), 0 behind.
    const expected = (34 * 1 + 33 * (2 / 3)) / 101;
    expect(result).toMatchObject({ images: 2, boxes: 3, classCount: 2, classesWithTruth: 1, threshold: 0.7 });
    expect(result.map50).toBeCloseTo(expected, 12);
    expect(result.map5095).toBeCloseTo(expected, 12);
    expect(result.precision).toBeCloseTo(2 / 3, 12);
    expect(result.recall).toBeCloseTo(2 / 3, 12);
    expect(result.f1).toBeCloseTo(2 / 3, 12);
    expect(result.perClass[1]).toEqual({
      classId: 1,
      ap50: null,
      ap5095: null,
      precision: null,
      recall: null,
      boxes: 0,
    });
  });

  test('an IoU of 0.6 counts at three of ten thresholds', () => {
    const result = evaluate([image(1, [truth(0)], [{ classId: 0, confidence: 0.9, box: at(0, 6) }])], {
      classCount: 1,
    });
    expect(result.map50).toBe(1);
    expect(result.map5095).toBeCloseTo(0.3, 12);
  });

  test('a second box on the same object is a false alarm', () => {
    const result = evaluate([image(1, [truth(0)], [found(0, 0.9), found(0, 0.8)])], { classCount: 1 });
    expect(result).toMatchObject({ map50: 1, threshold: 0.9, precision: 1, recall: 1 });
  });

  test('nothing to measure is null, nothing found is 0', () => {
    const empty = { map50: null, map5095: null, precision: null, recall: null, f1: null, threshold: null };
    expect(evaluate([], { classCount: 1 })).toMatchObject({ ...empty, images: 0, boxes: 0, classesWithTruth: 0 });
    expect(evaluate([image(1, [], [])], { classCount: 1 })).toMatchObject(empty);
    expect(evaluate([image(1, [], [found(0, 0.9)])], { classCount: 1 })).toMatchObject({ ...empty, precision: 0 });
    const missed = { map50: 0, map5095: 0, recall: 0, f1: 0, threshold: null };
    expect(evaluate([image(1, [truth(0)], [])], { classCount: 1 })).toMatchObject({ ...missed, precision: null });
    expect(evaluate([image(1, [truth(0)], [found(500, 0.9)])], { classCount: 1 })).toMatchObject({
      ...missed,
      precision: 0,
    });
  });

  test('every figure lies between 0 and 1 and does not depend on the order of the images', () => {
    fc.assert(
      fc.property(anyImages, fc.integer(), (images, seed) => {
        const result = evaluate(images, { classCount: 3 });
        const classes = result.perClass.flatMap((one) => [one.ap50, one.ap5095, one.precision, one.recall]);
        const { map50, map5095, precision, recall, f1, threshold } = result;
        const shares = [map50, map5095, precision, recall, f1, threshold, ...classes];
        for (const share of shares) {
          expect(share ?? 0).toBeGreaterThanOrEqual(0);
          expect(share ?? 0).toBeLessThanOrEqual(1);
        }
        expect(evaluate(shuffled(images, createRandom(seed)), { classCount: 3 })).toEqual(result);
      }),
    );
  });

  test('perfect detections give 1', () => {
    fc.assert(
      fc.property(anyImages, (images) => {
        const perfect = images.map((one) => ({
          ...one,
          detections: one.truth.map((object) => ({ ...object, confidence: 0.9 })),
        }));
        const { map50, map5095, boxes, precision, recall } = evaluate(perfect, { classCount: 3 });
        const expected = boxes === 0 ? null : 1;
        expect([map50, map5095, precision, recall]).toEqual([expected, expected, expected, expected]);
      }),
    );
  });

  test.each([
    ['an image twice', [image(1, [], []), image(1, [], [])], /Image 1 occurs twice/],
    [
      'a label of an unknown class',
      [image(4, [truth(0, 3)], [])],
      /Image 4 has a label of class 3, but there are only 3 classes/,
    ],
    ['a detection of an unknown class', [image(4, [], [found(0, 0.5, -1)])], /detection of class -1/],
    ['a confidence that is no number', [image(4, [], [found(0, Number.NaN)])], /confidence NaN/],
  ])('%s is refused', (_, images, message) => {
    expect(() => evaluate(images, { classCount: 3 })).toThrow(message);
    expect(() => evaluate(images, { classCount: 3 })).toThrow(EvaluationError);
  });

  test('options that make no sense are refused', () => {
    expect(() => evaluate([], { classCount: 0 })).toThrow(EvaluationError);
    expect(() => evaluate([], { classCount: 1, maxDetections: 0 })).toThrow(EvaluationError);
  });
});

describe('bestF1Threshold', () => {
  test('is the best of all thresholds', () => {
    fc.assert(
      fc.property(anyImages, (images) => {
        const matches = matchDetections(images, { classCount: 3 });
        const best = bestF1Threshold(matches);
        const boxes = images.reduce((sum, one) => sum + one.truth.length, 0);
        const candidates = [...new Set(images.flatMap((one) => one.detections.map((d) => d.confidence)))];
        const scored = candidates.map((threshold) => {
          // Evaluated again with the boxes that are shown, so that nothing of the shortcut is repeated here.
          const shown = images.map((one) => ({
            ...one,
            detections: one.detections.filter((d) => d.confidence >= threshold),
          }));
          const classes = matchDetections(shown, { classCount: 3 }).classes;
          const hits = classes.flatMap((one) => [...one.hits]).filter((mask) => mask % 2 === 1).length;
          const count = shown.reduce((sum, one) => sum + one.detections.length, 0);
          return { threshold, precision: hits / count, recall: hits / boxes, f1: (2 * hits) / (count + boxes) };
        });
        const highest = Math.max(0, ...scored.map(({ f1 }) => f1));
        const winners = scored
          .filter(({ f1 }) => f1 === highest && f1 > 0)
          .toSorted((a, b) => b.threshold - a.threshold);
        expect(best).toEqual(winners[0] ?? null);
      }),
    );
  });
});

describe('weights', () => {
  test('an image that counts n times is the same as n copies of it', () => {
    // Distinct confidences: copies of two tied boxes of one image would take turns.
    fc.assert(
      fc.property(
        anyImages,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }),
        (images, counts) => {
          const distinct = images.map((one, i) => ({
            ...one,
            detections: one.detections.map((d, k) => ({ ...d, confidence: d.confidence + (i * 10 + k) * 1e-6 })),
          }));
          const weights = Int32Array.from(counts.slice(0, images.length));
          const copies = distinct.flatMap((one, i) =>
            Array.from({ length: weights[i] ?? 0 }, (_, copy) => ({ ...one, imageId: one.imageId * 100 + copy })),
          );
          const weighted = meanAveragePrecision(matchDetections(distinct, { classCount: 3 }), weights);
          const copied = meanAveragePrecision(matchDetections(copies, { classCount: 3 }));
          expect(weighted.map50 === null).toBe(copied.map50 === null);
          expect(weighted.map50 ?? 0).toBeCloseTo(copied.map50 ?? 0, 12);
          expect(weighted.map5095 ?? 0).toBeCloseTo(copied.map5095 ?? 0, 12);
        },
      ),
    );
  });

  test('without objects in the images that count there is no average precision', () => {
    const { classes } = matchDetections([image(1, [truth(0)], [found(0, 0.5)]), image(2, [], [])], { classCount: 1 });
    const [only] = classes;
    expect(only && averagePrecisions(only, Int32Array.of(0, 5))).toBeNull();
    expect(only && averagePrecisions(only, Int32Array.of(2, 0))?.[0]).toBe(1);
  });
});
