import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Detection } from '../detection/types.ts';
import type { Aggregation, UncertaintyWeights } from '../session/types.ts';
import { aggregate } from './aggregation.ts';
import { binaryEntropy } from './binaryEntropy.ts';
import { combined, DEFAULT_WEIGHTS, normaliseWeights } from './combined.ts';
import { confidence } from './confidence.ts';
import { entropy } from './entropy.ts';
import { UncertaintyError } from './errors.ts';
import type { ImageEvidence, Metric } from './metric.ts';
import { builtInMetrics, metricById, withMetrics } from './registry.ts';
import { scoreImage } from './scoreImage.ts';
import { variance } from './variance.ts';

const aggregations: readonly Aggregation[] = ['top-k', 'max', 'mean', 'noisy-or'];

function evidence(...confidences: number[]): ImageEvidence {
  const detections = confidences.map((value): Detection => ({
    classId: 0,
    confidence: value,
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
  }));
  return { detections, bestScore: Math.max(0, ...confidences), classCount: 1, head: 'dense' };
}

const options = { aggregation: 'top-k' as Aggregation, weights: DEFAULT_WEIGHTS };
const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const anyConfidences = fc.array(unit, { minLength: 1, maxLength: 30 });
const anyAggregation = fc.constantFrom(...aggregations);
const anyWeights = fc
  .record({ confidence: unit, entropy: unit, variance: unit })
  .filter((weights) => weights.confidence + weights.entropy + weights.variance > 0);

describe('known values', () => {
  test('confidence looks at the surest box', () => {
    expect(confidence.compute(evidence(0.25, 0.75, 0.1), options)).toBe(0.25);
  });

  test('entropy is in bits', () => {
    expect(binaryEntropy(0.5)).toBe(1);
    expect(binaryEntropy(0.25)).toBeCloseTo(0.8112781244591328, 15);
    expect(binaryEntropy(0)).toBe(0);
    expect(binaryEntropy(1)).toBe(0);
    expect(entropy.compute(evidence(0.5, 0.25), options)).toBeCloseTo((1 + 0.8112781244591328) / 2, 12);
  });

  test('variance is the population variance times 4', () => {
    expect(variance.compute(evidence(0.2, 0.4, 0.9), options)).toBeCloseTo(4 * (0.26 / 3), 12);
    expect(variance.compute(evidence(0, 1), options)).toBe(1);
    expect(variance.compute(evidence(0.7), options)).toBe(0);
  });

  test('combined is the mean with the default weights 0.4, 0.3 and 0.3', () => {
    expect(combined.compute(evidence(0.2, 0.9), options)).toBeCloseTo(
      0.4 * 0.1 + 0.3 * ((binaryEntropy(0.2) + binaryEntropy(0.9)) / 2) + 0.3 * 0.49,
      12,
    );
  });

  test('weights need not sum to 1', () => {
    const doubled = { ...options, weights: { confidence: 0.8, entropy: 0.6, variance: 0.6 } };
    expect(combined.compute(evidence(0.3, 0.8), doubled)).toBeCloseTo(
      combined.compute(evidence(0.3, 0.8), options) ?? Number.NaN,
      12,
    );
    const one = { ...options, weights: { confidence: 0, entropy: 3, variance: 0 } };
    expect(combined.compute(evidence(0.3, 0.8), one)).toBe(entropy.compute(evidence(0.3, 0.8), one));
  });
});

describe('aggregation', () => {
  const values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
  test.each([
    ['top-k', 0.4],
    ['max', 0.6],
    ['mean', 0.35],
    ['noisy-or', 1 - 0.9 * 0.8 * 0.7 * 0.6 * 0.5 * 0.4],
  ] as const)('%s', (aggregation, expected) => {
    expect(aggregate(values, aggregation)).toBeCloseTo(expected, 12);
    expect(aggregate([0.3], aggregation)).toBeCloseTo(0.3, 12);
    expect(aggregate([], aggregation)).toBeNull();
  });

  test('lies between 0 and 1, does not depend on the order, and never falls when a box becomes less certain', () => {
    fc.assert(
      fc.property(anyConfidences, anyAggregation, fc.nat(), unit, (list, aggregation, at, higher) => {
        const before = aggregate(list, aggregation) ?? Number.NaN;
        expect(before).toBeGreaterThanOrEqual(0);
        expect(before).toBeLessThanOrEqual(1);
        expect(aggregate(list.toReversed(), aggregation)).toBeCloseTo(before, 12);
        const raised = list.map((value, i) => (i === at % list.length ? Math.max(value, higher) : value));
        expect(aggregate(raised, aggregation) ?? Number.NaN).toBeGreaterThanOrEqual(before - 1e-12);
      }),
    );
  });
});

describe('every metric', () => {
  test('lies between 0 and 1 for any boxes, aggregation and weights', () => {
    fc.assert(
      fc.property(anyConfidences, anyAggregation, anyWeights, (list, aggregation, weights) => {
        const { scores, withoutScore } = scoreImage(evidence(...list), { aggregation, weights });
        expect(withoutScore).toEqual([]);
        expect(Object.keys(scores)).toEqual(builtInMetrics.map(({ id }) => id));
        for (const score of Object.values(scores)) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('does not depend on the order of the boxes', () => {
    fc.assert(
      fc.property(anyConfidences, anyAggregation, (list, aggregation) => {
        const here = scoreImage(evidence(...list), { ...options, aggregation }).scores;
        const there = scoreImage(evidence(...list.toReversed()), { ...options, aggregation }).scores;
        for (const [id, score] of Object.entries(here)) expect(there[id]).toBeCloseTo(score, 12);
      }),
    );
  });

  test('has no score for an image without detections', () => {
    for (const aggregation of aggregations) {
      const result = scoreImage({ ...evidence(), bestScore: 0.04 }, { ...options, aggregation });
      expect(result).toEqual({ scores: {}, withoutScore: ['confidence', 'entropy', 'variance', 'combined'] });
    }
  });

  test('tells a person what it is', () => {
    for (const metric of builtInMetrics) {
      for (const text of [metric.title, metric.description, metric.formula]) expect(text).not.toBe('');
    }
  });
});

describe('crowds', () => {
  const many = evidence(...times(20, 0.9));
  const one = evidence(0.5);

  test.each(['top-k', 'max', 'mean'] as const)(
    'twenty boxes at 0.90 never outrank one at 0.50 with %s',
    (aggregation) => {
      // Where variance alone counts, both are 0.
      const notVarianceAlone = anyWeights.filter((weights) => weights.confidence + weights.entropy > 1e-9);
      fc.assert(
        fc.property(notVarianceAlone, (weights) => {
          const settings = { aggregation, weights };
          for (const metric of [entropy, combined]) {
            const single = metric.compute(one, settings) ?? Number.NaN;
            expect(metric.compute(many, settings)).toBeLessThan(single);
          }
        }),
      );
    },
  );

  test('noisy-or is the aggregation that rewards crowds', () => {
    const settings = { ...options, aggregation: 'noisy-or' as const };
    const crowd = scoreImage(evidence(...times(20, 0.9)), settings).scores['entropy'] ?? Number.NaN;
    const few = scoreImage(evidence(...times(2, 0.9)), settings).scores['entropy'] ?? Number.NaN;
    expect(crowd).toBeGreaterThan(few);
  });
});

describe('weights', () => {
  test('normalise to 1', () => {
    fc.assert(
      fc.property(anyWeights, (weights) => {
        const { confidence: a, entropy: b, variance: c } = normaliseWeights(weights);
        expect(a + b + c).toBeCloseTo(1, 12);
      }),
    );
    const huge = normaliseWeights({ confidence: Number.MAX_VALUE, entropy: Number.MAX_VALUE, variance: 0 });
    expect(huge).toEqual({ confidence: 0.5, entropy: 0.5, variance: 0 });
  });

  test.each<UncertaintyWeights>([
    { confidence: 0, entropy: 0, variance: 0 },
    { confidence: -1, entropy: 1, variance: 1 },
    { confidence: Number.NaN, entropy: 1, variance: 1 },
    { confidence: 1, entropy: Infinity, variance: 1 },
  ])('%j are refused', (weights) => {
    expect(() => normaliseWeights(weights)).toThrow(UncertaintyError);
    expect(() => scoreImage(evidence(0.5), { ...options, weights })).toThrow(/not all 0/);
  });
});

describe('registry', () => {
  const boxCount: Metric = {
    id: 'box-count',
    title: 'Box count',
    description: 'Share of twenty boxes.',
    formula: 'n / 20',
    compute: ({ detections }) => detections.length / 20,
  };

  test('finds by id, and names what there is', () => {
    expect(metricById('entropy')).toBe(entropy);
    expect(metricById('box-count', withMetrics([boxCount]))).toBe(boxCount);
    expect(() => metricById('margin')).toThrow(UncertaintyError);
    const hint = expect.stringContaining('confidence, entropy, variance, combined') as string;
    expect(() => metricById('margin')).toThrow(expect.objectContaining({ hint }));
  });

  test('a further metric plugs in; a taken id does not', () => {
    const { scores } = scoreImage(evidence(0.5, 0.6), options, withMetrics([boxCount]));
    expect(scores['box-count']).toBe(0.1);
    expect(() => withMetrics([{ ...boxCount, id: 'entropy' }])).toThrow(/"entropy"/);
  });

  test.each([Number.NaN, -0.1, 1.1, Infinity])('a metric that returns %d is named', (value) => {
    const broken = { ...boxCount, compute: () => value };
    expect(() => scoreImage(evidence(0.5), options, withMetrics([broken]))).toThrow(/"box-count" returned/);
  });
});
