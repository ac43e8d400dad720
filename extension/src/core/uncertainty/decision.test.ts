import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binaryEntropy } from './binaryEntropy.ts';
import { classDifficulties, classDifficulty } from './classDifficulty.ts';
import { decisionEntropy } from './decisionEntropy.ts';
import { decisionScore, isSerious } from './decisionScore.ts';
import { anyThreshold, bare, evidence, evidenceOf, options, unit } from './testing.ts';

const logit = (p: number): number => Math.log(p / (1 - p));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('the decision score', () => {
  test('is the score with its logit shifted by that of the threshold', () => {
    const inside = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
    fc.assert(
      fc.property(inside, anyThreshold, (score, threshold) => {
        expect(decisionScore(score, threshold)).toBeCloseTo(sigmoid(logit(score) - logit(threshold)), 9);
      }),
    );
  });

  test('is one half at the threshold, keeps the ends and the order', () => {
    fc.assert(
      fc.property(unit, unit, anyThreshold, (a, b, threshold) => {
        expect(decisionScore(threshold, threshold)).toBeCloseTo(0.5, 12);
        expect([decisionScore(0, threshold), decisionScore(1, threshold)]).toEqual([0, 1]);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((score) => decisionScore(score, threshold));
        expect(low).toBeLessThanOrEqual((high ?? Number.NaN) + 1e-15);
      }),
    );
  });

  test('a box is a serious candidate from a decision score of one quarter on', () => {
    expect(isSerious(bare(0.1), 0.25)).toBe(true);
    expect(isSerious(bare(0.099), 0.25)).toBe(false);
    expect(isSerious(bare(0.25), 0.5)).toBe(true);
  });
});

describe('decision entropy', () => {
  test('is highest for a box at the threshold', () => {
    expect(decisionEntropy.compute(evidence(0.25), options)).toBe(1);
    expect(decisionEntropy.compute(evidence(0.5), options)).toBeCloseTo(binaryEntropy(0.75), 12);
    expect(decisionEntropy.compute(evidence(0.5), { ...options, threshold: 0.5 })).toBe(1);
  });

  test('does not put a nearly empty image before one with a box in doubt, as 1 − max does', () => {
    const faint = decisionEntropy.compute(evidence(0.06), options) ?? Number.NaN;
    expect(faint).toBeLessThan(decisionEntropy.compute(evidence(0.4), options) ?? Number.NaN);
  });
});

describe('class difficulty', () => {
  const { log, exp } = Math;

  test('weighs classes as PPAL does, from 1 to 1.2', () => {
    const weights = classDifficulties([1, 0, 0.5]) ?? [];
    expect(weights[0]).toBe(1);
    expect(weights[1]).toBeCloseTo(1.2, 12);
    expect(weights[2]).toBeCloseTo(1 + 0.06 * log((exp(1 / 0.3) - 1) * 0.5 + 1), 12);
    fc.assert(
      fc.property(unit, unit, (a, b) => {
        const [first = 0, second = 0] = classDifficulties([Math.min(a, b), Math.max(a, b)]) ?? [];
        for (const weight of [first, second]) {
          expect(weight).toBeGreaterThanOrEqual(1);
          expect(weight).toBeLessThanOrEqual(1.2 + 1e-12);
        }
        expect(first).toBeGreaterThanOrEqual(second);
      }),
    );
  });

  test('takes the mean for a class that validation says nothing about', () => {
    expect(classDifficulties([1, null, 0])?.[1]).toBeCloseTo(1.1, 12);
    expect(classDifficulties([null, null])).toBeNull();
    expect(classDifficulties([])).toBeNull();
  });

  test('raises boxes of hard classes', () => {
    const settings = { ...options, classDifficulty: [1, 1.2] };
    const easy = evidenceOf([bare(0.25)]);
    const hard = evidenceOf([{ ...bare(0.25), classId: 1 }]);
    expect(classDifficulty.compute(hard, settings)).toBeCloseTo(1, 12);
    expect(classDifficulty.compute(easy, settings)).toBeCloseTo(1 / 1.2, 12);
    const unknown = evidenceOf([{ ...bare(0.25), classId: 7 }]);
    expect(classDifficulty.compute(unknown, settings)).toBeCloseTo(1 / 1.2, 12);
    expect(classDifficulty.compute(hard, options)).toBeNull();
  });
});
