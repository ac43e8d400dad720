import { median } from '../statistics.ts';
import { DEFAULT_SHOWN, type ClassThreshold, type ShownThresholds } from '../detection/shownThresholds.ts';
import { shrinkTowards } from './logit.ts';
import { confidenceAt, fitPlatt, type Judged } from './platt.ts';

/** Seconds that a person needs for a box: to look at a predicted one, and to draw a missing one. */
const defaultSeconds = { look: 1.6, draw: 7 } as const;

/** Right predictions from which on a calibration is fitted. */
const ENOUGH_RIGHT = 50;
/** Right predictions that weigh as much as the threshold that a fit is shrunk towards. */
const PRIOR_RIGHT = 50;
/** Reviewed images below which no threshold falls below 0.25. */
const ENOUGH_IMAGES = 50;
/** Images of each kind from which on the measured seconds count. */
const ENOUGH_TIMED = 20;
/** A threshold hides neither everything nor nothing. */
export const LEAST_SHOWN = 0.1;
export const HIGHEST_SHOWN = 0.6;

export interface JudgedPrediction extends Judged {
  readonly classId: number;
}

/** One reviewed image. */
export interface ReviewedImage {
  readonly predictions: readonly JudgedPrediction[];
  /** Predicted boxes that were shown. */
  readonly shown: number;
  /** Saved boxes that no shown prediction matches. */
  readonly drawn: number;
  readonly seconds: number | null;
}

/**
 * Thresholds for the next batch: a prediction is shown if the probability that it is right exceeds the cost of looking at
 * a box divided by the cost of drawing one. With fewer than 50 right predictions of a class, its threshold is that of all
 * classes; with fewer than 50 in all, that is 0.25. A fit is shrunk on the scale of logits with λ = n / (n + 50), n right
 * predictions: a class towards all classes, all classes towards 0.25. Predictions below 0.1 are left out, because no
 * threshold shows them. Below 50 reviewed images no threshold is below 0.25.
 */
export function fitThresholds(images: readonly ReviewedImage[]): Omit<ShownThresholds, 'chosen'> {
  const ratio = costRatio(images);
  const judged = images.flatMap(({ predictions }) => predictions).filter(({ confidence }) => confidence >= LEAST_SHOWN);
  const floor = images.length < ENOUGH_IMAGES ? DEFAULT_SHOWN : LEAST_SHOWN;
  const base = threshold(judged, ratio, DEFAULT_SHOWN, floor);
  const classes: Record<number, ClassThreshold> = {};
  for (const classId of new Set(judged.map((one) => one.classId))) {
    const own = judged.filter((one) => one.classId === classId);
    const right = own.filter((one) => one.right).length;
    if (right < ENOUGH_RIGHT) continue;
    classes[classId] = { from: threshold(own, ratio, base, floor), judged: own.length, right };
  }
  return { base, classes };
}

function threshold(judged: readonly Judged[], ratio: number, parent: number, floor: number): number {
  const right = judged.filter((one) => one.right).length;
  const fitted = right < ENOUGH_RIGHT ? null : confidenceAt(fitPlatt(judged, 1), ratio);
  if (fitted === null) return parent;
  const shrunk = shrinkTowards(parent, fitted, right, PRIOR_RIGHT);
  return Math.round(Math.min(Math.max(shrunk, floor), HIGHEST_SHOWN) * 100) / 100;
}

/**
 * Cost of looking at a box / cost of drawing one: 1.6 s / 7 s until 20 images without and 20 with drawn boxes are timed,
 * then the medians of the session. Stays within 0.1…0.5.
 */
export function costRatio(images: readonly ReviewedImage[]): number {
  const timed = images.flatMap((image) => (image.seconds === null ? [] : [{ ...image, seconds: image.seconds }]));
  const looked = timed.filter(({ drawn, shown }) => drawn === 0 && shown > 0);
  const drew = timed.filter(({ drawn }) => drawn > 0);
  if (looked.length < ENOUGH_TIMED || drew.length < ENOUGH_TIMED) return defaultSeconds.look / defaultSeconds.draw;
  const look = median(looked.map(({ seconds, shown }) => seconds / shown));
  const draw = median(drew.map(({ seconds, shown, drawn }) => Math.max(seconds - look * shown, 0) / drawn));
  return Math.min(Math.max(draw > 0 ? look / draw : Number.POSITIVE_INFINITY, 0.1), 0.5);
}
