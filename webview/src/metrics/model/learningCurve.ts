import type { IterationMetrics } from '../../../../extension/src/protocol/metrics.ts';
import type { MetricsString } from '../../../../extension/src/protocol/metricsStrings.ts';
import { plural, t } from '../strings.ts';
import { samePlace, type ChartModel, type PointDetails } from './chart.ts';
import { formatCount, formatMinutes, formatRate } from './format.ts';
import { statusText } from './statusText.ts';
import type { TableCell, TableModel } from './table.ts';

/** The x axis of the learning curve. */
export type EffortAxis = 'images' | 'boxes' | 'minutes';

export const effortAxes: readonly EffortAxis[] = ['images', 'boxes', 'minutes'];

/** With fewer validation images, a number is a rough estimate. */
const fewImages = 30;

const measures: readonly {
  readonly key: 'map50' | 'map5095' | 'precision' | 'recall';
  readonly title: MetricsString;
}[] = [
  { key: 'map50', title: 'mAP50' },
  { key: 'map5095', title: 'mAP50-95' },
  { key: 'precision', title: 'Precision' },
  { key: 'recall', title: 'Recall' },
];

const axisTitles: Readonly<Record<EffortAxis, MetricsString>> = {
  images: 'Labelled training images',
  boxes: 'Labelled training boxes',
  minutes: 'Minutes of review before the training',
};

/** An iteration with the review effort before its training. */
interface LearningPoint extends IterationMetrics {
  readonly minutesBefore: number;
}

interface LearningCurve {
  readonly chart: ChartModel;
  /** One for each of `chart.xs`. */
  readonly points: readonly LearningPoint[];
  /** Iterations with numbers, but without a value on this axis. */
  readonly unplaced: number;
}

/**
 * The iterations in order. The review of an iteration follows its training, so its time counts for the next iteration.
 */
export function learningPoints(iterations: readonly IterationMetrics[]): LearningPoint[] {
  let seconds = 0;
  return iterations
    .toSorted((a, b) => a.iterationNumber - b.iterationNumber)
    .map((iteration) => {
      const minutesBefore = seconds / 60;
      seconds += iteration.reviewSeconds ?? 0;
      return { ...iteration, minutesBefore };
    });
}

function hasNumbers(iteration: IterationMetrics): boolean {
  return measures.some(({ key }) => iteration[key] !== null);
}

/** Whether an axis is useful: it needs two iterations with different values. */
export function isUseful(axis: EffortAxis, points: readonly LearningPoint[]): boolean {
  const measured = points.filter(hasNumbers);
  if (axis === 'minutes') return measured.some(({ minutesBefore }) => minutesBefore > 0);
  return measured.some((point) => placeOn(axis, point) !== null);
}

/** The chosen axis, or the next useful one. */
export function chooseAxis(wish: EffortAxis, points: readonly LearningPoint[]): EffortAxis {
  if (isUseful(wish, points)) return wish;
  return effortAxes.find((axis) => isUseful(axis, points)) ?? 'images';
}

/** Accuracy against effort. */
export function learningCurve(all: readonly LearningPoint[], axis: EffortAxis): LearningCurve {
  const measured = all.filter(hasNumbers);
  const placed = measured
    .flatMap((point) => {
      const x = placeOn(axis, point);
      return x === null ? [] : [{ x, point }];
    })
    .toSorted((a, b) => a.x - b.x || a.point.iterationNumber - b.point.iterationNumber);
  const xs = placed.map(({ x }) => x);
  const points = placed.map(({ point }) => point);
  return {
    points,
    unplaced: measured.length - points.length,
    chart: {
      id: 'learning',
      xs,
      lines: measures
        .map(({ key, title }, style) => ({
          key,
          title: t(title),
          style,
          values: points.map((point) => point[key]),
        }))
        .filter(({ values }) => values.some((value) => value !== null)),
      xTitle: t(axisTitles[axis]),
      xLimits: limitsOf(xs, axis === 'minutes'),
      wholeX: axis !== 'minutes',
      scale: 'rate',
      bridgeGaps: true,
      markAll: true,
    },
  };
}

/** The tooltip of a point: all iterations with its x. */
export function learningDetails({ chart, points }: LearningCurve, index: number): PointDetails[] {
  return samePlace(chart.xs, index).flatMap((place) => {
    const point = points[place];
    if (point === undefined) return [];
    return [
      {
        title: point.isBest
          ? t('Iteration {0} (best)', point.iterationNumber)
          : t('Iteration {0}', point.iterationNumber),
        values: chart.lines.flatMap(({ key, title, values, style }) => {
          const value = values[place] ?? null;
          return value === null ? [] : [{ key, title, style, value: formatRate(value) }];
        }),
        notes: [...effortOf(point), validationBasis(point)].filter((note) => note !== ''),
      },
    ];
  });
}

/** The sentence below the chart if numbers are based on few images, otherwise null. */
export function accuracyCaveat(points: readonly LearningPoint[]): string | null {
  const counts = points.filter(hasNumbers).flatMap(({ validationImages }) => validationImages ?? []);
  const rough = counts.filter((one) => one < fewImages);
  if (rough.length === 0) return null;
  const low = Math.min(...rough);
  const high = Math.max(...rough);
  if (rough.length < counts.length)
    return t(
      'Some iterations were measured on fewer than {0} validation images. Their numbers are rough estimates.',
      fewImages,
    );
  if (low !== high)
    return t(
      'Measured on {0} to {1} validation images. With fewer than {2}, the numbers are rough estimates.',
      low,
      high,
      fewImages,
    );
  return low === 1
    ? t('Measured on 1 validation image. With fewer than {0}, the numbers are rough estimates.', fewImages)
    : t('Measured on {0} validation images. With fewer than {1}, the numbers are rough estimates.', low, fewImages);
}

/** All iterations, even those without numbers. */
export function learningTable(points: readonly LearningPoint[]): TableModel {
  return {
    caption: t('Accuracy by iteration'),
    columns: [
      { title: t('Iteration'), numeric: true },
      { title: t('Status'), numeric: false },
      { title: t('Labelled training images'), numeric: true },
      { title: t('Labelled training boxes'), numeric: true },
      { title: t('Minutes of review before'), numeric: true },
      ...measures.map(({ title }) => ({ title: t(title), numeric: true })),
      { title: t('Validation images'), numeric: true },
      { title: t('Classes measured'), numeric: true },
      { title: t('Best version'), numeric: false },
    ],
    rows: points.map((point) => [
      count(point.iterationNumber),
      text(statusText(point.status)),
      count(point.labelledImages),
      count(point.labelledBoxes),
      { text: formatMinutes(point.minutesBefore), raw: Math.round(point.minutesBefore * 100) / 100 },
      ...measures.map(({ key }) => rate(point[key])),
      count(point.validationImages),
      point.classesWithTruth === null ? count(null) : text(t('{0} of {1}', point.classesWithTruth, point.classCount)),
      point.isBest ? text(t('best')) : text(''),
    ]),
  };
}

/** The validation images and classes that a point is based on. */
export function validationBasis({ validationImages, classesWithTruth, classCount }: IterationMetrics): string {
  const parts = [
    validationImages === null ? '' : plural(validationImages, '{0} validation image', '{0} validation images'),
    classesWithTruth === null
      ? ''
      : classCount === 1
        ? t('{0} of 1 class', classesWithTruth)
        : t('{0} of {1} classes', classesWithTruth, classCount),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function effortOf({ labelledImages, labelledBoxes, minutesBefore }: LearningPoint): string[] {
  const parts = [
    labelledImages === null ? '' : plural(labelledImages, '{0} labelled image', '{0} labelled images'),
    labelledBoxes === null ? '' : plural(labelledBoxes, '{0} box', '{0} boxes'),
  ];
  return [
    parts.filter((part) => part !== '').join(' · '),
    minutesBefore === 0 ? '' : t('{0} min of review', formatMinutes(minutesBefore)),
  ];
}

function placeOn(axis: EffortAxis, point: LearningPoint): number | null {
  if (axis === 'minutes') return point.minutesBefore;
  return axis === 'images' ? point.labelledImages : point.labelledBoxes;
}

/** The axis limits, with a margin even around a single point. */
function limitsOf(xs: readonly number[], fractions: boolean): readonly [number, number] {
  const low = xs[0] ?? 0;
  const high = xs.at(-1) ?? 1;
  const room = (high - low) * 0.06 || Math.max(fractions ? 0.5 : 1, high * 0.1);
  return [Math.max(low - room, -room / 2), high + room];
}

function count(value: number | null): TableCell {
  return { text: value === null ? '–' : formatCount(value), raw: value };
}

function rate(value: number | null): TableCell {
  return { text: value === null ? '–' : formatRate(value), raw: value };
}

function text(value: string): TableCell {
  return { text: value, raw: value };
}
