import { expect, test } from 'vitest';
import { missedLimits, type LimitedFigures } from './limits.ts';

const good: LimitedFigures = {
  ratioToFloor: 0.9,
  ratioToUltralyticsOnnx: 1.25,
  ratioToUltralyticsPytorch: 1.8,
  shareOfSquare: 0.7,
  fast: { ratioToFp32: 1.4, rankCorrelation: 0.97, map5095Delta: -0.01 },
};

test('a limit that is just reached is reached', () => {
  expect(missedLimits('a', good, true)).toEqual([]);
});

test('every limit that is missed is named', () => {
  const poor: LimitedFigures = {
    ratioToFloor: 0.899,
    ratioToUltralyticsOnnx: 1.249,
    ratioToUltralyticsPytorch: 1.799,
    shareOfSquare: 0.7,
    fast: { ratioToFp32: 1.399, rankCorrelation: 0.969, map5095Delta: -0.011 },
  };
  expect(missedLimits('a', poor, true)).toEqual([
    'a: ratioToFloor is 0.899, below 0.9.',
    'a: ratioToUltralyticsOnnx is 1.249, below 1.25.',
    'a: ratioToUltralyticsPytorch is 1.799, below 1.8.',
    'a: fast.ratioToFp32 is 1.399, below 1.4.',
    'a: fast.rankCorrelation is 0.969, below 0.97.',
    'a: fast.map5095Delta is -0.011, further from 0 than 0.01.',
  ]);
});

test('square images of the size of the model need not be faster than those of Ultralytics', () => {
  const square = { ...good, shareOfSquare: 1 };
  expect(missedLimits('a', { ...square, ratioToUltralyticsOnnx: 1 }, true)).toEqual([]);
  expect(missedLimits('a', { ...square, ratioToUltralyticsOnnx: 0.99 }, true)).toHaveLength(1);
});

test('without VNNI an int8 model may be slow, not wrong', () => {
  const slow = { ratioToFp32: 0.8, rankCorrelation: 0.5, map5095Delta: 0 };
  for (const vnni of [false, null]) {
    expect(missedLimits('a', { ...good, fast: slow }, vnni)).toEqual(['a: fast.rankCorrelation is 0.5, below 0.97.']);
  }
});

test('what was not measured misses nothing', () => {
  expect(missedLimits('a', { ...good, ratioToUltralyticsPytorch: null, fast: null }, true)).toEqual([]);
});

test('a fast model that gives all images the same score misses', () => {
  const equal = { ratioToFp32: 1.4, rankCorrelation: null, map5095Delta: 0 };
  expect(missedLimits('a', { ...good, fast: equal }, true)).toEqual([
    'a: fast.rankCorrelation cannot be told: all scores are equal.',
  ]);
});
