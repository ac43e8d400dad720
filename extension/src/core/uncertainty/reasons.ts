import type { Detection } from '../detection/types.ts';
import { DEFAULT_THRESHOLD, decisionScore, seriousDetections } from './decisionScore.ts';
import { compareMirrored } from './mirror.ts';
import { builtInScores } from './registry.ts';

/** The rank of an image among all scored images. */
export interface PoolFacts {
  /** Id of the score that ranked the pool. */
  readonly scoreName: string;
  readonly score: number;
  /** Number of images in the pool with a lower score. */
  readonly below: number;
  /** Number of images in the pool that have the score. */
  readonly scored: number;
}

export interface ExplainOptions {
  /**
   * Decision threshold t: a box with at least this confidence counts as detected; above 0 and below 1. Default 0.25.
   */
  readonly threshold?: number;
  /** Detections on the mirrored image, mapped back; without them, no reason mentions mirroring. */
  readonly flipped?: readonly Detection[];
  /** Difficulty of the classes by class id, 1…1.2; without them, no reason mentions hard classes. */
  readonly classDifficulty?: readonly number[];
}

/** A box whose decision score is this close to one half could have fallen on either side of the threshold. */
const NEAR_HALF = 0.15;
/** Two classes compete if the second score is at least this share of the first. */
const CLOSE_RATIO = 0.6;
/** Lower scores of the second class are noise. */
const LEAST_RIVAL = 0.1;
/** A wider range of confidences is mentioned. */
const WIDE_RANGE = 0.5;
/** A box with a lower overlap with its mirrored partner has shifted. */
const SHIFTED = 0.7;
/** A box with at least this entropy has blurred edges; one box in twenty of YOLOv8n on photos reaches it. */
const BLURRED = 0.45;
/** The difficulty of a class of quality 0.5; harder classes are mentioned. */
const HARD = 1.16;
const MOST_PAIRS = 2;
const MOST_REASONS = 6;

/**
 * Why an image may be worth reviewing, in plain words, the most important reason first: "no detection; best candidate
 * 0.03", "2 boxes near the threshold", "spur or short?", "2 boxes shift when the image is mirrored", "confidences from
 * 0.08 to 0.91". At most six.
 * @param detections candidates from 0.05; class scores and edge entropy are used if present.
 * @param bestScore best score of any box, also below 0.05.
 */
export function explain(
  detections: readonly Detection[],
  bestScore: number,
  classNames: readonly string[],
  options: ExplainOptions = {},
): string[] {
  const { threshold = DEFAULT_THRESHOLD, flipped, classDifficulty = [] } = options;
  const mirrored = flipped === undefined ? [] : mirrorReasons(detections, flipped, threshold);
  if (detections.length === 0) return [noDetection(bestScore), ...mirrored];
  const confidences = detections.map((detection) => detection.confidence);
  const serious = seriousDetections(detections, threshold);
  return [
    ...nearThreshold(confidences, threshold),
    ...rivals(serious, classNames),
    ...mirrored,
    ...blurredEdges(serious),
    ...hardClasses(serious, classDifficulty, classNames),
    ...faint(confidences, threshold),
    ...wideRange(confidences),
  ].slice(0, MOST_REASONS);
}

/** For an image that was not selected because of its predictions. */
export const DRAWN_AT_RANDOM = 'drawn at random';

/** "combined 0.62, higher than 97 % of the scored pool", or "the highest of the scored pool". */
export function placeInPool({ scoreName, score, below, scored }: PoolFacts): string {
  const title = builtInScores.find(({ id }) => id === scoreName)?.title.toLowerCase() ?? scoreName;
  const text = `${title} ${score.toFixed(2)}`;
  if (scored > 1 && below === scored - 1) return `${text}, the highest of the scored pool`;
  const share = scored > 1 ? Math.floor((100 * below) / (scored - 1)) : 0;
  return share > 0 ? `${text}, higher than ${share} % of the scored pool` : text;
}

function noDetection(bestScore: number): string {
  return bestScore > 0 ? `no detection; best candidate ${bestScore.toFixed(2)}` : 'no detection, not even a faint one';
}

function nearThreshold(confidences: readonly number[], threshold: number): string[] {
  const near = confidences.filter((value) => Math.abs(decisionScore(value, threshold) - 0.5) <= NEAR_HALF).length;
  return near === 0 ? [] : [`${boxes(near)} near the threshold`];
}

/** "spur or short?" for the pairs of classes that compete in most boxes; the background has no class to name. */
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

/** The largest effect of mirroring: vanishing or appearing boxes, then other classes, then shifts. */
function mirrorReasons(detections: readonly Detection[], flipped: readonly Detection[], threshold: number): string[] {
  const pairs = compareMirrored(detections, flipped, threshold);
  const lost = pairs.filter(({ there }) => there === null).length;
  const gained = pairs.filter(({ here }) => here === null).length;
  const both = pairs.flatMap(({ here, there, iou }) => (here === null || there === null ? [] : [{ here, there, iou }]));
  const turned = both.filter(({ here, there }) => here.classId !== there.classId).length;
  const shifted = both.filter(({ iou }) => iou < SHIFTED).length;
  return [
    ...(lost > 0 ? [`${boxes(lost)} ${verb(lost, 'vanish')} when the image is mirrored`] : []),
    ...(gained > 0 ? [`${boxes(gained)} ${verb(gained, 'appear')} only when the image is mirrored`] : []),
    ...(turned > 0 ? [`${boxes(turned)} ${verb(turned, 'change')} class when the image is mirrored`] : []),
    ...(shifted > 0 ? [`${boxes(shifted)} ${verb(shifted, 'shift')} when the image is mirrored`] : []),
  ].slice(0, 2);
}

function blurredEdges(detections: readonly Detection[]): string[] {
  const blurred = detections.filter(({ localisationEntropy = 0 }) => localisationEntropy >= BLURRED).length;
  return blurred === 0 ? [] : [`the edges of ${boxes(blurred)} are unclear to the model`];
}

/** "spur is hard for the model": the hardest class of the image, if classes differ. */
function hardClasses(
  detections: readonly Detection[],
  difficulties: readonly number[],
  classNames: readonly string[],
): string[] {
  let hardest = -1;
  for (const { classId } of detections) {
    if ((difficulties[classId] ?? 0) > (difficulties[hardest] ?? 0)) hardest = classId;
  }
  const difficulty = difficulties[hardest] ?? 0;
  const easiest = Math.min(...difficulties);
  // With one class, or equal difficulties, every image would get this reason.
  if (difficulty < HARD || difficulty - easiest < 0.01) return [];
  return [`${nameOf(hardest, classNames)} is hard for this model`];
}

/** No box reaches the threshold, so the model itself would show none. */
function faint(confidences: readonly number[], threshold: number): string[] {
  const best = Math.max(...confidences);
  if (best >= threshold) return [];
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

function verb(count: number, plural: string): string {
  return count === 1 ? `${plural}${plural.endsWith('sh') ? 'es' : 's'}` : plural;
}

function nameOf(classId: number, classNames: readonly string[]): string {
  return classNames[classId] ?? `class ${classId}`;
}
