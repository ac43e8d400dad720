import { describe, expect, test } from 'vitest';
import { localisationEntropy } from './localisation.ts';

const dims = [2, 4, 4, 3] as const;

/** `[image, bin, side, anchor]` from a function. */
function sides(p: (image: number, bin: number, side: number, anchor: number) => number) {
  const data = new Float32Array(2 * 4 * 4 * 3);
  let at = 0;
  for (let image = 0; image < 2; image++) {
    for (let bin = 0; bin < 4; bin++) {
      for (let side = 0; side < 4; side++) {
        for (let anchor = 0; anchor < 3; anchor++) data[at++] = p(image, bin, side, anchor);
      }
    }
  }
  return { data, dims };
}

describe('localisationEntropy', () => {
  test('is 0 if every side is certain and 1 if no side is', () => {
    const distributions = sides((_, bin, __, anchor) => (anchor === 0 ? (bin === 2 ? 1 : 0) : 0.25));
    expect(localisationEntropy(distributions, 0)).toBe(0);
    expect(localisationEntropy(distributions, 1)).toBe(1);
  });

  test('is the mean of the four sides, of the image asked for', () => {
    // In the second image, one side hesitates between two of four bins: entropy ln 2 / ln 4 = 0.5.
    const distributions = sides((image, bin, side) =>
      image === 1 && side === 3 ? (bin < 2 ? 0.5 : 0) : bin === 0 ? 1 : 0,
    );
    expect(localisationEntropy(distributions, 2, 1)).toBeCloseTo(0.125);
    expect(localisationEntropy(distributions, 2, 0)).toBe(0);
  });

  test('knows nothing of other shapes', () => {
    expect(localisationEntropy({ data: new Float32Array(12), dims: [1, 4, 3] }, 0)).toBeUndefined();
  });
});
