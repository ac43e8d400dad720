import type { PredictionView } from '../../../../extension/src/protocol/review.ts';
import type { EditBox } from './boxes.ts';
import { overlap } from './geometry.ts';

/** From this IoU on, another prediction is about the same object. */
const sameObject = 0.5;

/**
 * The classes in the order of the class picker: the box's own class, the other classes that the model sees in its place by
 * confidence, the classes that the user chose last, and the others in their order.
 */
export function classOrder(
  classCount: number,
  box: EditBox | null,
  predictions: readonly PredictionView[],
  recentClasses: readonly number[],
): number[] {
  const others = box === null ? [] : predictions.filter((one) => overlap(one, box) >= sameObject);
  const seen = others.toSorted((a, b) => b.confidence - a.confidence).map(({ classId }) => classId);
  const own = box === null ? [] : [box.classId];
  const all = Array.from({ length: classCount }, (_, classId) => classId);
  return [...new Set([...own, ...seen, ...recentClasses, ...all])].filter((classId) => classId < classCount);
}
