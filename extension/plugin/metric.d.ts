/**
 * Types for score plug-ins of Active Learning for YOLO: a `.mjs` or `.js` file in `.active-learning/metrics/` whose
 * default export is a `MetricPlugin`. Copy this file beside it and write
 *
 *     /** @type {import('./metric.js').MetricPlugin} *\/
 *     export default { id: 'my-metric', compute: (image, context) => 0.5 };
 *
 * See docs/plugins.md.
 */
export interface MetricPlugin {
  /** The key of the score: lower-case letters, digits and hyphens, at most 64; no built-in score may have it. */
  readonly id: string;
  /** Shown beside the score. Default: the id. */
  readonly title?: string;
  /** What it tells, in a sentence. */
  readonly description?: string;
  /**
   * The score of one image; higher is more uncertain.
   * @returns 0…1, or `null` where there is no honest value. Anything else switches the score off for the run.
   */
  compute(image: MetricImage, context: MetricContext): number | null | Promise<number | null>;
}

/** One image and what the model said about it. */
export interface MetricImage {
  readonly imageId: number;
  /** With forward slashes, relative to its folder of the dataset, such as `images/train/0001.jpg`. */
  readonly path: string;
  /** Pixels, EXIF orientation applied; `null` where not known. */
  readonly width: number | null;
  readonly height: number | null;
  /** Boxes with a confidence of 0.05 or more, after non-maximum suppression. */
  readonly detections: readonly Detection[];
  /** The same from the mirrored image, mapped back; only where the session's setting "Mirrored images" is on. */
  readonly flipped?: readonly Detection[];
  /** Best score of any box, also below 0.05. */
  readonly bestScore: number;
  readonly classCount: number;
  /** The output layout of the model; only `dense` heads give a score for each class. */
  readonly head: 'dense' | 'end2end' | 'rtdetr';
}

/** One box. */
export interface Detection {
  readonly classId: number;
  /** Its highest class score, 0…1. */
  readonly confidence: number;
  readonly box: Box;
  /** Scores of all classes with 0.05 or more: parallel lists. Absent where the head does not tell. */
  readonly classScores?: { readonly classIds: readonly number[]; readonly scores: readonly number[] };
  /** How blurred the edges are to the model, 0…1; only of heads with edge distributions (DFL). */
  readonly localisationEntropy?: number;
}

/** Pixels of the image: x1 < x2, y1 < y2. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** What is the same for all images of a run, and tools to compute with. */
export interface MetricContext {
  /** By class id. */
  readonly classNames: readonly string[];
  /** The decision threshold of the model: from this confidence on a box is taken for an object, 0.05…0.7. */
  readonly threshold: number;
  /** The session's aggregation. */
  readonly aggregation: 'top-k' | 'max' | 'mean' | 'noisy-or';
  /** Difficulty of the classes by class id, 1…1.2; `null` where validation told nothing. */
  readonly classDifficulty: readonly number[] | null;
  /** One number from those of the boxes, each 0…1, by the session's aggregation; `null` for none. */
  aggregate(values: readonly number[]): number | null;
  /** Entropy in bits of a yes-or-no question with this probability: 1 at 0.5, 0 at 0 and 1. */
  entropy(probability: number): number;
  /** The confidence as seen from the decision threshold: 0.5 at the threshold. */
  decisionScore(confidence: number): number;
  /** Intersection over union of two boxes, 0…1. */
  iou(a: Box, b: Box): number;
}
