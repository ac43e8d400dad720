import type {
  BoxView,
  DecisionMessage,
  PredictionView,
  SampleView,
  ThresholdsView,
} from '../../../../extension/src/protocol/review.ts';
import { sameRect, type Rect } from './geometry.ts';
import { thresholdOf } from './thresholds.ts';

/** A box on the canvas. A prediction has the same key whether it is kept or not. */
export interface EditBox extends BoxView {
  /** Unique within a sample. Negative for predictions, positive for other boxes. */
  readonly key: number;
  /** The index of the prediction that the box is or was. */
  readonly prediction: number | null;
  readonly confidence: number | null;
}

/** The current boxes of one sample. Immutable. */
export interface BoxSet {
  /** The boxes that a verdict would save. */
  readonly boxes: readonly EditBox[];
  /** Indexes of predictions that the user deleted. They are no longer offered. */
  readonly removed: readonly number[];
  readonly nextKey: number;
}

/**
 * A verdict saves `kept` boxes. `offered` ones are predictions that it does not save. `predicted` ones are only painted: the
 * model had them where another box, or none, is saved.
 */
export interface ShownBox {
  readonly box: EditBox;
  readonly status: 'kept' | 'offered' | 'predicted';
  /** Kept although its confidence is below the threshold of its class. */
  readonly faint: boolean;
  /** The number of other predictions of the same object. */
  readonly others: number;
}

type Basis = Pick<SampleView, 'predictions' | 'labels' | 'width' | 'height'>;

function predictionKey(index: number): number {
  return -1 - index;
}

/** The boxes before any edit: the labels, if any, otherwise the predictions that an accept writes. */
export function initialBoxSet(sample: Basis, thresholds: ThresholdsView): BoxSet {
  if (sample.labels === null) {
    const boxes = sample.predictions.filter((one) => isShown(one, thresholds)).map(fromPrediction);
    return { boxes, removed: [], nextKey: 1 };
  }
  const free = new Set(sample.predictions);
  const boxes = sample.labels.map((label, place): EditBox => {
    const match = matching(label, free, sample);
    if (match === undefined) return { ...plain(label), key: place + 1, prediction: null, confidence: null };
    free.delete(match);
    return fromPrediction(match);
  });
  return { boxes, removed: [], nextKey: sample.labels.length + 1 };
}

/**
 * The verdict that saves these boxes. It is an accept if all boxes are unchanged predictions and none that an accept would
 * write is missing; otherwise it is a correction.
 */
export function decisionFor(boxSet: BoxSet, sample: Basis, thresholds: ThresholdsView): DecisionMessage {
  const written = new Set<number>();
  const known = new Map(sample.predictions.map((one) => [one.index, one]));
  for (const box of boxSet.boxes) {
    const prediction = box.prediction === null ? undefined : known.get(box.prediction);
    if (prediction === undefined || !untouched(box, prediction)) return corrected(boxSet);
    written.add(prediction.index);
  }
  const complete = sample.predictions.every((one) => !isShown(one, thresholds) || written.has(one.index));
  if (!complete) return corrected(boxSet);
  const kept = [...written].toSorted((a, b) => a - b);
  return { verdict: 'accepted', kept, confirmBackground: boxSet.boxes.length === 0 };
}

/** Whether a verdict on either would save the same boxes. */
export function sameBoxes(a: BoxSet, b: BoxSet): boolean {
  if (a.boxes === b.boxes) return true;
  if (a.boxes.length !== b.boxes.length) return false;
  const known = new Map(b.boxes.map((box) => [box.key, box]));
  return a.boxes.every((box) => {
    const other = known.get(box.key);
    return other !== undefined && other.classId === box.classId && sameRect(box, other);
  });
}

/**
 * All visible boxes: the kept ones, and the offered ones at or above the threshold of their class. A box does not change its place when
 * it is kept or dropped: first the boxes that were there before any edit, then drawn ones, then other predictions by
 * confidence.
 * @param original the boxes before any edit.
 */
export function shownBoxes(boxSet: BoxSet, sample: Basis, thresholds: ThresholdsView, original: BoxSet): ShownBox[] {
  const taken = new Set<number>(boxSet.removed);
  const surerOf = new Map(sample.predictions.map(({ index, surer }) => [index, surer]));
  const others = otherCounts(sample.predictions);
  const shown: ShownBox[] = boxSet.boxes.map((box) => {
    if (box.prediction !== null) taken.add(box.prediction);
    const surer = surerOf.get(box.prediction ?? -1);
    if (surer !== undefined) taken.add(surer);
    return {
      box,
      status: 'kept',
      faint: box.confidence !== null && box.confidence < thresholdOf(thresholds, box.classId) && box.key < 0,
      others: others.get(box.prediction ?? -1) ?? 0,
    };
  });
  const offered = sample.predictions.filter((one) => isShown(one, thresholds) && !taken.has(one.index));
  for (const one of offered)
    shown.push({ box: fromPrediction(one), status: 'offered', faint: false, others: others.get(one.index) ?? 0 });
  const places = new Map(original.boxes.map(({ key }, place) => [key, place]));
  // An alternative stands where the surest prediction of its object would.
  for (const { index, surer } of sample.predictions) {
    const place = surer === undefined ? undefined : places.get(predictionKey(surer));
    if (place !== undefined && !places.has(predictionKey(index))) places.set(predictionKey(index), place);
  }
  return shown.toSorted((a, b) => compareTuples(placeOf(a.box, places), placeOf(b.box, places)));
}

/** The visible predictions, the most doubtful first: those whose confidence is nearest to the threshold of their class. */
export function doubtfulFirst(shown: readonly ShownBox[], thresholds: ThresholdsView): EditBox[] {
  const distance = ({ classId, confidence }: EditBox): number =>
    Math.abs((confidence ?? 1) - thresholdOf(thresholds, classId));
  return shown
    .map(({ box }) => box)
    .filter(({ key }) => key < 0)
    .toSorted((a, b) => distance(a) - distance(b));
}

/** For each prediction, the number of others of its object. */
function otherCounts(predictions: readonly PredictionView[]): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const { index, surer } of predictions) sizes.set(surer ?? index, (sizes.get(surer ?? index) ?? 0) + 1);
  return new Map(predictions.map(({ index, surer }) => [index, (sizes.get(surer ?? index) ?? 1) - 1]));
}

/** Whether a prediction reaches the threshold of its class. Of several predictions of one object, only the surest one is. */
export function isShown({ classId, confidence, surer }: PredictionView, thresholds: ThresholdsView): boolean {
  return confidence >= thresholdOf(thresholds, classId) && surer === undefined;
}

/** Keeps one box and no other. Predictions are offered again. */
export function keepOnly(boxSet: BoxSet, box: EditBox): BoxSet {
  if (boxSet.boxes.length === 1 && boxSet.boxes[0]?.key === box.key) return boxSet;
  const kept = boxSet.boxes.find(({ key }) => key === box.key) ?? box;
  return { ...boxSet, boxes: [kept], removed: boxSet.removed.filter((index) => index !== box.prediction) };
}

function placeOf(box: EditBox, places: ReadonlyMap<number, number>): readonly [number, number] {
  const place = places.get(box.key);
  if (place !== undefined) return [0, place];
  return box.key > 0 ? [1, box.key] : [2, -(box.confidence ?? 0)];
}

function compareTuples([a, b]: readonly [number, number], [c, d]: readonly [number, number]): number {
  return a - c || b - d;
}

/** Keeps an offered prediction. */
export function promote(boxSet: BoxSet, box: EditBox): BoxSet {
  if (boxSet.boxes.some((one) => one.key === box.key)) return boxSet;
  return {
    ...boxSet,
    boxes: [...boxSet.boxes, box],
    removed: boxSet.removed.filter((index) => index !== box.prediction),
  };
}

/** Removes a box from the kept ones. A prediction is offered again. */
export function demote(boxSet: BoxSet, key: number): BoxSet {
  const boxes = boxSet.boxes.filter((box) => box.key !== key);
  return boxes.length === boxSet.boxes.length ? boxSet : { ...boxSet, boxes };
}

/** Deletes a kept or offered box. A prediction is not offered again. */
export function removeBox(boxSet: BoxSet, box: EditBox): BoxSet {
  const boxes = boxSet.boxes.filter((one) => one.key !== box.key);
  const removed =
    box.prediction === null || boxSet.removed.includes(box.prediction)
      ? boxSet.removed
      : [...boxSet.removed, box.prediction];
  return { ...boxSet, boxes, removed };
}

/** Changes the place or class of a box, and keeps it. */
export function changeBox(boxSet: BoxSet, box: EditBox, change: Partial<Rect & { classId: number }>): BoxSet {
  const changed: EditBox = { ...box, ...change };
  if (changed.classId === box.classId && sameRect(changed, box)) return boxSet;
  return boxSet.boxes.some((one) => one.key === box.key)
    ? { ...boxSet, boxes: boxSet.boxes.map((one) => (one.key === box.key ? changed : one)) }
    : promote(boxSet, changed);
}

/** Adds a drawn box. @returns the boxes and the key of the new box. */
export function addBox(boxSet: BoxSet, rect: Rect, classId: number): { readonly boxSet: BoxSet; readonly key: number } {
  const key = boxSet.nextKey;
  const box: EditBox = {
    x1: rect.x1,
    y1: rect.y1,
    x2: rect.x2,
    y2: rect.y2,
    classId,
    key,
    prediction: null,
    confidence: null,
  };
  return { boxSet: { ...boxSet, boxes: [...boxSet.boxes, box], nextKey: key + 1 }, key };
}

/** Drops the predictions below the threshold of their class. */
export function dropBelow(boxSet: BoxSet, thresholds: ThresholdsView): BoxSet {
  const boxes = boxSet.boxes.filter(
    (box) => box.key > 0 || box.confidence === null || box.confidence >= thresholdOf(thresholds, box.classId),
  );
  return boxes.length === boxSet.boxes.length ? boxSet : { ...boxSet, boxes };
}

/** Keeps the predictions at or above the threshold of their class, and all boxes that are not unchanged predictions. */
export function applyThresholds(boxSet: BoxSet, sample: Basis, thresholds: ThresholdsView): BoxSet {
  const kept = dropBelow(boxSet, thresholds).boxes;
  const offered = shownBoxes({ ...boxSet, boxes: kept }, sample, thresholds, boxSet)
    .filter((shown) => shown.status === 'offered')
    .map((shown) => shown.box);
  if (offered.length === 0 && kept.length === boxSet.boxes.length) return boxSet;
  return { ...boxSet, boxes: [...kept, ...offered] };
}

function corrected(boxSet: BoxSet): DecisionMessage {
  return { verdict: 'corrected', boxes: boxSet.boxes.map(plain) };
}

function plain(box: BoxView): BoxView {
  return { x1: box.x1, y1: box.y1, x2: box.x2, y2: box.y2, classId: box.classId };
}

/** A prediction as a box that is kept. */
export function fromPrediction(one: PredictionView): EditBox {
  return { ...plain(one), key: predictionKey(one.index), prediction: one.index, confidence: one.confidence };
}

function untouched(box: EditBox, prediction: PredictionView): boolean {
  return box.classId === prediction.classId && sameRect(box, prediction);
}

/** The prediction that a label was written from. Label files round to a millionth of the image's size. */
function matching(label: BoxView, free: ReadonlySet<PredictionView>, image: Basis): PredictionView | undefined {
  const tolerance = Math.max(0.1, 2e-6 * Math.max(image.width, image.height));
  for (const one of free) if (one.classId === label.classId && sameRect(one, label, tolerance)) return one;
  return undefined;
}
