/** From here on a prediction is shown, unless verdicts say otherwise. */
export const DEFAULT_SHOWN = 0.25;

/** The threshold of one class, and the verdicts that it follows from. */
export interface ClassThreshold {
  /** Minimum confidence, 0…1. */
  readonly from: number;
  /** Predictions of the class that a person has judged. */
  readonly judged: number;
  /** Those of them that are an object of the class. */
  readonly right: number;
}

/** From which confidence on the predictions of a batch are shown, and written by an accept. */
export interface ShownThresholds {
  /** For classes without a separate threshold. */
  readonly base: number;
  /** By class id. */
  readonly classes: Readonly<Record<number, ClassThreshold>>;
  /** What the reviewer chose for all classes of the batch instead; null if nothing. */
  readonly chosen: number | null;
}

/** The thresholds of a batch that was selected before there were any, and of images outside a batch. */
export const defaultThresholds: ShownThresholds = { base: DEFAULT_SHOWN, classes: {}, chosen: null };

/** The minimum confidence at which a prediction of the class is shown. */
export function thresholdOf({ base, classes, chosen }: ShownThresholds, classId: number): number {
  return chosen ?? classes[classId]?.from ?? base;
}
