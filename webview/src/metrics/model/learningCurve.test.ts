import { describe, expect, it } from 'vitest';
import type { IterationMetrics } from '../../../../extension/src/protocol/metrics.ts';
import {
  chooseAxis,
  isUseful,
  learningCurve,
  learningDetails,
  learningPoints,
  learningTable,
  accuracyCaveat,
} from './learningCurve.ts';

const nothing = {
  map50: null,
  map5095: null,
  precision: null,
  recall: null,
  validationImages: null,
  classesWithTruth: null,
};

function iteration(iterationNumber: number, part: Partial<IterationMetrics> = {}): IterationMetrics {
  return {
    iterationNumber,
    status: 'completed',
    labelledImages: 20 + 20 * iterationNumber,
    labelledBoxes: 100 + 80 * iterationNumber,
    map50: 0.4 + iterationNumber / 10,
    map5095: 0.2 + iterationNumber / 10,
    precision: 0.5,
    recall: 0.45,
    validationImages: 40,
    classesWithTruth: 4,
    classCount: 5,
    reviewSeconds: 300,
    isBest: false,
    ...part,
  };
}

const cold = iteration(0, { ...nothing, reviewSeconds: 600 });

describe('learningPoints', () => {
  it('counts the review before a training, not the one after it', () => {
    const points = learningPoints([iteration(2, { reviewSeconds: null }), cold, iteration(1)]);
    expect(points.map(({ iterationNumber, minutesBefore }) => [iterationNumber, minutesBefore])).toEqual([
      [0, 0],
      [1, 10],
      [2, 15],
    ]);
  });
});

describe('learningCurve', () => {
  it('places iterations by images, boxes or minutes', () => {
    const points = learningPoints([cold, iteration(1), iteration(2)]);
    expect(learningCurve(points, 'images').chart.xs).toEqual([40, 60]);
    expect(learningCurve(points, 'boxes').chart.xs).toEqual([180, 260]);
    expect(learningCurve(points, 'minutes').chart.xs).toEqual([10, 15]);
    expect(learningCurve(points, 'images').chart.lines.map(({ title, values }) => [title, ...values])).toEqual([
      ['mAP50', 0.5, 0.6000000000000001],
      ['mAP50-95', 0.30000000000000004, 0.4],
      ['Precision', 0.5, 0.5],
      ['Recall', 0.45, 0.45],
    ]);
  });

  it('counts iterations without a value on the axis, and keeps the order if labels were removed', () => {
    const points = learningPoints([
      iteration(1, { labelledBoxes: null }),
      iteration(2),
      iteration(3, { labelledBoxes: 90 }),
    ]);
    const curve = learningCurve(points, 'boxes');
    expect(curve.unplaced).toBe(1);
    expect(curve.chart.xs).toEqual([90, 260]);
    expect(curve.points.map(({ iterationNumber }) => iterationNumber)).toEqual([3, 2]);
  });

  it('has a margin on both sides, even around a single point', () => {
    const [low, high] = learningCurve(learningPoints([iteration(1)]), 'images').chart.xLimits;
    expect(low).toBeLessThan(40);
    expect(high).toBeGreaterThan(40);
  });

  it('shows what a point is based on, for all points at the same place', () => {
    const points = learningPoints([
      cold,
      iteration(1, { isBest: true }),
      iteration(2, { labelledImages: 40, validationImages: 1, classesWithTruth: null }),
    ]);
    const details = learningDetails(learningCurve(points, 'images'), 0);
    expect(details.map(({ title }) => title)).toEqual(['Iteration 1 (best)', 'Iteration 2']);
    expect(details[0]?.values[0]).toMatchObject({ title: 'mAP50', value: '0.500' });
    expect(details.map(({ notes }) => notes)).toEqual([
      ['40 labelled images · 180 boxes', '10 min of review', '40 validation images · 4 of 5 classes'],
      ['40 labelled images · 260 boxes', '15 min of review', '1 validation image'],
    ]);
  });
});

describe('the axis', () => {
  it('is the chosen one if it is useful', () => {
    const reviewed = learningPoints([cold, iteration(1)]);
    expect(chooseAxis('minutes', reviewed)).toBe('minutes');
    const unreviewed = learningPoints([iteration(1)]);
    expect(isUseful('minutes', unreviewed)).toBe(false);
    expect(chooseAxis('minutes', unreviewed)).toBe('images');
    const boxesOnly = learningPoints([iteration(1, { labelledImages: null })]);
    expect(chooseAxis('images', boxesOnly)).toBe('boxes');
    expect(chooseAxis('boxes', [])).toBe('images');
  });
});

/** The caveat for iterations with these numbers of validation images. */
function of(...counts: (number | null)[]): string | null {
  return accuracyCaveat(
    learningPoints(counts.map((validationImages, place) => iteration(place + 1, { validationImages }))),
  );
}

describe('accuracyCaveat', () => {
  it('is shown below 30 validation images', () => {
    expect(of(30, 200)).toBeNull();
    expect(of(null)).toBeNull();
    expect(of()).toBeNull();
    expect(of(29, 29)).toBe('Measured on 29 validation images. With fewer than 30, the numbers are rough estimates.');
    expect(of(1)).toBe('Measured on 1 validation image. With fewer than 30, the numbers are rough estimates.');
    expect(of(12, 20)).toBe(
      'Measured on 12 to 20 validation images. With fewer than 30, the numbers are rough estimates.',
    );
    expect(of(12, 50)).toBe(
      'Some iterations were measured on fewer than 30 validation images. Their numbers are rough estimates.',
    );
  });

  it('does not count iterations without numbers', () => {
    expect(accuracyCaveat(learningPoints([iteration(1, { ...nothing, validationImages: 3 })]))).toBeNull();
  });
});

describe('learningTable', () => {
  it('has all iterations, with what their numbers are based on', () => {
    const table = learningTable(learningPoints([cold, iteration(1, { isBest: true, status: 'reviewing' })]));
    const rows = table.rows.map((row) => row.map(({ text }) => text));
    expect(rows).toEqual([
      ['0', 'completed', '20', '100', '0', '–', '–', '–', '–', '–', '–', ''],
      ['1', 'in review', '40', '180', '10', '0.500', '0.300', '0.500', '0.450', '40', '4 of 5', 'best'],
    ]);
    expect(table.columns).toHaveLength(rows[0]?.length ?? 0);
  });
});
