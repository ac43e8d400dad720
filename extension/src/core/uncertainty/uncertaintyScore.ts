import type { Detection, Head } from '../detection/types.ts';
import type { Aggregation } from './aggregation.ts';

/** What a model said about one image: all that a metric may look at. */
export interface ImageEvidence {
  /** Candidates with a confidence of 0.05 or more after NMS. */
  readonly detections: readonly Detection[];
  /** The same from the mirrored image, mapped back; absent where the image was not mirrored. */
  readonly flipped?: readonly Detection[];
  /** Best score of any box, also below 0.05. */
  readonly bestScore: number;
  readonly classCount: number;
  readonly head: Head;
}

/** The session's settings and the version's figures that change scores. */
/** Weights of the `combined` score. They are normalised to the sum 1 when they are used. */
export interface UncertaintyWeights {
  readonly confidence: number;
  readonly entropy: number;
  readonly variance: number;
}

export interface ScoreOptions {
  /** How the boxes of an image become one number. */
  readonly aggregation: Aggregation;
  /** Weights of the `combined` score. */
  readonly weights: UncertaintyWeights;
  /** Decision threshold t of the version, 0.05…0.7 (`decisionThreshold`, core/evaluation). */
  readonly threshold: number;
  /** Difficulty of the classes by class id, 1…1.2 (`classDifficulties`); `null` where no quality was measured. */
  readonly classDifficulty: readonly number[] | null;
}

/** One uncertainty score of an image. A new metric is one file, and one line in the registry. */
export interface UncertaintyScore {
  /** Key in stored scores; never changed once released. */
  readonly id: string;
  readonly title: string;
  /** What it tells, for a person who chooses among metrics. */
  readonly description: string;
  /** As shown beside the score. */
  readonly formula: string;
  /** The setting of the session without which it has no score. */
  readonly needs?: 'flip' | 'localisation';
  /**
   * Higher is more uncertain.
   * @returns 0…1; `null` where the metric has no honest value: an image without detections, a head that lacks what it needs.
   */
  readonly compute: (evidence: ImageEvidence, options: ScoreOptions) => number | null;
  /** Why `compute` gave `null` for an image in which something was found, in plain words. */
  readonly whyNot?: (evidence: ImageEvidence, options: ScoreOptions) => string;
}

/** The reason of a metric whose head does not tell what it needs. */
export const NOT_FOR_THIS_HEAD = 'not available for this head';
/** The reason of every metric for an image without detections. */
export const NOTHING_FOUND = 'nothing was found in the image';
