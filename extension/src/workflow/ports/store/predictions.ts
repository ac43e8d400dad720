import type { Detection } from '../../../core/detection/types.ts';

export interface PredictionRow {
  readonly imageId: number;
  /** Content hash of the image the prediction was made on: a changed image is predicted again. */
  readonly contentHash: string;
  readonly detections: readonly Detection[];
  /** Detections on the mirrored image, mapped back into the image; absent where that was not asked for. */
  readonly flipped?: readonly Detection[];
  readonly bestScore: number;
  readonly scores: Readonly<Record<string, number>>;
  /** Set when the image could not be scored. */
  readonly error: string | null;
  /** Tells how the model was run (a digest of its settings): where another one is wanted, it runs again. */
  readonly inferenceKey: number;
  /** Tells how the scores were computed: where another one is wanted, they are computed again from the detections. */
  readonly scoringKey: number;
}

/** What decides whether an image must be predicted or scored again. */
export type PredictionKey = Pick<PredictionRow, 'imageId' | 'inferenceKey' | 'scoringKey' | 'bestScore'> & {
  /** Whether the image could not be scored. */
  readonly failed: boolean;
};

/** New scores for a prediction that stays as it is. */
export type Rescore = Pick<PredictionRow, 'imageId' | 'scores' | 'scoringKey'>;

/**
 * Predictions in columns: a million of them are a few arrays and no objects. Row i of every column belongs to
 * `imageIds[i]`, ascending.
 */
export interface PredictionColumns {
  readonly imageIds: Float64Array;
  /** Best score of any box, also below what is kept. */
  readonly bestScores: Float64Array;
  /** Boxes with a confidence of 0.05 and more. */
  readonly boxCounts: Uint32Array;
  /** 1 where the image could not be scored. */
  readonly failed: Uint8Array;
  /** By metric id; NaN where the image has no honest value. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  /** Expected objects: the sum of the boxes' class scores, or of their confidences where the head gives no vector. */
  readonly expected: {
    /** Image i owns the entries `starts[i]` up to `starts[i + 1]`. */
    readonly starts: Uint32Array;
    /** Ascending within an image. */
    readonly classIds: Int32Array;
    /** Above 0. */
    readonly counts: Float32Array;
  };
}

/** An image and what it is ranked by. */
export interface ScoredImage {
  readonly imageId: number;
  readonly score: number;
}

export interface ScoreIndexProgress {
  /** About how many rows are left to sort; 0 when all is done. */
  readonly left: number;
}

export interface PredictionStore {
  put(modelVersionId: number, rows: readonly PredictionRow[]): Promise<void>;
  /** The keys of up-to-date predictions (same content hash) of images with `after < id <= upTo`, ascending. */
  keys(modelVersionId: number, after: number, upTo: number): Promise<PredictionKey[]>;
  /** Replaces scores and nothing else. Rows that are not there are left out. */
  rescore(modelVersionId: number, rows: readonly Rescore[]): Promise<void>;
  get(modelVersionId: number, imageId: number): Promise<PredictionRow | null>;
  /** Those of the images that are there, ascending by image id. */
  list(modelVersionId: number, imageIds: readonly number[]): Promise<PredictionRow[]>;
  /** Keyset page, ascending by image id. */
  page(modelVersionId: number, afterImageId: number, limit: number): Promise<PredictionRow[]>;
  /**
   * The same in columns, without an object a box: what selection reads of a whole pool, thousands of rows at a time.
   * Predictions of a content that the image no longer has are among them.
   */
  columns(modelVersionId: number, afterImageId: number, limit: number): Promise<PredictionColumns>;
  /**
   * One step of sorting the scores of a version, some hundredths of a second; to be called until nothing is left, when a
   * pool was scored. Later changes of a few images are followed. `top` and `byClass` give the same without it, by
   * looking at all predictions.
   */
  indexScores(modelVersionId: number): Promise<ScoreIndexProgress>;
  /** The images with the highest scores of a metric first, among equal ones the lower id; from after `after` on. */
  top(modelVersionId: number, metric: string, limit: number, after?: ScoredImage): Promise<ScoredImage[]>;
  /** The images on which the version sees a class, by its expected objects, in the same way. */
  byClass(modelVersionId: number, classId: number, limit: number, after?: ScoredImage): Promise<ScoredImage[]>;
  /**
   * Deletes up to `limit` rows of predictions: of versions of the session that are shown no more (neither active, nor the
   * best, nor one of the two newest), or of all before the session itself goes.
   * @returns how many; 0 when nothing is left to delete.
   */
  prune(sessionId: number, limit: number, which?: 'shown-no-more' | 'all'): Promise<number>;
}
