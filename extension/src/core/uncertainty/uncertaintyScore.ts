import type { Detection, Head } from '../detection/types.ts';
import type { Aggregation } from './aggregation.ts';

/** The predictions for one image: the only input of a score. */
export interface ImageEvidence {
  /** Candidates with a confidence of at least 0.05 after NMS. */
  readonly detections: readonly Detection[];
  /** The same from the mirrored image, mapped back; undefined if the image was not mirrored. */
  readonly flipped?: readonly Detection[];
  /** Best score of any box, also below 0.05. */
  readonly bestScore: number;
  readonly classCount: number;
  readonly head: Head;
}

/** Weights of the `combined` score, normalised to the sum 1 when used. */
export interface UncertaintyWeights {
  readonly confidence: number;
  readonly entropy: number;
  readonly variance: number;
}

/** The session's settings and the version's measurements that change scores. */
export interface ScoreOptions {
  /** How the uncertainties of the boxes of an image become one number. */
  readonly aggregation: Aggregation;
  /** Weights of the `combined` score. */
  readonly weights: UncertaintyWeights;
  /** Decision threshold t of the version, 0.05…0.7 (`decisionThreshold`, core/evaluation). */
  readonly threshold: number;
  /** Difficulty of the classes by class id, 1…1.2 (`classDifficulties`); `null` if no quality was measured. */
  readonly classDifficulty: readonly number[] | null;
}

/** One uncertainty score of an image. A new one is one file, and one line in the registry. */
export interface UncertaintyScore {
  /** Key in stored scores; never changes after a release. */
  readonly id: string;
  readonly title: string;
  /** What it measures, for users who choose a score. */
  readonly description: string;
  /** Short name beside a value. */
  readonly formula: string;
  /** The session setting that the score needs. */
  readonly needs?: 'flip' | 'localisation';
  /**
   * Higher is more uncertain.
   * @returns 0…1; `null` if the image has no valid value: no detections, or a head without the required output.
   */
  readonly compute: (evidence: ImageEvidence, options: ScoreOptions) => number | null;
  /** Why `compute` returned `null` for an image with detections, in plain words. */
  readonly whyNot?: (evidence: ImageEvidence, options: ScoreOptions) => string;
}

/** The reason if the head does not provide the input of the score. */
export const NOT_FOR_THIS_HEAD = 'not available for this head';
/** The reason for an image without detections. */
export const NOTHING_FOUND = 'nothing was found in the image';
