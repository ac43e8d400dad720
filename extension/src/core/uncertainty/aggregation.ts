import type { Aggregation } from '../session/types.ts';

/** `top-k` looks at so many boxes at most. */
export const TOP_K = 5;

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

/** Arithmetic mean, kept between the lowest and the highest value in spite of rounding. */
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
