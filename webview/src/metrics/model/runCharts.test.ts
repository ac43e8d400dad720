import { describe, expect, it } from 'vitest';
import type { MetricSeries, RunView } from '../../../../extension/src/protocol/metrics.ts';
import { epochLimits, lossTop, rateTop, zoomedLimits } from './chart.ts';
import { epochDetails, runCharts, runTable } from './runCharts.ts';
import { identifySeries } from './seriesNames.ts';

function series(name: string, values: Readonly<Record<number, number>>): MetricSeries {
  return { name, points: Object.entries(values).map(([epoch, value]) => ({ epoch: Number(epoch), value })) };
}

function run(part: Partial<RunView>): RunView {
  return { runId: 'a', iterationNumber: 1, state: 'running', epoch: 3, epochs: 50, series: [], ...part };
}

describe('identifySeries', () => {
  it.each([
    ['train/box_loss', 'losses', 'Box loss'],
    ['train/cls_loss', 'losses', 'Class loss'],
    ['train/l1_loss', 'losses', 'Box distance loss (L1)'],
    ['train/giou_loss', 'losses', 'Box overlap loss (GIoU)'],
    ['val/box_loss', 'losses', 'Box loss (validation)'],
    ['train/some_new_thing', 'losses', 'Some new thing'],
    ['trainer/map50', 'map', 'mAP50'],
    ['trainer/map50_95', 'map', 'mAP50-95'],
    ['trainer/precision', 'precision-recall', 'Precision'],
    ['trainer/recall', 'precision-recall', 'Recall'],
    ['trainer/fitness', 'other', 'Fitness'],
    ['constructor', 'other', 'Constructor'],
  ])('reads %s', (name, group, title) => {
    expect(identifySeries(name)).toMatchObject({ group, title });
  });
});

describe('runCharts', () => {
  it('puts each series into its chart, known losses first', () => {
    const charts = runCharts(
      run({
        series: [
          series('train/aux_loss', { 1: 9 }),
          series('train/dfl_loss', { 1: 3 }),
          series('train/cls_loss', { 1: 2 }),
          series('train/box_loss', { 1: 1 }),
          series('trainer/recall', { 1: 0.3 }),
          series('trainer/precision', { 1: 0.4 }),
          series('trainer/map50_95', { 1: 0.1 }),
          series('trainer/map50', { 1: 0.2 }),
        ],
      }),
    );
    expect(charts.losses.lines.map(({ title, values }) => [title, ...values])).toEqual([
      ['Box loss', 1],
      ['Class loss', 2],
      ['Box edge loss (DFL)', 3],
      ['Aux loss', 9],
    ]);
    expect(charts.map.lines.map(({ title }) => title)).toEqual(['mAP50', 'mAP50-95']);
    expect(charts.precisionRecall.lines.map(({ title }) => title)).toEqual(['Precision', 'Recall']);
    expect(charts.other).toBeNull();
    // A measurement has the same style in all charts of the page.
    const rates = [...charts.map.lines, ...charts.precisionRecall.lines];
    expect(rates.map(({ style }) => style)).toEqual([0, 1, 2, 3]);
  });

  it('puts other measurements of the trainer into a separate chart', () => {
    const { other } = runCharts(run({ series: [series('trainer/fitness', { 2: 0.5 })] }));
    expect(other?.lines.map(({ title }) => title)).toEqual(['Fitness']);
  });

  it('leaves a gap if losses diverged, and connects validations that are some epochs apart', () => {
    const charts = runCharts(
      run({
        series: [
          series('train/box_loss', { 1: 1, 2: 0.9, 5: 0.7 }),
          series('train/cls_loss', { 1: 2, 2: 1.8, 3: 1.7, 5: 1.5 }),
          series('trainer/map50', { 2: 0.2, 5: 0.4 }),
        ],
      }),
    );
    expect(charts.losses.xs).toEqual([1, 2, 3, 4, 5]);
    expect(charts.losses.lines[0]?.values).toEqual([1, 0.9, null, null, 0.7]);
    expect(charts.losses.lines[1]?.values).toEqual([2, 1.8, 1.7, null, 1.5]);
    expect(charts.losses.bridgeGaps).toBe(false);
    expect(charts.map.xs).toEqual([2, 5]);
    expect(charts.map.bridgeGaps).toBe(true);
  });

  it('gives all charts of a run the same axis, even empty ones', () => {
    const { losses, map } = runCharts(run({ epoch: 12, series: [series('train/box_loss', { 1: 1, 12: 0.5 })] }));
    expect(losses.xLimits).toEqual([1, 20]);
    expect(map.xLimits).toEqual([1, 20]);
    expect(map.lines).toEqual([]);
  });

  it('shows an epoch and its table with the existing values', () => {
    const { losses } = runCharts(
      run({ series: [series('train/box_loss', { 1: 1, 2: 0.5 }), series('train/cls_loss', { 2: 123.456 })] }),
    );
    expect(epochDetails(losses, 0)).toMatchObject({
      title: 'Epoch 1',
      values: [{ title: 'Box loss', value: '1.000' }],
    });
    const table = runTable(losses, 'Losses');
    expect(table.columns.map(({ title }) => title)).toEqual(['Epoch', 'Box loss', 'Class loss']);
    expect(table.rows.map((row) => row.map(({ text }) => text))).toEqual([
      ['1', '1.000', '–'],
      ['2', '0.500', '123.5'],
    ]);
  });
});

describe('scales', () => {
  it.each([
    [0, 50, true, [1, 10]],
    [11, 50, true, [1, 20]],
    [20, 50, true, [1, 20]],
    [21, 30, true, [1, 30]],
    [60, 50, true, [1, 60]],
    [17, 50, false, [1, 17]],
    [1, 1, false, [0.5, 1.5]],
    [1, 1, true, [0.5, 1.5]],
    [0, 50, false, [0.5, 1.5]],
  ])('ends the axis after epoch %i of %i (running %s) at %j', (last, planned, running, limits) => {
    expect(epochLimits(last, planned, running)).toEqual(limits);
  });

  it('end at a round number above the highest value', () => {
    expect([0.05, 0.12, 0.3, 0.5, 0.99].map(rateTop)).toEqual([0.1, 0.2, 0.5, 1, 1]);
    for (const highest of [0.003, 0.99, 1, 3.4, 9.99, 47, 1234]) {
      expect(lossTop(highest)).toBeGreaterThan(highest);
      expect(lossTop(highest)).toBeLessThanOrEqual(highest * 2);
    }
    expect(lossTop(0)).toBe(1);
  });

  it('stay close to the visible values, and within the range of rates', () => {
    const [low, high] = zoomedLimits(0.9, 1, 'rate');
    expect(low).toBeCloseTo(0.892);
    expect(high).toBe(1);
    const [same, above] = zoomedLimits(2, 2, 'loss');
    expect(same).toBeLessThan(2);
    expect(above).toBeGreaterThan(2);
  });
});
