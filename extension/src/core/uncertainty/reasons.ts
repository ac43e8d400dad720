import type { Detection } from '../detection/types.ts';

/** What is known about an image's place among all images that were scored. */
export interface PoolFacts {
  /** Id of the score that ranked the pool. */
  readonly scoreName: string;
  readonly score: number;
  /** Images of the pool with a lower score. */
  readonly below: number;
  /** Images of the pool that have the score. */
  readonly scored: number;
}

export interface ExplainOptions {
  /** Confidence from which on a box counts as found, 0…1. Default 0.25. */
  readonly threshold?: number;
}

/** A box this near to the threshold could as well have fallen on its other side. */
const NEAR_THRESHOLD = 0.1;
/** Two classes compete where the second score is at least this part of the first. */
const CLOSE_RATIO = 0.6;
/** Below, scores of the second class are noise. */
const LEAST_RIVAL = 0.1;
/** A box whose confidence is lower would not convince a person. */
const SURE = 0.5;
/** Confidences that reach further apart are worth a word. */
const WIDE_RANGE = 0.5;
const MOST_PAIRS = 2;

/**
 * Why an image may be worth a person's time, in plain words, the most telling first: "no detection; best candidate 0.03",
 * "2 boxes near the threshold", "spur or short?", "confidences from 0.08 to 0.91".
 * @param detections candidates from 0.05 on; class scores are used where they are there.
 * @param bestScore best score of any box, also below 0.05.
 */
export function explain(
  detections: readonly Detection[],
  bestScore: number,
  classNames: readonly string[],
  options: ExplainOptions = {},
): string[] {
  if (detections.length === 0) return [noDetection(bestScore)];
  const confidences = detections.map((detection) => detection.confidence);
  return [
    ...nearThreshold(confidences, options.threshold ?? 0.25),
    ...rivals(detections, classNames),
    ...faint(confidences),
    ...wideRange(confidences),
  ];
}

/** Of an image that was not chosen for what the model said about it. */
export const DRAWN_AT_RANDOM = 'drawn at random';

/** "combined 0.62, higher than 97 % of the scored pool". */
export function placeInPool({ scoreName, score, below, scored }: PoolFacts): string {
  const text = `${scoreName} ${score.toFixed(2)}`;
  // Rounded down: only the very first may claim to be above all others.
  const share = scored > 1 ? Math.floor((100 * below) / (scored - 1)) : 0;
  return share > 0 ? `${text}, higher than ${share} % of the scored pool` : text;
}

function noDetection(bestScore: number): string {
  return bestScore > 0 ? `no detection; best candidate ${bestScore.toFixed(2)}` : 'no detection, not even a faint one';
}

function nearThreshold(confidences: readonly number[], threshold: number): string[] {
  const near = confidences.filter((confidence) => Math.abs(confidence - threshold) <= NEAR_THRESHOLD).length;
  return near === 0 ? [] : [`${boxes(near)} near the threshold`];
}

/** "spur or short?" for the pairs of classes that compete in most boxes. */
function rivals(detections: readonly Detection[], classNames: readonly string[]): string[] {
  const counts = new Map<string, { question: string; count: number; closeness: number }>();
  for (const { classId, confidence, classScores } of detections) {
    if (classScores === undefined) continue;
    let rival = -1;
    let rivalScore = 0;
    for (const [i, id] of classScores.classIds.entries()) {
      const score = classScores.scores[i] ?? 0;
      if (id !== classId && score > rivalScore) {
        rival = id;
        rivalScore = score;
      }
    }
    if (rivalScore < LEAST_RIVAL || rivalScore < CLOSE_RATIO * confidence) continue;
    const key = classId < rival ? `${classId}-${rival}` : `${rival}-${classId}`;
    const question = `${nameOf(classId, classNames)} or ${nameOf(rival, classNames)}?`;
    const entry = counts.get(key) ?? { question, count: 0, closeness: 0 };
    entry.count++;
    entry.closeness = Math.max(entry.closeness, rivalScore / confidence);
    counts.set(key, entry);
  }
  return [...counts.values()]
    .toSorted((a, b) => b.count - a.count || b.closeness - a.closeness)
    .slice(0, MOST_PAIRS)
    .map(({ question, count }) => (count === 1 ? question : `${question} (${boxes(count)})`));
}

function faint(confidences: readonly number[]): string[] {
  const best = Math.max(...confidences);
  if (best >= SURE) return [];
  return [
    confidences.length === 1
      ? `a single faint box, ${best.toFixed(2)}`
      : `the surest of ${confidences.length} boxes has only ${best.toFixed(2)}`,
  ];
}

function wideRange(confidences: readonly number[]): string[] {
  const low = Math.min(...confidences);
  const high = Math.max(...confidences);
  return high - low < WIDE_RANGE ? [] : [`confidences from ${low.toFixed(2)} to ${high.toFixed(2)}`];
}

function boxes(count: number): string {
  return count === 1 ? '1 box' : `${count} boxes`;
}

function nameOf(classId: number, classNames: readonly string[]): string {
  return classNames[classId] ?? `class ${classId}`;
}
