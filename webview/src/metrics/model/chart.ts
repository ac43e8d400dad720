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
  readonly values: readonly {
    readonly key: string;
    readonly title: string;
    readonly value: string;
    readonly style: number;
  }[];
  readonly notes: readonly string[];
}

/** The upper end of a scale of rates: as little empty room as keeps it from jumping with every value. */
export function rateTop(highest: number): number {
  return [0.1, 0.2, 0.5].find((top) => highest <= top * 0.95) ?? 1;
}

/** The scale of y in a part of the chart that was zoomed into: close around what is there. */
export function zoomedLimits(low: number, high: number, scale: ChartModel['scale']): [number, number] {
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 0.05;
  return [Math.max(0, low - room), scale === 'rate' ? Math.min(1, high + room) : high + room];
}

/** The upper end of a scale of losses. */
export function lossTop(highest: number): number {
  if (!(highest > 0)) return 1;
  const step = 10 ** Math.floor(Math.log10(highest));
  const factor = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => highest <= one * step * 0.97) ?? 15;
  return factor * step;
}

/**
 * The ends of the axis of epochs. While a training goes on it grows in few steps, so that a curve neither jumps with every
 * epoch nor is a speck at the left of a long plan. A single epoch stands in the middle.
 */
export function epochLimits(last: number, planned: number, running: boolean): [low: number, high: number] {
  const steps = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const next = steps.find((step) => last <= step) ?? last;
  const end = running ? Math.max(last, Math.min(next, planned)) : last;
  return end <= 1 ? [0.5, 1.5] : [1, end];
}

/** The places with equal x around `index`: points that lie over each other are told together. */
export function samePlace(xs: readonly number[], index: number): number[] {
  const x = xs[index];
  return xs.flatMap((other, place) => (other === x ? [place] : []));
}
