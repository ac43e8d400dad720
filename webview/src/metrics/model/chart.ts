/** One line of a chart. */
export interface ChartLine {
  /** Unique in its chart. */
  readonly key: string;
  readonly title: string;
  /** One for each x; null if there is no value. */
  readonly values: readonly (number | null)[];
  /** Colour, dashes and marker, from 0. */
  readonly style: number;
}

/** A chart without its appearance. */
export interface ChartModel {
  readonly id: string;
  /** Ascending. Two points may have the same x. */
  readonly xs: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly xTitle: string;
  readonly xLimits: readonly [low: number, high: number];
  readonly wholeX: boolean;
  /** `rate`: 0 to a round number up to 1. `loss`: 0 to a little above the highest value. */
  readonly scale: 'rate' | 'loss';
  /** Whether lines continue over missing values. If not, a gap is meaningful. */
  readonly bridgeGaps: boolean;
  /** Whether all points have a marker, even close ones. */
  readonly markAll: boolean;
}

/** The content of a tooltip. */
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

/** The upper end of a scale of rates. Few steps, so that it does not change with each value. */
export function rateTop(highest: number): number {
  return [0.1, 0.2, 0.5].find((top) => highest <= top * 0.95) ?? 1;
}

/** The y scale of a zoomed chart, close to the visible values. */
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
 * The ends of the epoch axis. It grows in few steps during a training, so that the curve neither moves with each epoch nor
 * is tiny if many epochs are planned. A single epoch is in the middle.
 */
export function epochLimits(last: number, planned: number, running: boolean): [low: number, high: number] {
  const steps = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const next = steps.find((step) => last <= step) ?? last;
  const end = running ? Math.max(last, Math.min(next, planned)) : last;
  return end <= 1 ? [0.5, 1.5] : [1, end];
}

/** The indexes with the same x as `index`, whose points share a tooltip. */
export function samePlace(xs: readonly number[], index: number): number[] {
  const x = xs[index];
  return xs.flatMap((other, place) => (other === x ? [place] : []));
}
