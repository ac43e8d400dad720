import type {
  BoxView,
  DecisionMessage,
  PredictionView,
  SampleView,
} from '../../../../extension/src/protocol/review.ts';
import { sameRect, type Rect } from './geometry.ts';

/** A box on the canvas. A prediction keeps its key, whether it is among the boxes to save or not. */
export interface EditBox extends BoxView {
  /** Negative for predictions, positive for all others; unique within a sample. */
  readonly key: number;
  /** The prediction that it is, or came from. */
  readonly prediction: number | null;
  readonly confidence: number | null;
}

/** The boxes of one sample as they stand now. Values are never changed, only replaced. */
export interface Work {
  /** Those that a verdict would save. */
  readonly boxes: readonly EditBox[];
  /** Predictions that the user deleted; they are no longer offered. */
  readonly removed: readonly number[];
  readonly nextKey: number;
}

/** `kept` boxes are saved by a verdict, `offered` ones are predictions that are not. */
export interface ShownBox {
  readonly box: EditBox;
  readonly status: 'kept' | 'offered';
  /** Kept although it is below the slider, which only previews. */
  readonly faint: boolean;
}

type Basis = Pick<SampleView, 'predictions' | 'labels' | 'width' | 'height'>;

function predictionKey(index: number): number {
  return -1 - index;
}

/** What the sample shows before any edit: its labels where there are some, otherwise the predictions that an accept writes. */
export function initialWork(sample: Basis, shownConfidence: number): Work {
  if (sample.labels === null) {
    const boxes = sample.predictions.filter((one) => one.confidence >= shownConfidence).map(fromPrediction);
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
 * What a verdict on these boxes means. It is an accept exactly where every box is an untouched prediction and none that
 * an accept would write is missing; anything else is a correction.
 */
export function decisionFor(work: Work, sample: Basis, shownConfidence: number): DecisionMessage {
  const promoted: number[] = [];
  const written = new Set<number>();
  const known = new Map(sample.predictions.map((one) => [one.index, one]));
  for (const box of work.boxes) {
    const prediction = box.prediction === null ? undefined : known.get(box.prediction);
    if (prediction === undefined || !untouched(box, prediction)) return corrected(work);
    written.add(prediction.index);
    if (prediction.confidence < shownConfidence) promoted.push(prediction.index);
  }
  const complete = sample.predictions.every((one) => one.confidence < shownConfidence || written.has(one.index));
  if (!complete) return corrected(work);
  promoted.sort((a, b) => a - b);
  return { verdict: 'accepted', promoted, confirmBackground: work.boxes.length === 0 };
}

/** Whether both would save the same boxes. */
export function sameBoxes(a: Work, b: Work): boolean {
  if (a.boxes === b.boxes) return true;
  if (a.boxes.length !== b.boxes.length) return false;
  const known = new Map(b.boxes.map((box) => [box.key, box]));
  return a.boxes.every((box) => {
    const other = known.get(box.key);
    return other !== undefined && other.classId === box.classId && sameRect(box, other);
  });
}

/** Every box to draw and to list: the kept ones in their order, then the offered ones from the slider's value on. */
export function shownBoxes(work: Work, sample: Basis, slider: number): ShownBox[] {
  const taken = new Set<number>(work.removed);
  const shown: ShownBox[] = work.boxes.map((box) => {
    if (box.prediction !== null) taken.add(box.prediction);
    return { box, status: 'kept', faint: box.confidence !== null && box.confidence < slider && box.key < 0 };
  });
  const offered = sample.predictions
    .filter((one) => one.confidence >= slider && !taken.has(one.index))
    .toSorted((a, b) => b.confidence - a.confidence);
  for (const one of offered) shown.push({ box: fromPrediction(one), status: 'offered', faint: false });
  return shown;
}

/** Keeps an offered prediction. */
export function promote(work: Work, box: EditBox): Work {
  if (work.boxes.some((one) => one.key === box.key)) return work;
  return { ...work, boxes: [...work.boxes, box], removed: work.removed.filter((index) => index !== box.prediction) };
}

/** Stops keeping a box; a prediction is then offered again. */
export function demote(work: Work, key: number): Work {
  const boxes = work.boxes.filter((box) => box.key !== key);
  return boxes.length === work.boxes.length ? work : { ...work, boxes };
}

/** Deletes a box for good, kept or offered. */
export function removeBox(work: Work, box: EditBox): Work {
  const boxes = work.boxes.filter((one) => one.key !== box.key);
  const removed =
    box.prediction === null || work.removed.includes(box.prediction) ? work.removed : [...work.removed, box.prediction];
  return { ...work, boxes, removed };
}

/** Puts a box elsewhere, or gives it another class; an offered one is kept from then on. */
export function changeBox(work: Work, box: EditBox, change: Partial<Rect & { classId: number }>): Work {
  const changed: EditBox = { ...box, ...change };
  if (changed.classId === box.classId && sameRect(changed, box)) return work;
  return work.boxes.some((one) => one.key === box.key)
    ? { ...work, boxes: work.boxes.map((one) => (one.key === box.key ? changed : one)) }
    : promote(work, changed);
}

/** Adds a drawn box. @returns the boxes and the new one's key. */
export function addBox(work: Work, rect: Rect, classId: number): { readonly work: Work; readonly key: number } {
  const key = work.nextKey;
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
  return { work: { ...work, boxes: [...work.boxes, box], nextKey: key + 1 }, key };
}

/** Keeps exactly the predictions from the slider's value on, and all boxes that are no untouched predictions. */
export function applySlider(work: Work, sample: Basis, slider: number): Work {
  const kept = work.boxes.filter((box) => box.key > 0 || box.confidence === null || box.confidence >= slider);
  const offered = shownBoxes({ ...work, boxes: kept }, sample, slider)
    .filter((shown) => shown.status === 'offered')
    .map((shown) => shown.box);
  if (offered.length === 0 && kept.length === work.boxes.length) return work;
  return { ...work, boxes: [...kept, ...offered] };
}

function corrected(work: Work): DecisionMessage {
  return { verdict: 'corrected', boxes: work.boxes.map(plain) };
}

function plain(box: BoxView): BoxView {
  return { x1: box.x1, y1: box.y1, x2: box.x2, y2: box.y2, classId: box.classId };
}

function fromPrediction(one: PredictionView): EditBox {
  return { ...plain(one), key: predictionKey(one.index), prediction: one.index, confidence: one.confidence };
}

function untouched(box: EditBox, prediction: PredictionView): boolean {
  return box.classId === prediction.classId && sameRect(box, prediction);
}

/** The prediction that a label was written from: label files round to a millionth of the image's size. */
function matching(label: BoxView, free: ReadonlySet<PredictionView>, image: Basis): PredictionView | undefined {
  const tolerance = Math.max(0.1, 2e-6 * Math.max(image.width, image.height));
  for (const one of free) if (one.classId === label.classId && sameRect(one, label, tolerance)) return one;
  return undefined;
}
