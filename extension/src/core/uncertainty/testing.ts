import * as fc from 'fast-check';
import type { Detection, PixelBox } from '../detection/types.ts';
import { aggregations } from './aggregation.ts';
import { DEFAULT_THRESHOLD } from './decisionScore.ts';
import type { ImageEvidence, ScoreOptions, UncertaintyWeights } from './uncertaintyScore.ts';

/* What the tests of the scores share. */

export const options: ScoreOptions = {
  aggregation: 'top-k',
  weights: { confidence: 0.4, entropy: 0.3, variance: 0.3 },
  threshold: DEFAULT_THRESHOLD,
  classDifficulty: null,
};

/** A box of 10 pixels that does not overlap boxes at other places. */
export function boxAt(place: number, shift = 0): PixelBox {
  return { x1: 20 * place + shift, y1: 0, x2: 20 * place + 10 + shift, y2: 10 };
}

/** A box of class 0 with only a confidence. */
export function bare(confidence: number, place = 0): Detection {
  return { classId: 0, confidence, box: boxAt(place) };
}

/** A box with scores for all classes; its class has the best one. */
export function classed(scores: readonly number[], place = 0): Detection {
  const confidence = Math.max(...scores);
  const kept = scores.map((score, id) => ({ id, score })).filter(({ score }) => score >= 0.05);
  return {
    classId: scores.indexOf(confidence),
    confidence,
    box: boxAt(place),
    classScores: { classIds: kept.map(({ id }) => id), scores: kept.map(({ score }) => score) },
  };
}

/** All outputs that a head can have, with one class. */
export function full(confidence: number, place = 0): Detection {
  return { ...classed([confidence], place), localisationEntropy: 0.4 };
}

export function evidenceOf(detections: readonly Detection[], more: Partial<ImageEvidence> = {}): ImageEvidence {
  const bestScore = Math.max(0, ...detections.map(({ confidence }) => confidence));
  return { detections, bestScore, classCount: 1, head: 'dense', ...more };
}

/** An image of boxes side by side. */
export function evidence(...confidences: number[]): ImageEvidence {
  return evidenceOf(confidences.map((confidence, place) => bare(confidence, place)));
}

export const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
export const unit = fc.double({ min: 0, max: 1, noNaN: true });
export const anyConfidences = fc.array(unit, { minLength: 1, maxLength: 30 });
export const anyAggregation = fc.constantFrom(...aggregations);
export const anyWeights: fc.Arbitrary<UncertaintyWeights> = fc
  .record({ confidence: unit, entropy: unit, variance: unit })
  .filter((weights) => weights.confidence + weights.entropy + weights.variance > 0);
/** All possible decision thresholds. */
export const anyThreshold = fc.double({ min: 0.05, max: 0.7, noNaN: true });

const classCount = 4;
export const anyOptions: fc.Arbitrary<ScoreOptions> = fc.record({
  aggregation: anyAggregation,
  weights: anyWeights,
  threshold: anyThreshold,
  classDifficulty: fc.option(
    fc.array(fc.double({ min: 1, max: 1.2, noNaN: true }), { minLength: classCount, maxLength: classCount }),
  ),
});

const anyBox: fc.Arbitrary<PixelBox> = fc.tuple(unit, unit, unit, unit).map(([x, y, width, height]) => ({
  x1: 50 * x,
  y1: 50 * y,
  x2: 50 * x + 1 + 20 * width,
  y2: 50 * y + 1 + 20 * height,
}));

const anyDetection: fc.Arbitrary<Detection> = fc
  .tuple(fc.array(unit, { minLength: classCount, maxLength: classCount }), anyBox, unit)
  .map(([scores, box, localisationEntropy]) => ({ ...classed(scores), box, localisationEntropy }));

/** An image with all optional data, mirrored. */
export const anyFullEvidence: fc.Arbitrary<ImageEvidence> = fc
  .tuple(fc.array(anyDetection, { minLength: 1, maxLength: 20 }), fc.array(anyDetection, { maxLength: 20 }))
  .map(([detections, flipped]) => evidenceOf(detections, { flipped, classCount }));
