import { describe, expect, test } from 'vitest';
import { addParity, compareDetections, noParity } from './parity.ts';
import type { Detection } from './types.ts';

const box = (x: number, confidence: number, classId = 0, size = 100): Detection => ({
  classId,
  confidence,
  box: { x1: x, y1: 0, x2: x + size, y2: size },
});

describe('compareDetections', () => {
  test('the same boxes fit, counted from both sides', () => {
    const boxes = [box(0, 0.9), box(200, 0.5, 1)];
    expect(compareDetections(boxes, boxes)).toEqual({ boxes: 4, unmatched: 0, maxDeltaConfidence: 0, minIou: 1 });
  });

  test('reports the largest difference and the smallest overlap of partners', () => {
    const parity = compareDetections([box(0, 0.9), box(200, 0.5)], [box(0.5, 0.895), box(200, 0.508)]);
    expect(parity.unmatched).toBe(0);
    expect(parity.maxDeltaConfidence).toBeCloseTo(0.008);
    expect(parity.minIou).toBeCloseTo(99.5 / 100.5);
  });

  test('a partner may lie a little below the threshold', () => {
    expect(compareDetections([box(0, 0.251)], [box(0, 0.249)])).toMatchObject({ boxes: 1, unmatched: 0 });
    expect(compareDetections([box(0, 0.251)], [box(0, 0.24)])).toMatchObject({ unmatched: 1 });
  });

  test.each([
    ['a missing box', []],
    ['another class', [box(0, 0.9, 1)]],
    ['another place', [box(3, 0.9)]],
    ['another confidence', [box(0, 0.88)]],
  ])('%s is no partner', (_, ours) => {
    expect(compareDetections([box(0, 0.9)], ours).unmatched).toBe(1 + ours.length);
  });

  test('figures show how far off a partner is that does not count', () => {
    const shifted = compareDetections([box(0, 0.9)], [box(25, 0.6)]);
    expect(shifted).toEqual({
      boxes: 2,
      unmatched: 2,
      maxDeltaConfidence: expect.closeTo(0.3, 12),
      minIou: 75 / 125,
    });
    // Less than half of both is another object, as is another class.
    const nothing = { maxDeltaConfidence: 0, minIou: 1 };
    expect(compareDetections([box(0, 0.9)], [box(40, 0.9)])).toMatchObject(nothing);
    expect(compareDetections([box(0, 0.9)], [box(0, 0.9, 1)])).toMatchObject(nothing);
  });

  test('a partner within the limits goes before one that lies nearer', () => {
    const theirs = [box(0, 0.9), box(0, 0.6)];
    const ours = [box(0.5, 0.9), box(0.5, 0.6)];
    expect(compareDetections(theirs, ours)).toMatchObject({ boxes: 4, unmatched: 0 });
    expect(compareDetections([box(0, 0.9)], [box(0, 0.5), box(0.5, 0.9)])).toMatchObject({ unmatched: 1 });
  });

  test('one box is not the partner of two', () => {
    expect(compareDetections([box(0, 0.9), box(0.2, 0.9)], [box(0, 0.9)])).toMatchObject({ boxes: 3, unmatched: 1 });
  });

  test('sums up', () => {
    expect(addParity(noParity, { boxes: 2, unmatched: 1, maxDeltaConfidence: 0.1, minIou: 0.9 })).toEqual({
      boxes: 2,
      unmatched: 1,
      maxDeltaConfidence: 0.1,
      minIou: 0.9,
    });
  });
});
