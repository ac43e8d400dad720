import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { surerPredictions } from './sameObject.ts';

function prediction(classId: number, confidence: number, x1: number, y1: number, x2: number, y2: number) {
  return { classId, confidence, box: { x1, y1, x2, y2 } };
}

describe('predictions of one object', () => {
  test('are those that overlap, of its class or of another one', () => {
    const crack = prediction(0, 0.65, 10, 10, 110, 50);
    const shifted = prediction(0, 0.49, 20, 12, 115, 55);
    const scratch = prediction(1, 0.45, 12, 10, 112, 52);
    const part = prediction(0, 0.36, 20, 15, 60, 45);
    expect(surerPredictions([scratch, crack, part, shifted])).toEqual([1, null, 1, 1]);
  });

  test('leave neighbours in a row apart, and an object that lies on another one', () => {
    const bottles = [0, 1, 2, 3].map((n) => prediction(0, 0.9 - n / 10, n * 60, 0, n * 60 + 100, 200));
    expect(surerPredictions(bottles)).toEqual([null, null, null, null]);
    const table = prediction(1, 0.9, 0, 0, 400, 200);
    expect(surerPredictions([table, ...bottles])).toEqual([null, null, null, null, null]);
  });

  test('belong to the object that they overlap most, and a weaker one never stands for others', () => {
    const [left, right] = [prediction(0, 0.9, 0, 0, 100, 100), prediction(0, 0.8, 60, 0, 160, 100)];
    const between = prediction(0, 0.5, 45, 0, 145, 100);
    expect(surerPredictions([left, right, between])).toEqual([null, null, 1]);
  });

  test('name a surer prediction that stands for itself', () => {
    const box = fc.record({
      classId: fc.integer({ min: 0, max: 2 }),
      confidence: fc.double({ min: 0.05, max: 1, noNaN: true }),
      x: fc.integer({ min: 0, max: 50 }),
      y: fc.integer({ min: 0, max: 50 }),
      w: fc.integer({ min: 1, max: 60 }),
      h: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(box, { maxLength: 40 }), (boxes) => {
        const all = boxes.map(({ classId, confidence, x, y, w, h }) =>
          prediction(classId, confidence, x, y, x + w, y + h),
        );
        const surer = surerPredictions(all);
        for (const [index, other] of surer.entries()) {
          if (other === null) continue;
          expect(surer[other]).toBeNull();
          expect(all[other]?.confidence).toBeGreaterThanOrEqual(all[index]?.confidence ?? 0);
        }
        expect(surer.includes(null)).toBe(all.length > 0);
      }),
    );
  });
});
