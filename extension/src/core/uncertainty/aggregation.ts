/** How the uncertainties of the boxes of an image become one number. */
export const aggregations = ['top-k', 'max', 'mean', 'noisy-or'] as const;
export type Aggregation = (typeof aggregations)[number];

/** `top-k` considers at most this many boxes. */
const TOP_K = 5;

/**
 * One number for an image from the uncertainties of its boxes, each 0…1; the result is 0…1 again.
 * `top-k`: mean of the min(5, n) highest; `max`; `mean`; `noisy-or`: 1 − Π(1 − u), the chance that at least one of
 * independent boxes is wrong. Only `noisy-or` grows with the number of equally uncertain boxes.
 * @returns `null` for an image without boxes.
 */
export function aggregate(values: readonly number[], aggregation: Aggregation): number | null {
  if (values.length === 0) return null;
  switch (aggregation) {
    case 'top-k':
      return mean(values.toSorted((a, b) => b - a).slice(0, TOP_K));
    case 'max':
      return values.reduce((highest, value) => Math.max(highest, value), 0);
    case 'mean':
      return mean(values);
    case 'noisy-or':
      return 1 - values.reduce((certain, value) => certain * (1 - value), 1);
  }
}

/**
 * The same for weighted values: `top-k` and `mean` are weighted means, top-k of the 5 values with the highest weighted
 * value; for `max` and `noisy-or` a value is reduced by its weight relative to the highest weight. With equal weights
 * it equals `aggregate`.
 * @param values 0…1. @param weights above 0, as many.
 * @returns 0…1; `null` for an image without boxes.
 */
export function aggregateWeighted(
  values: readonly number[],
  weights: readonly number[],
  aggregation: Aggregation,
): number | null {
  if (values.length === 0) return null;
  const highest = Math.max(...weights);
  if (!(highest > 0)) return aggregate(values, aggregation);
  const items = values.map((value, i): Weighted => {
    const weight = Math.max(weights[i] ?? 0, 0) / highest;
    return { value, weight, reduced: value * weight };
  });
  switch (aggregation) {
    case 'top-k':
      return weightedMean(items.toSorted((a, b) => b.reduced - a.reduced || b.weight - a.weight).slice(0, TOP_K));
    case 'mean':
      return weightedMean(items);
    case 'max':
    case 'noisy-or':
      return aggregate(
        items.map(({ reduced }) => reduced),
        aggregation,
      );
  }
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
  /** value × weight. */
  readonly reduced: number;
}

/** Rounding must not move it outside the lowest and highest value. */
function weightedMean(items: readonly Weighted[]): number {
  let sum = 0;
  let total = 0;
  let low = Infinity;
  let high = -Infinity;
  for (const { value, weight, reduced } of items) {
    sum += reduced;
    total += weight;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return Math.min(Math.max(sum / total, low), high);
}

/** Arithmetic mean; rounding must not move it outside the lowest and highest value. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    sum += value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return Math.min(Math.max(sum / values.length, low), high);
}
