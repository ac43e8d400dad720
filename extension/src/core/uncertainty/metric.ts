import type { Detection, Head } from '../detection/types.ts';
import type { Aggregation, UncertaintyWeights } from '../session/types.ts';

/** What a model said about one image: all that a metric may look at. */
export interface ImageEvidence {
  /** Candidates with a confidence of 0.05 or more after NMS. */
  readonly detections: readonly Detection[];
  /** Best score of any box, also below 0.05. */
  readonly bestScore: number;
  readonly classCount: number;
  readonly head: Head;
}

/** The session's settings that change scores. */
export interface MetricOptions {
  /** How the boxes of an image become one number. */
  readonly aggregation: Aggregation;
  /** Weights of the `combined` score. */
  readonly weights: UncertaintyWeights;
}

/** One uncertainty score of an image. A new metric is one file, and one line in the registry. */
export interface Metric {
  /** Key in stored scores; never changed once released. */
  readonly id: string;
  readonly title: string;
  /** What it tells, for a person who chooses among metrics. */
  readonly description: string;
  /** As shown beside the score. */
  readonly formula: string;
  /**
   * Higher is more uncertain.
   * @returns 0…1; `null` where the metric has no honest value: an image without detections, a head that lacks what it needs.
   */
  readonly compute: (evidence: ImageEvidence, options: MetricOptions) => number | null;
}
