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
  /** Other measurements of the trainer; null if there are none. */
  readonly other: ChartModel | null;
}

/** The charts of a run. */
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

/** The values of an epoch for a tooltip. */
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

/** The values of a chart as a table, newest epoch last. */
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

/** A value in the number format of the chart. */
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
  // All charts of a run have the same axis, so that their epochs line up.
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
 * The epochs of a chart. Losses have a value in each epoch unless they diverged, so their chart has all epochs between the
 * first and the last, and shows a gap. Validation may run only every few epochs.
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
