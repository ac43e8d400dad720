import type { Detection } from '../detection/types.ts';

/** The decision threshold if none was measured: Ultralytics' default confidence. */
export const DEFAULT_THRESHOLD = 0.25;
/** A box with at least this decision score is a serious candidate. */
const SERIOUS = 0.25;

/**
 * The score of a box relative to the decision threshold: s′ = σ(logit s − logit t) = s(1 − t) / (s(1 − t) + t(1 − s)).
 * One half at s = t, 0 at 0, 1 at 1. It assumes that a calibrated model would score one half at the threshold, which is
 * calibration by a shift of the logit (J. Platt, 1999, with the slope fixed at 1).
 * @param score s, 0…1.
 * @param threshold t, above 0 and below 1.
 */
export function decisionScore(score: number, threshold: number): number {
  const s = Math.min(Math.max(score, 0), 1);
  const yes = s * (1 - threshold);
  return yes / (yes + threshold * (1 - s));
}

/** The boxes whose decision score reaches `SERIOUS`; the others are background noise. */
export function seriousDetections(detections: readonly Detection[], threshold: number): Detection[] {
  return detections.filter((detection) => isSerious(detection, threshold));
}

/** Whether the decision score of a box reaches `SERIOUS`. */
export function isSerious(detection: Pick<Detection, 'confidence'>, threshold: number): boolean {
  return decisionScore(detection.confidence, threshold) >= SERIOUS;
}
