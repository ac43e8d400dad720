import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  handles,
  minSide,
  moveRect,
  nudgeEdge,
  rectAround,
  type Rect,
  resizeRect,
  sameRect,
  type Size,
} from './geometry.ts';

const image: fc.Arbitrary<Size> = fc.record({
  width: fc.integer({ min: 2, max: 8000 }),
  height: fc.integer({ min: 2, max: 8000 }),
});
const coordinate = fc.double({ min: -9000, max: 9000, noNaN: true });
const point = fc.record({ x: coordinate, y: coordinate });
const inImage = image.chain((size) =>
  fc.tuple(point, point).map(([a, b]) => ({ size, rect: rectAround([a, b], size) })),
);

/** Whether the box is inside the image and has a size. */
function isSound({ x1, y1, x2, y2 }: Rect, size: Size): boolean {
  const least = minSide - 1e-9;
  return x1 >= 0 && y1 >= 0 && x2 <= size.width && y2 <= size.height && x2 - x1 >= least && y2 - y1 >= least;
}

describe('boxes', () => {
  it('are inside the image and have a size for all drawn points', () => {
    fc.assert(
      fc.property(image, fc.array(point, { minLength: 1, maxLength: 4 }), (size, points) => {
        expect(isSound(rectAround(points, size), size)).toBe(true);
      }),
    );
  });

  it('keep their size when moved, and remain inside the image', () => {
    fc.assert(
      fc.property(inImage, coordinate, coordinate, ({ size, rect }, dx, dy) => {
        const moved = moveRect(rect, dx, dy, size);
        expect(moved.x2 - moved.x1).toBeCloseTo(rect.x2 - rect.x1, 6);
        expect(moved.y2 - moved.y1).toBeCloseTo(rect.y2 - rect.y1, 6);
        expect(moved.x1).toBeGreaterThanOrEqual(-1e-9);
        expect(moved.x2).toBeLessThanOrEqual(size.width + 1e-9);
      }),
    );
  });

  it('follow a handle inside the image, and keep the other sides', () => {
    fc.assert(
      fc.property(inImage, fc.constantFrom(...handles), point, ({ size, rect }, handle, to) => {
        const resized = resizeRect(rect, handle, to, size);
        expect(isSound(resized, size)).toBe(true);
        const wide = !handle.includes('w') && !handle.includes('e');
        const high = !handle.includes('n') && !handle.includes('s');
        expect([resized.x1, resized.x2]).toEqual(wide ? [rect.x1, rect.x2] : [resized.x1, resized.x2]);
        expect([resized.y1, resized.y2]).toEqual(high ? [rect.y1, rect.y2] : [resized.y1, resized.y2]);
      }),
    );
  });

  it('flip when a handle is dragged across the opposite side', () => {
    const rect = { x1: 100, y1: 100, x2: 200, y2: 200 };
    expect(resizeRect(rect, 'se', { x: 40, y: 30 }, { width: 500, height: 500 })).toEqual({
      x1: 40,
      y1: 30,
      x2: 100,
      y2: 100,
    });
  });

  it('never flip when an edge is nudged', () => {
    fc.assert(
      fc.property(
        inImage,
        fc.constantFrom('left' as const, 'top' as const, 'right' as const, 'bottom' as const),
        fc.integer({ min: -50, max: 50 }),
        ({ size, rect }, edge, by) => {
          expect(isSound(nudgeEdge(rect, edge, by, size), size)).toBe(true);
        },
      ),
    );
  });

  it('are equal only within the tolerance', () => {
    const rect = { x1: 1, y1: 2, x2: 3, y2: 4 };
    expect(sameRect(rect, { ...rect, x2: 3.05 }, 0.1)).toBe(true);
    expect(sameRect(rect, { ...rect, x2: 3.2 }, 0.1)).toBe(false);
  });
});
