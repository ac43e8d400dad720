import type { Detection } from '../detection/types.ts';

/** Whether the head provides a score for each class of a box, not only for the best one. */
export function hasClassScores(detections: readonly Detection[]): boolean {
  return detections.every((detection) => detection.classScores !== undefined);
}

/** The score of one class of a box, 0…1. Scores too low to be stored (below 0.05) count as 0. */
export function scoreOf(detection: Detection, classId: number): number {
  if (classId === detection.classId) return detection.confidence;
  const { classScores } = detection;
  const at = classScores?.classIds.indexOf(classId) ?? -1;
  return at < 0 ? 0 : (classScores?.scores[at] ?? 0);
}

/** The highest score of another class than the class of the box, 0…1. */
export function secondBest(detection: Detection): number {
  const { classId, classScores } = detection;
  let best = 0;
  for (const [i, id] of classScores?.classIds.entries() ?? []) {
    if (id !== classId) best = Math.max(best, classScores?.scores[i] ?? 0);
  }
  return best;
}
