import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Detection } from '../detection/types.ts';
import { explain, placeInPool } from './reasons.ts';

const names = ['open', 'short', 'spur'];
const box = { x1: 0, y1: 0, x2: 1, y2: 1 };

function plain(...confidences: number[]): Detection[] {
  return confidences.map((confidence) => ({ classId: 0, confidence, box }));
}

function scored(...scores: [classId: number, score: number][]): Detection {
  const sorted = scores.toSorted((a, b) => b[1] - a[1]);
  const [classId = 0, confidence = 0] = sorted[0] ?? [];
  const ascending = scores.toSorted((a, b) => a[0] - b[0]);
  return {
    classId,
    confidence,
    box,
    classScores: { classIds: ascending.map(([id]) => id), scores: ascending.map(([, score]) => score) },
  };
}

const at = (x: number, confidence = 0.9, classId = 0): Detection => ({
  classId,
  confidence,
  box: { x1: x, y1: 0, x2: x + 10, y2: 10 },
});
const reasonsOf = (here: Detection[], there: Detection[]): string[] => explain(here, 0.9, names, { flipped: there });

test('boxes near the threshold', () => {
  expect(explain(plain(0.9, 0.3, 0.2), 0.9, names)).toEqual([
    '2 boxes near the threshold',
    'confidences from 0.20 to 0.90',
  ]);
  expect(explain(plain(0.9, 0.45), 0.9, names, { threshold: 0.5 })).toEqual(['1 box near the threshold']);
  // What is near depends on where the threshold is: with a low one, 0.3 is a sure box.
  expect(explain(plain(0.9, 0.3), 0.9, names, { threshold: 0.06 })).not.toContain('1 box near the threshold');
  expect(explain(plain(0.9, 0.07), 0.9, names, { threshold: 0.06 })).toContain('1 box near the threshold');
});

test('what mirroring changes, in the order of its weight', () => {
  expect(reasonsOf([at(0)], [at(0)])).toEqual([]);
  expect(reasonsOf([at(0)], [at(4)])).toEqual(['1 box shifts when the image is mirrored']);
  expect(reasonsOf([at(0), at(50)], [at(4), at(54)])).toEqual(['2 boxes shift when the image is mirrored']);
  expect(reasonsOf([at(0), at(50)], [at(0)])).toEqual(['1 box vanishes when the image is mirrored']);
  expect(reasonsOf([at(0)], [at(0), at(50)])).toEqual(['1 box appears only when the image is mirrored']);
  expect(reasonsOf([at(0)], [at(0, 0.9, 1)])).toEqual(['1 box changes class when the image is mirrored']);
  expect(reasonsOf([at(0), at(50)], [at(4), at(90)])).toEqual([
    '1 box vanishes when the image is mirrored',
    '1 box appears only when the image is mirrored',
  ]);
  expect(reasonsOf([], [at(0)])).toEqual([
    'no detection; best candidate 0.90',
    '1 box appears only when the image is mirrored',
  ]);
  // Faint boxes come and go.
  expect(reasonsOf([at(0), at(50, 0.06)], [at(0)])).not.toContainEqual(expect.stringContaining('mirrored'));
});

test('edges and classes that the model is unsure of', () => {
  const blurred = plain(0.9, 0.8).map((one) => ({ ...one, localisationEntropy: 0.46 }));
  expect(explain(blurred, 0.9, names)).toEqual(['the edges of 2 boxes are unclear to the model']);
  expect(explain([{ ...blurred[0], localisationEntropy: 0.3 } as Detection], 0.9, names)).toEqual([]);
  expect(explain(plain(0.9), 0.9, names, { classDifficulty: [1.18, 1.05, 1] })).toEqual([
    'open is hard for this model',
  ]);
  // Of the only class, or where all are alike, it would be said of every image.
  expect(explain(plain(0.9), 0.9, names, { classDifficulty: [1.18] })).toEqual([]);
  expect(explain(plain(0.9), 0.9, names, { classDifficulty: [1.1, 1, 1] })).toEqual([]);
});

test('two classes with close scores are a question, the surer one first', () => {
  expect(explain([scored([1, 0.55], [2, 0.6], [0, 0.3])], 0.6, names)).toEqual(['spur or short?']);
  expect(explain([scored([1, 0.2], [2, 0.6])], 0.6, names)).toEqual([]);
  expect(explain([scored([1, 0.55], [7, 0.6])], 0.6, names)).toEqual(['class 7 or short?']);
});

test('the most frequent pairs, two at most', () => {
  const detections = [
    scored([0, 0.6], [1, 0.5]),
    scored([1, 0.6], [0, 0.5]),
    scored([0, 0.6], [2, 0.4]),
    scored([1, 0.6], [2, 0.59]),
  ];
  expect(explain(detections, 0.6, names)).toEqual(['open or short? (2 boxes)', 'short or spur?']);
});

test('faint boxes are those that the model itself would not show', () => {
  expect(explain(plain(0.08), 0.08, names)).toEqual(['a single faint box, 0.08']);
  const three = plain(0.41, 0.4, 0.39);
  expect(explain(three, 0.41, names, { threshold: 0.7 })).toEqual(['the surest of 3 boxes has only 0.41']);
  expect(explain(three, 0.41, names)).toEqual([]);
  expect(explain(plain(0.12), 0.12, names, { threshold: 0.1 })).toEqual(['1 box near the threshold']);
});

test('background is not asked for its class', () => {
  const faint = scored([1, 0.06], [2, 0.05]);
  const low = scored([1, 0.11], [2, 0.1]);
  expect(explain([faint, low], 0.11, names, { threshold: 0.4 }).join()).not.toContain('?');
  expect(explain([low], 0.11, names, { threshold: 0.2 })).toContain('short or spur?');
});

test('no detection', () => {
  expect(explain([], 0.03, names)).toEqual(['no detection; best candidate 0.03']);
  expect(explain([], 0, names)).toEqual(['no detection, not even a faint one']);
});

test('the place in the pool', () => {
  const facts = { scoreName: 'combined', score: 0.618, below: 97, scored: 100 };
  expect(placeInPool(facts)).toBe('combined 0.62, higher than 97 % of the scored pool');
  expect(placeInPool({ ...facts, below: 0 })).toBe('combined 0.62');
  expect(placeInPool({ ...facts, below: 98 })).toContain('98 %');
  expect(placeInPool({ ...facts, below: 99 })).toBe('combined 0.62, the highest of the scored pool');
  expect(placeInPool({ ...facts, scored: 1, below: 0 })).toBe('combined 0.62');
  expect(placeInPool({ ...facts, scoreName: 'decision-entropy', below: 0 })).toBe('decision entropy 0.62');
  expect(placeInPool({ ...facts, scoreName: 'my-metric', below: 0 })).toBe('my-metric 0.62');
});

test('sure and alike boxes give no reason', () => {
  expect(explain(plain(0.9, 0.95), 0.95, names)).toEqual([]);
});

test('any evidence gives at most six short sentences', () => {
  const anyDetection = fc
    .array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 })
    .map((list) => scored(...list.map((score, id): [number, number] => [id, score])));
  fc.assert(
    fc.property(fc.array(anyDetection, { maxLength: 12 }), fc.array(anyDetection), (detections, flipped) => {
      const reasons = explain(detections, 0.5, names, { flipped, classDifficulty: [1.2, 1, 1.1] });
      expect(reasons.length).toBeLessThanOrEqual(6);
      for (const reason of reasons) expect(reason).not.toMatch(/NaN|undefined|Infinity/);
    }),
  );
});
