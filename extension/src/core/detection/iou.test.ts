import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxArea, intersectionArea, iou } from './iou.ts';
import type { PixelBox } from './types.ts';

const coordinate = fc.double({ min: -100, max: 1000, noNaN: true });
const size = fc.double({ min: 0.01, max: 500, noNaN: true });
const anyBox = fc
  .tuple(coordinate, coordinate, size, size)
  .map(([x, y, w, h]): PixelBox => ({ x1: x, y1: y, x2: x + w, y2: y + h }));

test('overlap of two known boxes', () => {
  const a = { x1: 0, y1: 0, x2: 10, y2: 10 };
  const b = { x1: 5, y1: 0, x2: 15, y2: 10 };
  expect(boxArea(a)).toBe(100);
  expect(intersectionArea(a, b)).toBe(50);
  expect(iou(a, b)).toBeCloseTo(1 / 3, 12);
});

test('touching boxes do not overlap, and a box without area overlaps nothing', () => {
  const a = { x1: 0, y1: 0, x2: 10, y2: 10 };
  expect(iou(a, { x1: 10, y1: 0, x2: 20, y2: 10 })).toBe(0);
  expect(iou(a, { x1: 5, y1: 5, x2: 5, y2: 5 })).toBe(0);
  expect(boxArea({ x1: 4, y1: 0, x2: 2, y2: 5 })).toBe(0);
});

test('is symmetric, bounded, and 1 for a box with itself', () => {
  fc.assert(
    fc.property(anyBox, anyBox, (a, b) => {
      expect(iou(a, b)).toBe(iou(b, a));
      expect(iou(a, b)).toBeGreaterThanOrEqual(0);
      expect(iou(a, b)).toBeLessThanOrEqual(1 + 1e-12);
      expect(iou(a, a)).toBeCloseTo(1, 9);
    }),
  );
});
