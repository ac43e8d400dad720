import { iou } from '../detection/iou.ts';
import type { PixelBox } from '../detection/types.ts';
import { matchDetections, type EvaluationImage } from '../evaluation/matching.ts';

/** The labels of an image and what a model that has not trained on it detects there, in pixels of the same scale. */
export type JudgedImage = Pick<EvaluationImage, 'truth' | 'detections'>;

/** The confidences from which a prediction of a class counts. */
export interface ConfidenceLimits {
  /** Evidence that a label is placed well. */
  readonly likely: (classId: number) => number;
  /** Evidence that a label is missing or has the wrong class. */
  readonly sure: (classId: number) => number;
}

/** How well the labels of an image agree with the predictions, 0 (not at all) to 1. */
export interface LabelQuality {
  /** By prediction: the score of a sure prediction that touches no label; null for the others. */
  readonly overlooked: readonly (number | null)[];
  /** By label. */
  readonly placed: readonly number[];
  /** By label. */
  readonly classed: readonly number[];
  /** The geometric mean of the three kinds, each the soft minimum of its boxes. */
  readonly quality: number;
}

/** The limits of the paper. A model trained on few images seldom reaches them: see `limitsFromHits`. */
export const paperLimits: ConfidenceLimits = { likely: () => 0.5, sure: () => 0.95 };

const overlapWeight = 0.9;
const temperature = 0.1;
/** Labels of two classes that overlap this much are one object with two names. */
const sameObjectIou = 0.95;

/** How similar two boxes are, above 0 to 1: 0.9 · IoU + 0.1 · exp(−0.1 · distance of the centres in pixels). */
function similarity(a: PixelBox, b: PixelBox): number {
  const distance = Math.hypot((a.x1 + a.x2 - b.x1 - b.x2) / 2, (a.y1 + a.y2 - b.y1 - b.y2) / 2);
  return overlapWeight * iou(a, b) + (1 - overlapWeight) * Math.exp(-0.1 * distance);
}

/** The smallest similarity above 0 of a label and a likely prediction in all images; 1 if there is no such pair. */
export function smallestSimilarity(images: readonly JudgedImage[], { likely }: ConfidenceLimits): number {
  let smallest = 1;
  for (const { truth, detections } of images) {
    for (const { classId, confidence, box } of detections) {
      if (confidence < likely(classId)) continue;
      for (const label of truth) {
        const value = similarity(label.box, box);
        if (value > 0 && value < smallest) smallest = value;
      }
    }
  }
  return smallest;
}

/**
 * Scores the labels of an image after ObjectLab (Tkachenko, Thyagarajan and Mueller 2023; as in cleanlab 2.9.0): boxes
 * that were overlooked, badly placed, or given the wrong class.
 * @param smallest from `smallestSimilarity` over all images. Scale the boxes to a longer side of 640 pixels before: the
 * distance of two boxes is one in pixels.
 */
export function labelQuality(
  { truth: labels, detections: predictions }: JudgedImage,
  smallest: number,
  { likely, sure }: ConfidenceLimits,
): LabelQuality {
  const overlooked = predictions.map(({ classId, confidence, box }) => {
    if (confidence < sure(classId) || labels.some((label) => iou(label.box, box) > 0)) return null;
    const own = labels.filter((label) => label.classId === classId).map((label) => similarity(label.box, box));
    return own.length > 0 ? Math.max(...own) : smallest * (1 - confidence);
  });
  const placed = labels.map((label) => {
    const near = predictions.filter(
      ({ classId, confidence, box }) =>
        classId === label.classId && confidence >= likely(classId) && iou(label.box, box) > 0,
    );
    return near.length === 0 ? 1 : Math.max(...near.map(({ box }) => similarity(label.box, box)));
  });
  const classed = labels.map((label) => {
    const twin = labels.some((one) => one.classId !== label.classId && iou(one.box, label.box) >= sameObjectIou);
    if (twin) return smallest;
    const others = predictions.filter(
      ({ classId, confidence }) => classId !== label.classId && confidence >= sure(classId),
    );
    if (others.length === 0) return 1;
    return Math.max(smallest, 1 - Math.max(...others.map(({ box }) => similarity(label.box, box))));
  });
  const kinds = [overlooked.filter((score) => score !== null), placed, classed].map(softMinimum);
  const quality = Math.exp(kinds.reduce((sum, score) => sum + Math.log(1e-100 + score), 0) / kinds.length);
  return { overlooked, placed, classed, quality };
}

/** Σ s · softmax(−s / 0.1); 1 without scores. */
function softMinimum(scores: readonly number[]): number {
  if (scores.length === 0) return 1;
  const least = Math.min(...scores);
  const weights = scores.map((score) => Math.exp((least - score) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return scores.reduce((total, score, place) => total + (score * (weights[place] ?? 0)) / sum, 0);
}

/** Hits of a class below which all classes share one limit. */
const enoughHits = 8;

/**
 * Limits for a model whose confidences are low because it has seen few labels: a prediction is sure from the median
 * confidence of the class's hits on, and likely from the lower quarter on, never above the limits of the paper. Classes
 * with few hits take those of all classes, and without any hit the limits of the paper hold. A hit is one of COCO's at an
 * IoU of 0.5.
 * @throws EvaluationError of `matchDetections`.
 */
export function limitsFromHits(images: readonly EvaluationImage[], classCount: number): ConfidenceLimits {
  const hits = matchDetections(images, { classCount }).classes.map((one) =>
    [...one.confidences].filter((_, place) => ((one.hits[place] ?? 0) & 1) === 1),
  );
  const all = hits.flat();
  const limit = (share: number, most: number) => {
    const limitOf = (confidences: readonly number[]): number => Math.min(most, quantile(confidences, share) ?? most);
    const ofAll = limitOf(all);
    const ofClass = hits.map((own) => (own.length < enoughHits ? ofAll : limitOf(own)));
    return (classId: number): number => ofClass[classId] ?? ofAll;
  };
  return { likely: limit(0.25, paperLimits.likely(0)), sure: limit(0.5, paperLimits.sure(0)) };
}

function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}
