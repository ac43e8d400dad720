import { describe, expect, test } from 'vitest';
import { rankCorrelation } from './rankCorrelation.ts';

describe('rankCorrelation', () => {
  test('is 1 for any growing relation and -1 for any falling one', () => {
    const a = [0.1, 5, 2, 100, 3];
    expect(
      rankCorrelation(
        a,
        a.map((value) => value ** 3),
      ),
    ).toBeCloseTo(1, 12);
    expect(
      rankCorrelation(
        a,
        a.map((value) => 1 / value),
      ),
    ).toBeCloseTo(-1, 12);
  });

  test('shares ranks between equal values', () => {
    // Ranks 1, two of 2.5, 4, two of 5.5 and 3, 1, 2, 6, 5, 4: covariance 10.5 over √(16.5 · 17.5).
    expect(rankCorrelation([1, 2, 2, 4, 5, 5], [3, 1, 2, 6, 5, 4])).toBeCloseTo(10.5 / Math.sqrt(16.5 * 17.5), 12);
  });

  test('is not defined without differences', () => {
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(rankCorrelation([1], [1])).toBeNull();
    expect(rankCorrelation([1, 2], [1, 2, 3])).toBeNull();
  });
});
