import type { ThresholdsView } from '../../../../extension/src/protocol/review.ts';

/** The minimum confidence at which a prediction of the class is shown. */
export function thresholdOf({ base, classes, chosen }: ThresholdsView, classId: number): number {
  return chosen ?? classes[classId]?.from ?? base;
}

/** The position of the slider: what the user chose, otherwise the threshold of classes without a separate one. */
export function sliderOf({ base, chosen }: ThresholdsView): number {
  return chosen ?? base;
}
