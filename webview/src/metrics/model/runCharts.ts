import type { MetricSeries, RunView } from '../../../../extension/src/protocol/metrics.ts';
import { t } from '../strings.ts';
import { epochLimits, type ChartLine, type ChartModel, type PointDetails } from './chart.ts';
import { formatCount, formatLoss, formatRate } from './format.ts';
import { identifySeries, type SeriesGroup, type SeriesIdentity } from './seriesNames.ts';
import type { TableModel } from './table.ts';

interface Named extends SeriesIdentity {
  readonly series: MetricSeries;
}

interface RunCharts {
  readonly losses: ChartModel;
  readonly map: ChartModel;
  readonly precisionRecall: ChartModel;
  /** What the trainer measures beyond that; null where it is nothing. */
  readonly other: ChartModel | null;
}

/** The curves of a run, by chart. */
export function runCharts(run: RunView): RunCharts {
  const named = run.series.map((series) => ({ series, ...identifySeries(series.name) }));
  const other = named.filter(({ group }) => group === 'other');
  return {
    losses: chartOf(run, 'losses', named),
    map: chartOf(run, 'map', named),
    precisionRecall: chartOf(run, 'precision-recall', named),
    other: other.length === 0 ? null : chartOf(run, 'other', named),
  };
}

/** The epoch's values, for a tooltip. */
export function epochDetails(chart: ChartModel, index: number): PointDetails {
  return {
    title: t('Epoch {0}', formatCount(chart.xs[index] ?? 0)),
    values: chart.lines.flatMap(({ key, title, values, style }) => {
      const value = values[index] ?? null;
      return value === null ? [] : [{ key, title, style, value: formatValue(chart, value) }];
    }),
    notes: [],
  };
}

/** The same numbers, newest epoch last. */
export function runTable(chart: ChartModel, caption: string): TableModel {
  return {
    caption,
    columns: [{ title: t('Epoch'), numeric: true }, ...chart.lines.map(({ title }) => ({ title, numeric: true }))],
    rows: chart.xs.map((epoch, index) => [
      { text: formatCount(epoch), raw: epoch },
      ...chart.lines.map(({ values }) => {
        const raw = values[index] ?? null;
        return { text: raw === null ? '–' : formatValue(chart, raw), raw };
      }),
    ]),
  };
}

/** As the chart's numbers are written. */
export function formatValue({ scale }: ChartModel, value: number): string {
  return scale === 'rate' ? formatRate(value) : formatLoss(value);
}

function chartOf(run: RunView, group: SeriesGroup, all: readonly Named[]): ChartModel {
  const members = all
    .filter((one) => one.group === group)
    .toSorted((a, b) => a.order - b.order || (a.series.name < b.series.name ? -1 : 1));
  const rates = group === 'map' || group === 'precision-recall';
  const xs = epochsOf(
    members.map(({ series }) => series),
    group === 'losses',
  );
  // The axes of a run's charts are alike, so that one epoch stands at one place.
  const last = Math.max(0, run.epoch, ...all.flatMap(({ series }) => series.points.map(({ epoch }) => epoch)));
  return {
    id: group,
    xs,
    lines: members.map((member, place) => lineOf(member, rates ? member.order : place, xs)),
    xTitle: t('Epoch'),
    xLimits: epochLimits(last, run.epochs, run.state === 'running' || run.state === 'prepared'),
    wholeX: true,
    scale: rates ? 'rate' : 'loss',
    bridgeGaps: group !== 'losses',
    markAll: false,
  };
}

function lineOf({ series, title }: Named, style: number, xs: readonly number[]): ChartLine {
  const byEpoch = new Map(series.points.map(({ epoch, value }) => [epoch, value]));
  return { key: series.name, title, style, values: xs.map((epoch) => byEpoch.get(epoch) ?? null) };
}

/**
 * The epochs with a value. Losses have one each epoch: where all are missing they had diverged, so that every epoch
 * between the first and the last has its place, and the line its gap. A validation, however, may run every few epochs.
 */
function epochsOf(series: readonly MetricSeries[], every: boolean): number[] {
  const epochs = [...new Set(series.flatMap(({ points }) => points.map(({ epoch }) => epoch)))].toSorted(
    (a, b) => a - b,
  );
  const first = epochs[0];
  const last = epochs.at(-1);
  if (!every || first === undefined || last === undefined) return epochs;
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}
