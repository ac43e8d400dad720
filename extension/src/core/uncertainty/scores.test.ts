import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregate, aggregateWeighted, aggregations } from './aggregation.ts';
import { binaryEntropy } from './binaryEntropy.ts';
import { combined, normaliseWeights } from './combined.ts';
import { confidence } from './confidence.ts';
import { entropy } from './entropy.ts';
import { UncertaintyError } from './errors.ts';
import {
  NOTHING_FOUND,
  NOT_FOR_THIS_HEAD,
  type ImageEvidence,
  type UncertaintyScore,
  type UncertaintyWeights,
} from './uncertaintyScore.ts';
import { builtInScores } from './registry.ts';
import { scoreImage } from './scoreImage.ts';
import {
  anyAggregation,
  anyConfidences,
  anyFullEvidence,
  anyOptions,
  anyThreshold,
  anyWeights,
  evidence,
  evidenceOf,
  full,
  options,
  times,
  unit,
} from './testing.ts';
import { variance } from './variance.ts';

/** An image of boxes that its mirror image shows as well. */
const seen = (confidences: readonly number[]): ImageEvidence => {
  const boxes = confidences.map((value, place) => full(value, place));
  return evidenceOf(boxes, { flipped: boxes });
};

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

  test('weights make a weighted mean, and equal ones change nothing', () => {
    expect(aggregateWeighted([0.8, 0.2], [0.25, 0.75], 'mean')).toBeCloseTo(0.35, 12);
    expect(aggregateWeighted([0.8, 0.2], [0.25, 0.75], 'top-k')).toBeCloseTo(0.35, 12);
    expect(aggregateWeighted([0.9, 0.5], [0.4, 0.8], 'max')).toBeCloseTo(0.5, 12);
    expect(aggregateWeighted([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], 'top-k')).toBe(0);
    expect(aggregateWeighted([], [], 'mean')).toBeNull();
    fc.assert(
      fc.property(anyConfidences, anyAggregation, unit, (list, aggregation, weight) => {
        const weighted = aggregateWeighted(list, times(list.length, weight), aggregation) ?? Number.NaN;
        expect(weighted).toBeCloseTo(aggregate(list, aggregation) ?? Number.NaN, 12);
      }),
    );
  });
});

describe('every score', () => {
  test('lies between 0 and 1 for any image, aggregation, weights, threshold and difficulty', () => {
    fc.assert(
      fc.property(anyFullEvidence, anyOptions, (image, settings) => {
        const { scores, withoutScore } = scoreImage(image, settings);
        const withheld = withoutScore.map(({ id }) => id);
        expect([...Object.keys(scores), ...withheld].toSorted()).toEqual(builtInScores.map(({ id }) => id).toSorted());
        for (const score of Object.values(scores)) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
        for (const { reason } of withoutScore) expect(reason).not.toBe(NOTHING_FOUND);
      }),
    );
  });

  test('does not depend on the order of the boxes', () => {
    fc.assert(
      fc.property(anyFullEvidence, anyOptions, (image, settings) => {
        const turned = {
          ...image,
          detections: image.detections.toReversed(),
          flipped: image.flipped?.toReversed() ?? [],
        };
        const there = scoreImage(turned, settings).scores;
        for (const [id, score] of Object.entries(scoreImage(image, settings).scores)) {
          expect(there[id], id).toBeCloseTo(score, 12);
        }
      }),
    );
  });

  test('has no score for an image without detections', () => {
    for (const aggregation of aggregations) {
      const result = scoreImage({ ...evidence(), bestScore: 0.04 }, { ...options, aggregation });
      expect(result).toEqual({
        scores: {},
        withoutScore: builtInScores.map(({ id }) => ({ id, reason: NOTHING_FOUND })),
      });
    }
  });

  test('names the output that a head lacks instead of returning a wrong number', () => {
    const endToEnd = { ...evidence(0.4, 0.6), head: 'end2end' as const, classCount: 3 };
    const { scores, withoutScore } = scoreImage(endToEnd, options);
    expect(Object.keys(scores)).toEqual(
      expect.arrayContaining(['confidence', 'entropy', 'variance', 'combined', 'decision-entropy']),
    );
    expect([...Object.keys(scores), ...withoutScore.map(({ id }) => id)].toSorted()).toEqual(
      builtInScores.map(({ id }) => id).toSorted(),
    );
    expect(withoutScore).toEqual([
      { id: 'margin', reason: NOT_FOR_THIS_HEAD },
      { id: 'class-entropy', reason: NOT_FOR_THIS_HEAD },
      { id: 'flip', reason: 'the image was not mirrored; that is a setting' },
      { id: 'localisation', reason: NOT_FOR_THIS_HEAD },
      { id: 'class-difficulty', reason: 'there is no labelled object in validation' },
    ]);
  });

  test('has a title and a description', () => {
    for (const score of builtInScores) {
      for (const text of [score.title, score.description, score.formula]) expect(text).not.toBe('');
    }
    expect(new Set(builtInScores.map(({ id }) => id)).size).toBe(builtInScores.length);
  });
});

describe('crowds', () => {
  const many = seen(times(20, 0.9));
  const one = seen([0.5]);

  test.each(['top-k', 'max', 'mean'] as const)(
    'twenty boxes at 0.90 never outrank one at 0.50 with %s, by no score and at no threshold',
    (aggregation) => {
      const anyDifficulty = fc.constantFrom(null, [1], [1.1], [1.2]);
      fc.assert(
        fc.property(anyWeights, anyThreshold, anyDifficulty, (weights, threshold, classDifficulty) => {
          const settings = { aggregation, weights, threshold, classDifficulty };
          const crowd = scoreImage(many, settings).scores;
          const single = scoreImage(one, settings).scores;
          expect(Object.keys(crowd)).toEqual(Object.keys(single));
          for (const [id, score] of Object.entries(crowd)) expect(score, id).toBeLessThanOrEqual(single[id] ?? -1);
          for (const id of ['entropy', 'decision-entropy', 'margin', 'class-entropy']) {
            expect(crowd[id], id).toBeLessThan(single[id] ?? -1);
          }
        }),
      );
    },
  );

  test('nor where the crowd is of the hardest class and the single box of the easiest', () => {
    const hard = evidenceOf(times(20, 0.9).map((value, place) => ({ ...full(value, place), classId: 1 })));
    fc.assert(
      fc.property(anyThreshold, (threshold) => {
        const settings = { ...options, threshold, classDifficulty: [1, 1.2] };
        const single = scoreImage(one, settings).scores['class-difficulty'] ?? -1;
        expect(scoreImage(hard, settings).scores['class-difficulty']).toBeLessThan(single);
      }),
    );
  });

  test('noisy-or is the aggregation that rewards crowds', () => {
    const settings = { ...options, aggregation: 'noisy-or' as const };
    for (const id of ['entropy', 'decision-entropy', 'margin']) {
      const crowd = scoreImage(seen(times(20, 0.9)), settings).scores[id] ?? Number.NaN;
      const few = scoreImage(seen(times(2, 0.9)), settings).scores[id] ?? Number.NaN;
      expect(crowd, id).toBeGreaterThan(few);
    }
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
  const boxCount: UncertaintyScore = {
    id: 'box-count',
    title: 'Box count',
    description: 'Share of twenty boxes.',
    formula: 'n / 20',
    compute: ({ detections }) => detections.length / 20,
  };

  test('names every score once', () => {
    const ids = builtInScores.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a further score plugs in', () => {
    const { scores } = scoreImage(evidence(0.5, 0.6), options, [...builtInScores, boxCount]);
    expect(scores).toMatchObject({ 'box-count': 0.1, entropy: expect.any(Number) });
  });

  test('a score without a specific reason still gets one', () => {
    const never = { ...boxCount, compute: () => null };
    const reason = 'it has no value for this image';
    expect(scoreImage(evidence(0.5), options, [never]).withoutScore).toEqual([{ id: 'box-count', reason }]);
  });

  test.each([Number.NaN, -0.1, 1.1, Infinity])('a score that returns %d is named', (value) => {
    const broken = { ...boxCount, compute: () => value };
    expect(() => scoreImage(evidence(0.5), options, [broken])).toThrow(/"box-count" returned/);
  });
});
