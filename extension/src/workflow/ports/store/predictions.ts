import type { Detection } from '../../../core/detection/types.ts';

export interface PredictionRow {
  readonly imageId: number;
  /** Content hash of the predicted image: a changed image is predicted again. */
  readonly contentHash: string;
  readonly detections: readonly Detection[];
  /** Detections on the mirrored image, mapped back into the image; undefined if they were not requested. */
  readonly flipped?: readonly Detection[];
  readonly bestScore: number;
  readonly scores: Readonly<Record<string, number>>;
  /** Set when the image could not be scored. */
  readonly error: string | null;
  /** Digest of the model settings: if the current one differs, the model runs again. */
  readonly inferenceKey: number;
  /** Digest of the score settings: if the current one differs, the scores are computed again from the detections. */
  readonly scoringKey: number;
}

/** What decides whether an image must be predicted or scored again. */
export type PredictionKey = Pick<PredictionRow, 'imageId' | 'inferenceKey' | 'scoringKey' | 'bestScore'> & {
  /** Whether the image could not be scored. */
  readonly failed: boolean;
};

/** New scores for an unchanged prediction. */
export type ScoreUpdate = Pick<PredictionRow, 'imageId' | 'scores' | 'scoringKey'>;

/**
 * Predictions in columns: a million of them are a few arrays instead of objects. Row i of every column belongs to
 * `imageIds[i]`, ascending.
 */
export interface PredictionColumns {
  readonly imageIds: Float64Array;
  /** Best score of any box, also below the stored ones. */
  readonly bestScores: Float64Array;
  /** Number of boxes with a confidence of at least 0.05. */
  readonly boxCounts: Uint32Array;
  /** 1 if the image could not be scored. */
  readonly failed: Uint8Array;
  /** By score id; NaN if the image has no valid value. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  /** Expected objects: the sum of the boxes' class scores, or of their confidences if the head has no vector. */
  readonly expected: {
    /** Image i owns the entries `starts[i]` up to `starts[i + 1]`. */
    readonly starts: Uint32Array;
    /** Ascending within an image. */
    readonly classIds: Int32Array;
    /** Above 0. */
    readonly counts: Float32Array;
  };
}

/** An image and the value that ranks it. */
export interface ScoredImage {
  readonly imageId: number;
  readonly score: number;
}

/** The order of scored images: by a score, or by the expected objects of a class. */
export type ScoreOrder =
  | { readonly kind: 'score'; readonly metric: string }
  | { readonly kind: 'class'; readonly classId: number };

/** All images with a value in columns, so that a pool of 100,000 takes two arrays; row i belongs to `imageIds[i]`. */
export interface RankedImages {
  readonly imageIds: Float64Array;
  readonly values: Float64Array;
}

export interface ScoreIndexProgress {
  /** Approximate number of rows left to sort; 0 when all are sorted. */
  readonly left: number;
}

export interface PredictionStore {
  put(modelVersionId: number, rows: readonly PredictionRow[]): Promise<void>;
  /** The keys of up-to-date predictions (same content hash) of images with `after < id <= upTo`, ascending. */
  keys(modelVersionId: number, after: number, upTo: number): Promise<PredictionKey[]>;
  /** Replaces only the scores. Ignores rows that do not exist. */
  rescore(modelVersionId: number, rows: readonly ScoreUpdate[]): Promise<void>;
  /** As `shown`, of one image. */
  get(modelVersionId: number, imageId: number): Promise<PredictionRow | null>;
  /** The predictions of the images that have one, ascending by image id. */
  list(modelVersionId: number, imageIds: readonly number[]): Promise<PredictionRow[]>;
  /** The same for a person to see: without the boxes of images that wait for labels as blind samples. */
  shown(modelVersionId: number, imageIds: readonly number[]): Promise<PredictionRow[]>;
  /** Keyset page, ascending by image id. */
  page(modelVersionId: number, afterImageId: number, limit: number): Promise<PredictionRow[]>;
  /**
   * The same in columns, without an object per box: selection reads a whole pool this way, thousands of rows at a time.
   * Includes predictions of outdated image content.
   */
  columns(modelVersionId: number, afterImageId: number, limit: number): Promise<PredictionColumns>;
  /**
   * One step of sorting the scores of a version, a few hundredths of a second. Call it after scoring a pool until
   * nothing is left. Later changes of a few images are included. Without it, `top` and `byClass` give the same results
   * by reading all predictions.
   */
  indexScores(modelVersionId: number): Promise<ScoreIndexProgress>;
  /** The images with the highest values of a score, ties by ascending id, starting after `after`. */
  top(modelVersionId: number, score: string, limit: number, after?: ScoredImage): Promise<ScoredImage[]>;
  /** The images on which the version sees a class, sorted the same way by its expected objects. */
  byClass(modelVersionId: number, classId: number, limit: number, after?: ScoredImage): Promise<ScoredImage[]>;
  /** All images that have the value, in the order of `top` and `byClass`. */
  rank(modelVersionId: number, order: ScoreOrder): Promise<RankedImages>;
  /**
   * Deletes up to `limit` predictions: of versions of the session that are no longer shown (neither active, nor the
   * best, nor one of the two newest), or all before the session itself is deleted, with the detections on
   * validation images, which stay otherwise.
   * @returns the number of deleted rows; 0 if none are left.
   */
  prune(sessionId: number, limit: number, which?: 'shown-no-more' | 'all'): Promise<number>;
}
