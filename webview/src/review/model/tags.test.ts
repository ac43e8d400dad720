import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutTags, type TagRequest } from './tags.ts';

const canvas = { width: 600, height: 400 };
const height = 17;
const request = fc.record({
  x: fc.integer({ min: -50, max: 640 }),
  y: fc.integer({ min: -50, max: 440 }),
  w: fc.integer({ min: 4, max: 400 }),
  h: fc.integer({ min: 4, max: 300 }),
  width: fc.integer({ min: 20, max: 140 }),
});

function toRequests(items: readonly { x: number; y: number; w: number; h: number; width: number }[]): TagRequest[] {
  return items.map(({ x, y, w, h, width }, key) => ({
    key,
    box: { x1: x, y1: y, x2: x + w, y2: y + h },
    width,
    always: false,
  }));
}

describe('the tags of the boxes', () => {
  it('are inside the canvas and do not overlap', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (items) => {
        const requests = toRequests(items);
        const rects = [...layoutTags(requests, height, canvas)].map(([key, at]) => ({
          ...at,
          width: requests[key]?.width ?? 0,
        }));
        for (const [place, one] of rects.entries()) {
          expect(one.x).toBeGreaterThanOrEqual(0);
          expect(one.y).toBeGreaterThanOrEqual(0);
          expect(one.x + one.width).toBeLessThanOrEqual(canvas.width);
          expect(one.y + height).toBeLessThanOrEqual(canvas.height);
          for (const other of rects.slice(place + 1)) {
            const apart =
              one.x >= other.x + other.width ||
              other.x >= one.x + one.width ||
              one.y >= other.y + height ||
              other.y >= one.y + height;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });

  it('are inside a box that leaves no room around it', () => {
    const box = { x1: 0, y1: 0, x2: canvas.width, y2: canvas.height };
    const places = layoutTags([{ key: 1, box, width: 50, always: false }], height, canvas, [box]);
    expect(places.get(1)).toEqual({ x: 0, y: 0 });
  });

  it('cover at most a quarter of the objects', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 30 }), (items) => {
        const requests = toRequests(items);
        const boxes = requests.map(({ box }) => box);
        for (const [key, at] of layoutTags(requests, height, canvas, boxes)) {
          const width = requests[key]?.width ?? 0;
          const tag = { x1: at.x, y1: at.y, x2: at.x + width, y2: at.y + height };
          const covered = boxes.map((box) => {
            const w = Math.min(box.x2, tag.x2) - Math.max(box.x1, tag.x1);
            const h = Math.min(box.y2, tag.y2) - Math.max(box.y1, tag.y1);
            return w <= 0 || h <= 0 ? 0 : (w * h) / ((box.x2 - box.x1) * (box.y2 - box.y1));
          });
          expect(covered.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(0.25);
        }
      }),
    );
  });

  it('are above the box, or below it at the upper edge of the canvas', () => {
    const at = (y: number) =>
      layoutTags(
        [{ key: 1, box: { x1: 100, y1: y, x2: 300, y2: y + 100 }, width: 50, always: false }],
        height,
        canvas,
      ).get(1);
    expect(at(100)).toEqual({ x: 100, y: 100 - height });
    expect(at(5)).toEqual({ x: 100, y: 105 });
  });

  it('are omitted for invisible boxes, and always shown for the selected one', () => {
    const box = { x1: 100, y1: 100, x2: 110, y2: 110 };
    const crowd: TagRequest[] = Array.from({ length: 30 }, (_, key) => ({ key, box, width: 60, always: false }));
    const places = layoutTags([...crowd, { key: 99, box, width: 60, always: true }], height, canvas);
    expect(places.size).toBeLessThan(10);
    expect(places.has(99)).toBe(true);
    expect(
      layoutTags([{ key: 1, box: { x1: 700, y1: 0, x2: 800, y2: 9 }, width: 9, always: true }], height, canvas).size,
    ).toBe(0);
  });
});
