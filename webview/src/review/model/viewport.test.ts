import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { fit, pan, rectToCanvas, panToReveal, sameView, toCanvas, toImage, zoomAt } from './viewport.ts';

const size = fc.record({ width: fc.integer({ min: 60, max: 6000 }), height: fc.integer({ min: 60, max: 6000 }) });
const canvas = fc.record({ width: fc.integer({ min: 120, max: 2000 }), height: fc.integer({ min: 120, max: 2000 }) });
const at = fc.record({
  x: fc.double({ min: 0, max: 100, noNaN: true }),
  y: fc.double({ min: 0, max: 100, noNaN: true }),
});

test('another image is shown at the same scale and the same part', () => {
  const area = { width: 400, height: 300 };
  const before = { width: 1000, height: 1000 };
  const image = { width: 2000, height: 500 };
  const viewport = { scale: 3, x: 200 - 250 * 3, y: 150 - 500 * 3 };
  const next = sameView(viewport, before, image, area);
  expect(next.scale).toBe(3);
  expect(toImage(next, { x: 200, y: 150 })).toEqual({ x: 500, y: 250 });
});

describe('the view of the image', () => {
  it('maps points from the canvas to the image and back', () => {
    fc.assert(
      fc.property(size, canvas, at, (image, room, point) => {
        const viewport = fit(image, room);
        const back = toCanvas(viewport, toImage(viewport, point));
        expect(back.x).toBeCloseTo(point.x, 6);
        expect(back.y).toBeCloseTo(point.y, 6);
      }),
    );
  });

  it('fits the whole image', () => {
    fc.assert(
      fc.property(size, canvas, (image, room) => {
        const shown = rectToCanvas(fit(image, room), { x1: 0, y1: 0, x2: image.width, y2: image.height });
        expect(shown.x1).toBeGreaterThanOrEqual(0);
        expect(shown.y1).toBeGreaterThanOrEqual(0);
        expect(shown.x2).toBeLessThanOrEqual(room.width);
        expect(shown.y2).toBeLessThanOrEqual(room.height);
      }),
    );
  });

  it('keeps the point under the pointer in place while zooming', () => {
    fc.assert(
      fc.property(size, canvas, fc.double({ min: 1, max: 3, noNaN: true }), (image, room, factor) => {
        const before = fit(image, room);
        const point = { x: room.width / 2 + 5, y: room.height / 2 - 5 };
        const after = zoomAt(before, point, factor, image, room);
        expect(toImage(after, point).x).toBeCloseTo(toImage(before, point).x, 4);
        expect(toImage(after, point).y).toBeCloseTo(toImage(before, point).y, 4);
      }),
    );
  });

  it('always shows a part of the image', () => {
    fc.assert(
      fc.property(
        size,
        canvas,
        fc.integer({ min: -1e5, max: 1e5 }),
        fc.integer({ min: -1e5, max: 1e5 }),
        (image, room, dx, dy) => {
          const moved = rectToCanvas(pan(fit(image, room), dx, dy, image, room), {
            x1: 0,
            y1: 0,
            x2: image.width,
            y2: image.height,
          });
          expect(moved.x2).toBeGreaterThan(0);
          expect(moved.y2).toBeGreaterThan(0);
          expect(moved.x1).toBeLessThan(room.width);
          expect(moved.y1).toBeLessThan(room.height);
        },
      ),
    );
  });

  it('moves as little as possible to show a selected box', () => {
    const image = { width: 1000, height: 1000 };
    const room = { width: 400, height: 400 };
    const close = zoomAt(fit(image, room), { x: 0, y: 0 }, 5, image, room);
    const inside = { x1: 10, y1: 10, x2: 60, y2: 60 };
    const shown = panToReveal(close, inside, image, room);
    expect(panToReveal(shown, inside, image, room)).toBe(shown);
    const far = rectToCanvas(panToReveal(shown, { x1: 900, y1: 900, x2: 950, y2: 950 }, image, room), {
      x1: 900,
      y1: 900,
      x2: 950,
      y2: 950,
    });
    expect(far.x2).toBeLessThanOrEqual(room.width);
    expect(far.x1).toBeGreaterThanOrEqual(0);
  });
});
