import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageMirrored } from './mirrorAverage.ts';
import type { Detection } from './types.ts';

function detection(classId: number, confidence: number, x1: number, size = 100): Detection {
  return { classId, confidence, box: { x1, y1: 0, x2: x1 + size, y2: size } };
}

function sum(boxes: readonly Detection[]): number {
  return boxes.reduce((total, { confidence }) => total + confidence, 0);
}

describe('detections averaged over the mirror image', () => {
  it('are the mean of a pair, and half of what has no partner', () => {
    const here = [
      { ...detection(0, 0.8, 0), classScores: { classIds: [0, 2], scores: [0.8, 0.1] } },
      detection(1, 0.6, 300),
    ];
    const there = [
      { ...detection(0, 0.4, 10), classScores: { classIds: [0, 1], scores: [0.4, 0.3] } },
      detection(2, 0.5, 300),
      detection(1, 0.08, 700),
    ];
    const [pair, ...alone] = averageMirrored(here, there, 0.05);
    expect(pair?.confidence).toBeCloseTo(0.6, 12);
    expect(pair?.box).toEqual({ x1: 5, y1: 0, x2: 105, y2: 100 });
    expect(pair?.classScores?.classIds).toEqual([0, 1, 2]);
    expect(pair?.classScores?.scores.map((score) => Number(score.toFixed(6)))).toEqual([0.6, 0.15, 0.05]);
    expect(alone).toEqual([{ ...detection(1, 0.3, 300) }, { ...detection(2, 0.25, 300) }]);
  });

  it('keep the scores of other classes if the mirror image has none', () => {
    const here = { ...detection(0, 0.8, 0), classScores: { classIds: [0, 2, 3], scores: [0.8, 0.7, 0.1] } };
    const [pair] = averageMirrored([here], [detection(0, 0.4, 10)], 0.05);
    expect(pair?.classScores?.classIds).toEqual([0, 2, 3]);
    expect(pair?.classScores?.scores.map((score) => Number(score.toFixed(6)))).toEqual([0.6, 0.6, 0.1]);
  });

  it('pair each box once, the best overlap first', () => {
    const averaged = averageMirrored([detection(0, 0.8, 0), detection(0, 0.6, 20)], [detection(0, 0.4, 22)], 0);
    expect(averaged.map(({ confidence, box }) => [confidence, box.x1])).toEqual([
      [0.5, 21],
      [0.4, 0],
    ]);
  });

  const one = fc
    .tuple(
      fc.integer({ min: 0, max: 1 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 400 }),
    )
    .map(([classId, confidence, x1]) => detection(classId, confidence, x1));
  const many = fc.array(one, { maxLength: 8 });

  it('stay the same if the mirror image has the same ones', () => {
    fc.assert(
      fc.property(many, (list) => {
        const averaged = averageMirrored(list, list, 0);
        expect(averaged).toHaveLength(list.length);
        expect(sum(averaged)).toBeCloseTo(sum(list), 9);
      }),
    );
  });

  it('keep half of all confidence, whichever image comes first', () => {
    fc.assert(
      fc.property(many, many, (here, there) => {
        expect(sum(averageMirrored(here, there, 0))).toBeCloseTo((sum(here) + sum(there)) / 2, 9);
        expect(sum(averageMirrored(there, here, 0))).toBeCloseTo((sum(here) + sum(there)) / 2, 9);
      }),
    );
  });
});
