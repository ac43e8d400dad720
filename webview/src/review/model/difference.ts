import type { BoxView, PredictionView, ThresholdsView } from '../../../../extension/src/protocol/review.ts';
import { type EditBox, fromPrediction, isShown, type ShownBox } from './boxes.ts';
import { visibleBoxes } from './editState.ts';
import { overlap, sameRect } from './geometry.ts';
import { openSample, type OpenSample, type PanelState } from './state.ts';

/** How a saved box differs from the prediction, or a prediction from what is saved. */
export type Change =
  | { readonly kind: 'kept'; readonly box: EditBox; readonly predicted: EditBox }
  /** Another place, another class, or both. `overlap` is the IoU with the prediction. */
  | { readonly kind: 'changed'; readonly box: EditBox; readonly predicted: EditBox; readonly overlap: number }
  | { readonly kind: 'added'; readonly box: EditBox }
  | { readonly kind: 'dropped'; readonly predicted: EditBox };

/** From this IoU on, a saved box was made from a prediction of its class that shows no other object. */
const sameClassFrom = 0.1;
/** The same for a prediction of another class. */
const otherClassFrom = 0.5;

/**
 * The difference between the predictions that the review showed and the boxes that are saved, or would be: first what a
 * box still is or was by its own record, then by the greatest IoU, those of the same class first.
 */
export function differenceOf(
  boxes: readonly EditBox[],
  predictions: readonly PredictionView[],
  thresholds: ThresholdsView,
): Change[] {
  const known = new Map(predictions.map((one) => [one.index, one]));
  const free = new Set(predictions.filter((one) => isShown(one, thresholds)));
  const found = new Map<EditBox, PredictionView>();
  const pair = (box: EditBox, one: PredictionView): void => {
    found.set(box, one);
    free.delete(one);
  };
  for (const box of boxes) {
    const own = box.prediction === null ? undefined : known.get(box.prediction);
    if (own !== undefined) pair(box, own);
  }
  pairByOverlap(boxes, found, free, pair, (box, one) => box.classId === one.classId, sameClassFrom);
  pairByOverlap(boxes, found, free, pair, (box, one) => box.classId !== one.classId, otherClassFrom);
  const changes = boxes.map((box): Change => {
    const one = found.get(box);
    if (one === undefined) return { kind: 'added', box };
    const predicted = fromPrediction(one);
    const isKept = box.classId === one.classId && sameRect(box, one);
    return isKept ? { kind: 'kept', box, predicted } : { kind: 'changed', box, predicted, overlap: overlap(box, one) };
  });
  return [...changes, ...[...free].map((one): Change => ({ kind: 'dropped', predicted: fromPrediction(one) }))];
}

function pairByOverlap(
  boxes: readonly EditBox[],
  found: ReadonlyMap<EditBox, PredictionView>,
  free: ReadonlySet<PredictionView>,
  pair: (box: EditBox, one: PredictionView) => void,
  fits: (box: BoxView, one: BoxView) => boolean,
  from: number,
): void {
  const pairs = boxes
    .filter((box) => !found.has(box))
    .flatMap((box) => [...free].filter((one) => fits(box, one)).map((one) => ({ box, one, iou: overlap(box, one) })))
    .filter(({ iou }) => iou >= from)
    .toSorted((a, b) => b.iou - a.iou);
  for (const { box, one } of pairs) if (!found.has(box) && free.has(one)) pair(box, one);
}

interface Known {
  readonly open: OpenSample;
  readonly changes: readonly Change[];
}

/** A cache: the canvas asks for each frame. */
const cache = new WeakMap<OpenSample['draft'], Known>();

/** The difference on the open image; null if it is not compared, or nothing was predicted or saved. */
export function shownDifference(state: PanelState): readonly Change[] | null {
  const open = state.comparing ? openSample(state) : null;
  if (open === null || open.sample.predictions.length === 0) return null;
  // An image without a label file has nothing to compare, unless it is still to be judged.
  if (open.sample.verdict !== null && open.sample.labels === null) return null;
  const before = cache.get(open.draft);
  if (before !== undefined && before.open.sample === open.sample && before.open.host === open.host) {
    return before.changes;
  }
  const changes = differenceOf(open.boxSet.boxes, open.sample.predictions, open.host.thresholds);
  cache.set(open.draft, { open, changes });
  return changes;
}

/** Boxes that are only painted have keys below those of all others. */
const paintedKeys = 1_000_000_000;

/** The predictions to paint beside the boxes of the open image: those in whose place another box, or none, is saved. */
export function predictedBoxes(state: PanelState): readonly ShownBox[] {
  const changes = state.boxesHidden ? null : shownDifference(state);
  if (changes === null) return [];
  const shown = new Set(visibleBoxes(state).map(({ box }) => box.key));
  return changes
    .flatMap((change) => {
      if (change.kind === 'changed') return [change.predicted];
      // One that can be kept again is painted already.
      return change.kind === 'dropped' && !shown.has(change.predicted.key) ? [change.predicted] : [];
    })
    .map((box) => ({ box: { ...box, key: box.key - paintedKeys }, status: 'predicted', faint: false, others: 0 }));
}
