/** One line of a chart. */
export interface ChartLine {
  /** Unique in its chart. */
  readonly key: string;
  readonly title: string;
  /** By place of `xs`; null where there is no value. */
  readonly values: readonly (number | null)[];
  /** Colour, dashes and marker, from 0. */
  readonly style: number;
}

/** What is drawn. */
export interface ChartModel {
  readonly id: string;
  /** Ascending; two points may share a place. */
  readonly xs: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly xTitle: string;
  readonly xLimits: readonly [low: number, high: number];
  readonly wholeX: boolean;
  /** `rate`: 0 to a round number up to 1. `loss`: 0 to a little above the highest value. */
  readonly scale: 'rate' | 'loss';
  /** Whether a line goes on over a place without value. Where it does not, the gap means something. */
  readonly bridgeGaps: boolean;
  /** Every point has a marker, also where they are close. */
  readonly markAll: boolean;
}

/** What a tooltip says about a place. */
export interface PointDetails {
  readonly title: string;
  readonly values: readonly { readonly title: string; readonly value: string; readonly style: number }[];
  readonly notes: readonly string[];
}

/** The upper end of a scale of rates: as little empty room as keeps it from jumping with every value. */
export function rateTop(highest: number): number {
  return [0.1, 0.2, 0.5].find((top) => highest <= top * 0.95) ?? 1;
}

/** The upper end of a scale of losses. */
export function lossTop(highest: number): number {
  if (!(highest > 0)) return 1;
  const step = 10 ** Math.floor(Math.log10(highest));
  const factor = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => highest <= one * step * 0.97) ?? 15;
  return factor * step;
}

/**
 * The last epoch on the axis of a training that goes on: it grows in few steps, so that a curve neither jumps with every
 * epoch nor is a speck at the left of a long plan.
 */
export function epochLimit(last: number, planned: number, running: boolean): number {
  if (!running) return Math.max(last, 2);
  const steps = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const next = steps.find((step) => last <= step) ?? last;
  return Math.max(2, last, Math.min(next, planned));
}

/** The places with equal x around `index`: points that lie over each other are told together. */
export function samePlace(xs: readonly number[], index: number): number[] {
  const x = xs[index];
  return xs.flatMap((other, place) => (other === x ? [place] : []));
}
