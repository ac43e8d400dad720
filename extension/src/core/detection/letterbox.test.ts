import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DetectionError } from './errors.ts';
import { planLetterbox, roundHalfEven, toImageBox } from './letterbox.ts';

describe('planLetterbox', () => {
  test('a landscape image gets a rectangle, padded to the stride', () => {
    expect(planLetterbox(1280, 720, 640)).toMatchObject({
      width: 640,
      height: 384,
      resizedWidth: 640,
      resizedHeight: 360,
      left: 0,
      right: 0,
      top: 12,
      bottom: 12,
    });
  });

  test('an odd pixel of padding goes below', () => {
    expect(planLetterbox(640, 427, 640)).toMatchObject({ height: 448, top: 10, bottom: 11, padY: 10 });
  });

  test('small images are scaled up, as predict does', () => {
    expect(planLetterbox(100, 50, 640)).toMatchObject({ width: 640, height: 320, resizedWidth: 640, gainX: 6.4 });
  });

  test('a fixed input is square, a stretched one has no padding', () => {
    expect(planLetterbox(1280, 720, 640, { mode: 'square' })).toMatchObject({ width: 640, height: 640, top: 140 });
    expect(planLetterbox(1280, 720, 640, { mode: 'stretch' })).toMatchObject({
      resizedHeight: 640,
      top: 0,
      gainX: 0.5,
      gainY: 640 / 720,
    });
  });

  test('an image size that is no multiple of the stride is rounded up', () => {
    expect(planLetterbox(100, 100, 300).width).toBe(320);
    expect(planLetterbox(100, 100, 1).width).toBe(32);
  });

  test('a single pixel and a hair-thin image are possible', () => {
    expect(planLetterbox(1, 1, 640)).toMatchObject({ width: 640, height: 640 });
    expect(planLetterbox(3000, 1, 640)).toMatchObject({ resizedHeight: 1, height: 32 });
  });

  test.each([
    [0, 10, 640],
    [10, 2.5, 640],
    [10, 10, Number.NaN],
  ])('refuses %d × %d at %d', (width, height, imageSize) => {
    expect(() => planLetterbox(width, height, imageSize)).toThrow(DetectionError);
  });

  test('the whole image goes into the input and comes back', () => {
    const side = fc.integer({ min: 16, max: 4000 });
    const mode = fc.constantFrom('rectangle' as const, 'square' as const, 'stretch' as const);
    fc.assert(
      fc.property(side, side, fc.integer({ min: 2, max: 40 }), mode, (width, height, strides, how) => {
        const plan = planLetterbox(width, height, strides * 32, { mode: how });
        expect(plan.width % 32).toBe(0);
        expect(plan.height % 32).toBe(0);
        expect(plan.left + plan.resizedWidth + plan.right).toBe(plan.width);
        expect(plan.top + plan.resizedHeight + plan.bottom).toBe(plan.height);
        const box = toImageBox(plan, plan.left, plan.top, plan.left + plan.resizedWidth, plan.top + plan.resizedHeight);
        expect(box.x1).toBeCloseTo(0, 6);
        expect(box.y1).toBeCloseTo(0, 6);
        expect(box.x2).toBeCloseTo(width, 6);
        expect(box.y2).toBeCloseTo(height, 6);
      }),
    );
  });

  test('boxes are clipped to the image', () => {
    const plan = planLetterbox(320, 320, 320);
    expect(toImageBox(plan, -20, 10, 400, 330)).toEqual({ x1: 0, y1: 10, x2: 320, y2: 320 });
  });
});

test('roundHalfEven rounds as Python does', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6, -0.1].map(roundHalfEven).map((n) => n + 0)).toEqual([
    0, 2, 2, 0, -2, 2, 3, 0,
  ]);
});
