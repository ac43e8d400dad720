import { iou } from '../detection/iou.ts';
import type { Detection } from '../detection/types.ts';
import type { EvaluationImage, GroundTruthBox } from './matching.ts';

/** PPAL's ξ: how much the score counts against the overlap. */
const SCORE_SHARE = 0.6;
const LEAST_IOU = 0.5;

/**
 * How well each class is detected, after PPAL (C. Yang et al., CVPR 2024): q_c = mean of p^0.6 · IoU^0.4 over the
 * objects of class c; p and IoU are those of the detection that found the object at an IoU above 0.5, and a missed
 * object counts 0. PPAL averages over the positive anchors of training, which every object has and where a miss has
 * a low p; here it is the objects of validation, so that training needs no change.
 * @returns q_c by class id, 0…1; `null` if there is no object of the class.
 */
export function classQualities(images: readonly EvaluationImage[], classCount: number): (number | null)[] {
  const sums = new Float64Array(classCount);
  const objects = new Int32Array(classCount);
  for (const { truth, detections } of images) {
    for (const { classId } of truth) if (classId < classCount) objects[classId] = (objects[classId] ?? 0) + 1;
    for (const { classId, confidence, overlap } of matches(truth, detections)) {
      if (classId >= classCount) continue;
      sums[classId] = (sums[classId] ?? 0) + confidence ** SCORE_SHARE * overlap ** (1 - SCORE_SHARE);
    }
  }
  return Array.from(objects, (count, classId) => (count === 0 ? null : Math.min((sums[classId] ?? 0) / count, 1)));
}

interface Match {
  readonly classId: number;
  readonly confidence: number;
  readonly overlap: number;
}

/** In order of descending confidence, each detection takes the free object of its class with the highest IoU. */
function matches(truth: readonly GroundTruthBox[], detections: readonly Detection[]): Match[] {
  const free = new Set(truth);
  const found: Match[] = [];
  for (const { classId, confidence, box } of detections.toSorted((a, b) => b.confidence - a.confidence)) {
    let best: GroundTruthBox | undefined;
    let overlap = LEAST_IOU;
    for (const object of free) {
      const shared = object.classId === classId ? iou(box, object.box) : 0;
      if (shared <= overlap) continue;
      best = object;
      overlap = shared;
    }
    if (best === undefined) continue;
    free.delete(best);
    found.push({ classId, confidence, overlap });
  }
  return found;
}
