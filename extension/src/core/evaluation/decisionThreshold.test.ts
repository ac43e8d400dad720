import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decisionThreshold, HIGHEST_THRESHOLD, LEAST_THRESHOLD } from './decisionThreshold.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const logit = (p: number): number => Math.log(p / (1 - p));
const distance = (t: number | undefined): number => Math.abs((t ?? Number.NaN) - 0.25);
const anyCount = fc.nat({ max: 5000 });

describe('the decision threshold', () => {
  test('is 0.25 if there were no detections or no measurements', () => {
    expect(decisionThreshold(null, 500)).toBe(0.25);
    expect(decisionThreshold(0.6, 0)).toBeCloseTo(0.25, 12);
  });

  test('lies half way between the logits at 50 images', () => {
    expect(logit(decisionThreshold(0.5, 50))).toBeCloseTo(logit(0.25) / 2, 12);
    expect(decisionThreshold(0.5, 1e9)).toBeCloseTo(0.5, 6);
  });

  test('moves from 0.25 towards the best F1, further with more images', () => {
    fc.assert(
      fc.property(unit, anyCount, anyCount, (best, fewer, more) => {
        const [few, many] = [fewer, more].toSorted((a, b) => a - b).map((count) => decisionThreshold(best, count));
        expect(distance(many)).toBeGreaterThanOrEqual(distance(few) - 1e-12);
        const side = Math.sign(best - 0.25);
        expect(side * ((few ?? Number.NaN) - 0.25)).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });

  test('stays where candidates are, and where a box at 0.90 is surer than one at 0.50', () => {
    fc.assert(
      fc.property(unit, anyCount, (best, count) => {
        const t = decisionThreshold(best, count);
        expect(t).toBeGreaterThanOrEqual(LEAST_THRESHOLD);
        expect(t).toBeLessThanOrEqual(HIGHEST_THRESHOLD);
      }),
    );
  });
});
