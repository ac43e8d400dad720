import type { PredictionView } from '../../../../extension/src/protocol/review.ts';
import { type BoxSet, type EditBox, fromPrediction, type ShownBox } from './boxes.ts';
import { distanceTo, type Point } from './geometry.ts';

/** All predictions of the object of a box, the surest first; empty for a drawn box. */
function predictionsOfObject(box: EditBox, predictions: readonly PredictionView[]): PredictionView[] {
  const own = predictions.find(({ index }) => index === box.prediction);
  if (own === undefined) return [];
  const surest = own.surer ?? own.index;
  return predictions
    .filter(({ index, surer }) => index === surest || surer === surest)
    .toSorted((a, b) => b.confidence - a.confidence);
}

/**
 * Keeps another prediction of the same object instead of a box: the next less sure one, and after the last the surest one.
 * @returns null if there is no other.
 */
export function nextAlternative(
  boxSet: BoxSet,
  box: EditBox,
  predictions: readonly PredictionView[],
): { readonly boxSet: BoxSet; readonly key: number } | null {
  const taken = new Set(boxSet.boxes.filter(({ key }) => key !== box.key).map(({ prediction }) => prediction));
  const all = predictionsOfObject(box, predictions).filter(({ index }) => !taken.has(index));
  const next = all[(all.findIndex(({ index }) => index === box.prediction) + 1) % all.length];
  if (next === undefined || next.index === box.prediction) return null;
  const other = fromPrediction(next);
  const isKept = boxSet.boxes.some(({ key }) => key === box.key);
  const boxes = isKept ? boxSet.boxes.map((one) => (one.key === box.key ? other : one)) : [...boxSet.boxes, other];
  return { boxSet: { ...boxSet, boxes }, key: other.key };
}

/** The surest prediction that is neither kept nor deleted, as a box; null if all are. */
export function nextCandidate(boxSet: BoxSet, predictions: readonly PredictionView[]): EditBox | null {
  const objects = new Map(predictions.map(({ index, surer }) => [index, surer ?? index]));
  const known = [
    ...boxSet.removed,
    ...boxSet.boxes.flatMap(({ prediction }) => (prediction === null ? [] : [prediction])),
  ];
  const taken = new Set(known.map((index) => objects.get(index)));
  const free = predictions.filter(({ index, surer }) => surer === undefined && !taken.has(index));
  const [surest] = free.toSorted((a, b) => b.confidence - a.confidence);
  return surest === undefined ? null : fromPrediction(surest);
}

/**
 * The surest prediction at a point that is not visible, as a box; null if there is none. Of an object whose box is kept,
 * other predictions are not candidates.
 * @param shown the visible boxes. @param at in pixels of the image.
 */
export function hiddenAt(
  shown: readonly ShownBox[],
  predictions: readonly PredictionView[],
  at: Point,
): EditBox | null {
  const objects = new Map(predictions.map(({ index, surer }) => [index, surer ?? index]));
  const taken = new Set(shown.map(({ box }) => objects.get(box.prediction ?? -1)));
  const [surest] = predictions
    .filter((one) => !taken.has(objects.get(one.index)) && distanceTo(one, at) === 0)
    .toSorted((a, b) => b.confidence - a.confidence);
  return surest === undefined ? null : fromPrediction(surest);
}
