import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeBeside } from './pickerPlace.ts';

const picker = { width: 260, height: 200 };

test('the picker stands right of the box, or left of it if there is no room', () => {
  const area = { width: 800, height: 600 };
  expect(placeBeside({ x1: 100, y1: 50, x2: 200, y2: 150 }, picker, area)).toMatchObject({ left: 208, top: 50 });
  expect(placeBeside({ x1: 500, y1: 50, x2: 700, y2: 150 }, picker, area)).toMatchObject({ left: 232, top: 50 });
});

test('the picker stays in the image area', () => {
  const side = fc.integer({ min: -2000, max: 2000 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 280, max: 2000 }), (x, y, extent) => {
      const area = { width: extent, height: extent };
      const { left, top } = placeBeside({ x1: x, y1: y, x2: x + 300, y2: y + 20 }, picker, area);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(left + picker.width).toBeLessThanOrEqual(extent);
      expect(top + picker.height).toBeLessThanOrEqual(extent);
    }),
  );
});
