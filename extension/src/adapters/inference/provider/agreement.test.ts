import { describe, expect, it } from 'vitest';
import type { InferenceOptions, InferenceResult } from '../../../workflow/ports/inference.ts';
import { disagreement, isEvidence } from './agreement.ts';
import { pictures, expectedResult, type PredictedImage } from '../testing/fakeInference.ts';
import { options } from '../testing/predictions.ts';

const expected = pictures(20).map(expectedResult);
const asked: InferenceOptions = { ...options, minConfidence: 0.05, flip: true, localisation: true };
const vectors: InferenceOptions = { ...options, minConfidence: 1, classScoresAbove: null, embedding: true };

/** The disagreement if all results are altered in this way. */
function verdict(alter: (one: PredictedImage) => InferenceResult, wanted: InferenceOptions = asked): string | null {
  return disagreement(
    expected.map((one) => [one, alter(one)]),
    wanted,
  );
}

/** The image with its only detection changed. */
const detection = (one: PredictedImage, change: object): PredictedImage => ({
  ...one,
  detections: one.detections.map((found) => ({ ...found, ...change })),
});

function withoutVector({ embedding: _embedding, ...rest }: PredictedImage): PredictedImage {
  return rest;
}

/** Results of the same model with this confidence in its boxes. */
const as = (confidence: number): PredictedImage[] =>
  expected.map((one) => ({ ...detection(one, { confidence }), bestScore: confidence }));

describe('disagreement', () => {
  it('is null for equal results, and for differences within rounding', () => {
    expect(verdict((one) => one)).toBeNull();
    expect(verdict((one) => ({ ...detection(one, { confidence: 0.9001 }), bestScore: 0.9001 }))).toBeNull();
    expect(
      verdict((one) => ({ ...one, embedding: one.embedding?.map((x) => x * 1.0001) ?? new Float32Array() }), vectors),
    ).toBeNull();
  });

  it.each<[string, (one: PredictedImage) => InferenceResult, RegExp]>([
    ['another best score', (one) => ({ ...one, bestScore: 0.87 }), /other scores/],
    ['no number for a score', (one) => ({ ...one, bestScore: Number.NaN }), /other scores/],
    ['boxes elsewhere', (one) => detection(one, { box: { x1: 5, y1: 5, x2: 105, y2: 105 } }), /other boxes/],
    ['boxes of no numbers', (one) => detection(one, { box: { x1: Number.NaN, y1: 0, x2: 1, y2: 1 } }), /other boxes/],
    ['another class', (one) => detection(one, { classId: 1 }), /other boxes/],
    [
      'other class scores',
      (one) => detection(one, { classScores: { classIds: [0, 1], scores: [0.9, 0.5] } }),
      /class scores/,
    ],
    [
      'a class more',
      (one) => detection(one, { classScores: { classIds: [0, 1, 2], scores: [0.9, 0.2, 0.5] } }),
      /class scores/,
    ],
    ['no class scores', (one) => detection(one, { classScores: undefined }), /class scores/],
    ['other edges', (one) => detection(one, { localisationEntropy: Number.NaN }), /edges/],
    ['other boxes in the mirror', (one) => ({ ...one, flipped: [] }), /mirrored/],
    ['another size', (one) => ({ ...one, width: 100 }), /another size/],
    ['a failure', ({ imageId }) => ({ ok: false, imageId, code: 'worker-crashed', message: 'Lost.' }), /failed: Lost/],
  ])('is reported of %s', (_, alter, reason) => {
    expect(verdict(alter)).toMatch(reason);
  });

  it.each<[string, (one: PredictedImage) => Float32Array | undefined]>([
    ['no numbers', () => Float32Array.of(Number.NaN, 0, 0)],
    [
      'those of another picture',
      ({ imageId }) => expectedResult({ imageId, absolutePath: `${imageId + 1}.png` }).embedding,
    ],
    ['zeros', () => new Float32Array(3)],
    ['shorter ones', () => Float32Array.of(1)],
    ['none', () => undefined],
  ])('is reported of vectors: %s', (_, vectorOf) => {
    const altered = (one: PredictedImage): InferenceResult => {
      const { embedding: _own, ...rest } = one;
      const embedding = vectorOf(one);
      return embedding === undefined ? rest : { ...rest, embedding };
    };
    expect(verdict(altered, vectors)).toMatch(/vectors/);
    // They were not requested.
    expect(verdict(altered, asked)).toBeNull();
  });

  it('also compares boxes of an early model, which all have a low confidence', () => {
    const young = as(0.08);
    const moved = young.map((one) => detection(one, { box: { x1: 50, y1: 50, x2: 90, y2: 90 } }));
    expect(
      disagreement(
        young.map((one) => [one, one]),
        asked,
      ),
    ).toBeNull();
    expect(
      disagreement(
        young.map((one, at) => [one, moved[at] ?? one]),
        asked,
      ),
    ).toMatch(/other boxes/);
    const others = young.map((one): readonly [PredictedImage, PredictedImage] => [one, { ...one, bestScore: 0.06 }]);
    expect(disagreement(others, asked)).toMatch(/other scores/);
  });
});

describe('isEvidence', () => {
  it('requires boxes if boxes are requested, and vectors if vectors are', () => {
    expect(isEvidence(expected, asked)).toBe(true);
    expect(isEvidence(as(0.08), asked)).toBe(true);
    expect(isEvidence(as(0.051), asked)).toBe(false);
    expect(isEvidence(expected.slice(0, 7), asked)).toBe(false);
    expect(isEvidence(expected.slice(0, 4), vectors)).toBe(true);
    expect(isEvidence(expected.slice(0, 3), vectors)).toBe(false);
    expect(isEvidence(expected.map(withoutVector), { ...asked, embedding: true })).toBe(false);
  });
});
