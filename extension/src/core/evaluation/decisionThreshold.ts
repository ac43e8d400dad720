import { shrinkTowards } from './logit.ts';

/** The value that a threshold is shrunk towards: Ultralytics' default confidence. */
const PRIOR = 0.25;
/** Number of validation images that weigh as much as the prior. */
const PRIOR_IMAGES = 50;
/** Bounds of every decision threshold. */
export const LEAST_THRESHOLD = 0.05;
export const HIGHEST_THRESHOLD = 0.7;

/**
 * The minimum confidence t at which a version's boxes count as objects: that of the best F1 on validation, t*, shrunk
 * towards 0.25 on the scale of logits: logit t = λ · logit t* + (1 − λ) · logit 0.25 with λ = n / (n + 50).
 *
 * t* is the location of the maximum of a jagged curve and varies widely between small samples: with few images it says
 * little about the model. t stays within 0.05…0.7: there are no candidates below, and up to 0.7 a box at 0.90 is never less
 * certain than one at 0.50.
 * @param bestF1 t*, 0…1; `null` if nothing was found.
 * @param validationImages n, the images that t* was measured on.
 */
export function decisionThreshold(bestF1: number | null, validationImages: number): number {
  if (bestF1 === null) return PRIOR;
  const measured = Math.min(Math.max(bestF1, 1e-3), 1 - 1e-3);
  const shrunk = shrinkTowards(PRIOR, measured, validationImages, PRIOR_IMAGES);
  return Math.min(Math.max(shrunk, LEAST_THRESHOLD), HIGHEST_THRESHOLD);
}
