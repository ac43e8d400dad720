import {
  addParity,
  compareDetections,
  noParity,
  parityLimits,
  partnersOf,
  type Parity,
  type ParityLimits,
} from '../../../core/detection/parity.ts';
import type { Detection, SparseScores } from '../../../core/detection/types.ts';
import type { InferenceOptions, InferenceResult } from '../../../workflow/ports/inference.ts';

type Asked = Pick<InferenceOptions, 'minConfidence' | 'classScoresAbove' | 'embedding' | 'flip' | 'localisation'>;
type Found = InferenceResult & { readonly ok: true };

/** Maximum fraction of boxes without a counterpart: rounding may break ties differently. */
const mostUnmatched = 0.02;
/** A comparison needs at least this many boxes, or vectors of this many images. */
const fewest = { boxes: 8, vectors: 4 } as const;
/** Confidence limits to try in order, until enough boxes lie above: boxes of an early model have low confidences. */
const confidences = [parityLimits.minConfidence, 0.1, 0.06, 0.011, 0.002] as const;
const rounding = 1e-9;
/** Maximum difference of a class score or localisation entropy. */
const mostScoreDelta = 0.02;
/**
 * Maximum distance of two vectors of one image, relative to the vector's length and to the spread of all vectors. The
 * spread is the stricter scale, because vectors of one dataset are similar.
 */
const mostVectorError = { byLength: 0.05, bySpread: 0.25 } as const;

/** Pairs of results for one image: the trusted one, and the one to compare with it. */
export type Pairs = readonly (readonly [expected: InferenceResult, found: InferenceResult])[];

/**
 * Whether results contain enough to distinguish a correct model from a wrong one, for all requested outputs. An
 * embedding pass requests no boxes, and then needs none.
 */
export function isEvidence(expected: readonly InferenceResult[], asked: Asked): boolean {
  const found = expected.filter((result) => result.ok);
  if (asksForBoxes(asked) && limitsFor(found, asked) === null) return false;
  return !asked.embedding || found.filter(({ embedding }) => embedding !== undefined).length >= fewest.vectors;
}

/**
 * Results by descending number of comparable boxes, failed ones last. If all of them together are evidence
 * (`isEvidence`), the first `fewest.boxes` of them are too.
 */
export function mostInformative(results: readonly InferenceResult[], asked: Asked): InferenceResult[] {
  const limits = asksForBoxes(asked)
    ? limitsFor(
        results.filter((one) => one.ok),
        asked,
      )
    : null;
  const worth = (one: InferenceResult): number => {
    if (!one.ok) return -1;
    if (limits === null) return 0;
    return one.detections.filter(({ confidence }) => confidence > limits.minConfidence).length;
  };
  return results
    .map((result) => ({ result, worth: worth(result) }))
    .toSorted((one, other) => other.worth - one.worth)
    .map(({ result }) => result);
}

/** Describes in a clause how `found` differs from `expected`; null if they agree. NaN agrees with nothing. */
export function disagreement(pairs: Pairs, asked: Asked): string | null {
  const both: (readonly [Found, Found])[] = [];
  for (const [expected, found] of pairs) {
    if (expected.ok !== found.ok)
      return found.ok ? 'it reads images that cannot be read' : `it failed: ${found.message}`;
    if (!expected.ok || !found.ok) continue;
    if (expected.width !== found.width || expected.height !== found.height) return 'it finds images of another size';
    both.push([expected, found]);
  }
  return bestScores(both) ?? vectors(both, asked) ?? boxes(both, asked);
}

function asksForBoxes({ minConfidence }: Asked): boolean {
  return minConfidence < 1;
}

/** The confidence above which boxes are compared; null if there are too few boxes at any limit. */
function limitsFor(found: readonly Found[], asked: Asked): ParityLimits | null {
  const all = found.flatMap(({ detections }) => detections.map(({ confidence }) => confidence));
  for (const minConfidence of confidences) {
    // A counterpart may lie slightly below the limit, but no results exist below the requested confidence.
    const lowest = minConfidence - Math.min(parityLimits.maxDeltaConfidence, minConfidence / 2);
    if (lowest < asked.minConfidence - rounding) return null;
    if (all.filter((confidence) => confidence > minConfidence).length < fewest.boxes) continue;
    return { ...parityLimits, minConfidence };
  }
  return null;
}

function bestScores(pairs: readonly (readonly [Found, Found])[]): string | null {
  for (const [expected, found] of pairs) {
    const most = Math.min(mostScoreDelta, 0.001 + 0.1 * expected.bestScore);
    if (!(Math.abs(expected.bestScore - found.bestScore) <= most)) {
      return `it gives other scores (${found.bestScore.toFixed(3)}, not ${expected.bestScore.toFixed(3)})`;
    }
  }
  return null;
}

function vectors(pairs: readonly (readonly [Found, Found])[], { embedding }: Asked): string | null {
  if (!embedding) return null;
  const expected = pairs.flatMap(([one]) => (one.embedding === undefined ? [] : [one.embedding]));
  const spread = spreadOf(expected);
  for (const [one, other] of pairs) {
    if (one.embedding === undefined) continue;
    if (other.embedding?.length !== one.embedding.length) return 'it gives no vectors of that length';
    const error = distance(one.embedding, other.embedding);
    const most = Math.min(mostVectorError.byLength * norm(one.embedding), mostVectorError.bySpread * spread);
    if (!(error <= most)) return 'it gives other vectors';
  }
  return null;
}

function boxes(pairs: readonly (readonly [Found, Found])[], asked: Asked): string | null {
  const limits = limitsFor(
    pairs.map(([expected]) => expected),
    asked,
  );
  if (limits === null) return null;
  let plain: Parity = noParity;
  let mirrored: Parity = noParity;
  let details = { compared: 0, others: 0 };
  for (const [expected, found] of pairs) {
    plain = addParity(plain, compareDetections(expected.detections, found.detections, limits));
    details = addDetails(details, expected.detections, found.detections, limits, asked);
    if (asked.flip !== true) continue;
    mirrored = addParity(mirrored, compareDetections(expected.flipped ?? [], found.flipped ?? [], limits));
  }
  if (tooMany(plain.unmatched, plain.boxes)) return 'it finds other boxes';
  if (tooMany(mirrored.unmatched, mirrored.boxes)) return 'it finds other boxes in mirrored images';
  return tooMany(details.others, details.compared) ? 'it gives other class scores or edges' : null;
}

function tooMany(others: number, all: number): boolean {
  return others > all * mostUnmatched;
}

function addDetails(
  sum: { readonly compared: number; readonly others: number },
  expected: readonly Detection[],
  found: readonly Detection[],
  limits: ParityLimits,
  asked: Asked,
): { compared: number; others: number } {
  const partners = partnersOf(expected, found, limits).filter(({ fits }) => fits);
  const others = partners.filter(({ from, to }) => {
    const [one, other] = [expected[from], found[to]];
    return one === undefined || other === undefined || !sameDetails(one, other, asked);
  });
  return { compared: sum.compared + partners.length, others: sum.others + others.length };
}

function sameDetails(one: Detection, other: Detection, { classScoresAbove, localisation }: Asked): boolean {
  if (classScoresAbove !== null && !sameScores(one.classScores, other.classScores, classScoresAbove)) return false;
  if (localisation !== true || one.localisationEntropy === undefined) return true;
  return Math.abs(one.localisationEntropy - (other.localisationEntropy ?? Number.NaN)) <= mostScoreDelta;
}

/** Compares class scores. A missing score counts as one just below the limit. */
function sameScores(one: SparseScores | undefined, other: SparseScores | undefined, above: number): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [left, right] = [byClass(one), byClass(other)];
  return [...new Set([...left.keys(), ...right.keys()])].every((classId) => {
    const [a, b] = [left.get(classId), right.get(classId)];
    if (a !== undefined && b !== undefined) return Math.abs(a - b) <= mostScoreDelta;
    return (a ?? b ?? Number.NaN) <= above + mostScoreDelta;
  });
}

function byClass({ classIds, scores }: SparseScores): Map<number, number> {
  return new Map(classIds.map((classId, index) => [classId, scores[index] ?? Number.NaN]));
}

/** Root mean square distance to the mean. Infinite if all vectors are the same, because then spread is no scale. */
function spreadOf(all: readonly Float32Array[]): number {
  const [first] = all;
  if (first === undefined) return Number.POSITIVE_INFINITY;
  const mean = first.map((_, at) => all.reduce((sum, vector) => sum + (vector[at] ?? 0), 0) / all.length);
  const spread = Math.sqrt(all.reduce((sum, vector) => sum + distance(vector, mean) ** 2, 0) / all.length);
  return spread > 1e-3 * norm(mean) ? spread : Number.POSITIVE_INFINITY;
}

function distance(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += ((one[at] ?? 0) - (other[at] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

function norm(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
