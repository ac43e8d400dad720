import { createRandom } from '../random.ts';
import { meanAveragePrecision } from './averagePrecision.ts';
import { EvaluationError } from './errors.ts';
import type { BoxMatches } from './matching.ts';

export interface BootstrapOptions {
  readonly seed: number;
  /** Default 1,000. */
  readonly resamples?: number;
  /** Share of the resamples that the interval covers, between 0 and 1. Default 0.95. */
  readonly level?: number;
}

/** How much better the second version is in mAP50-95, with its uncertainty. */
export interface PairedDifference {
  /** Second minus first, on the images as they are. */
  readonly difference: number;
  /** Percentile interval. If it contains 0, the difference may be noise. */
  readonly low: number;
  readonly high: number;
  readonly level: number;
  /** Share of the resamples in which the second version is better; ties count half. */
  readonly shareBetter: number;
  readonly images: number;
  readonly resamples: number;
}

/**
 * Paired bootstrap over images (B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993): images are
 * drawn with replacement, the same ones for both versions, and both mAP50-95 are recomputed. Matching an image does not
 * depend on other images, so a resample counts the matches of an image as often as it was drawn.
 * @param first matches of the older version; @param second of the newer one, on the same images and labels.
 * @returns `null` if the images contain no object.
 * @throws EvaluationError `not-comparable`, `options-invalid`.
 */
export function pairedBootstrap(
  first: BoxMatches,
  second: BoxMatches,
  options: BootstrapOptions,
): PairedDifference | null {
  const { seed, resamples = 1000, level = 0.95 } = options;
  if (!(Number.isInteger(resamples) && resamples > 0 && level > 0 && level < 1)) {
    throw new EvaluationError(
      'options-invalid',
      `Invalid number of resamples (${resamples}) or confidence level (${level}).`,
      'Use at least 1 resample and a level between 0 and 1.',
    );
  }
  requireSameTruth(first, second);
  const difference = differenceOf(first, second);
  if (difference === null) return null;

  const images = first.imageIds.length;
  const random = createRandom(seed);
  const weights = new Int32Array(images);
  const differences = new Float64Array(resamples);
  let better = 0;
  for (let i = 0; i < resamples;) {
    weights.fill(0);
    for (let k = 0; k < images; k++) {
      const image = Math.floor(random() * images);
      weights[image] = (weights[image] as number) + 1;
    }
    const drawn = differenceOf(first, second, weights);
    // No drawn image contains an object, so there is nothing to compare. Draw again.
    if (drawn === null) continue;
    differences[i++] = drawn;
    better += drawn > 0 ? 1 : drawn === 0 ? 0.5 : 0;
  }
  differences.sort();
  return {
    difference,
    low: quantile(differences, (1 - level) / 2),
    high: quantile(differences, (1 + level) / 2),
    level,
    shareBetter: better / resamples,
    images,
    resamples,
  };
}

function differenceOf(first: BoxMatches, second: BoxMatches, weights?: Int32Array): number | null {
  const before = meanAveragePrecision(first, weights).map5095;
  const after = meanAveragePrecision(second, weights).map5095;
  return before === null || after === null ? null : after - before;
}

/** Linear interpolation between the neighbours (Hyndman and Fan's type 7, the default of numpy and R). */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (position - below);
}

function requireSameTruth(first: BoxMatches, second: BoxMatches): void {
  const same =
    equal(first.imageIds, second.imageIds) &&
    first.classes.length === second.classes.length &&
    first.classes.every((one, i) => {
      const other = second.classes[i];
      return (
        other !== undefined && equal(one.truthImages, other.truthImages) && equal(one.truthCounts, other.truthCounts)
      );
    });
  if (same) return;
  throw new EvaluationError(
    'not-comparable',
    'The two versions were not evaluated on the same images and labels.',
    'Evaluate both on the current validation revision.',
  );
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
