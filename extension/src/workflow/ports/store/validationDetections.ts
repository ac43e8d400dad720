import type { Detection } from '../../../core/detection/types.ts';

/** What a version detected on a validation image: confidence ≥ 0.001, at most 300 boxes, class scores from 0.05 on. */
export interface ValidationDetections {
  readonly imageId: number;
  /** Content hash of the image: a changed image is detected on again. */
  readonly contentHash: string;
  /** Digest of the model settings: if the current one differs, the model runs again. */
  readonly inferenceKey: number;
  readonly detections: readonly Detection[];
  /** Set when the image could not be read; it then counts as one without detections. */
  readonly error: string | null;
}

/** Identifies a kept row without its boxes. */
export type ValidationDetectionsKey = Pick<ValidationDetections, 'imageId' | 'contentHash' | 'inferenceKey'>;

/**
 * Detections on validation images, kept with each version for as long as the version: one row an image, whatever
 * revisions it belongs to. Read them for the members of a revision.
 */
export interface ValidationDetectionStore {
  /** Adds rows, or replaces those of the same image. */
  put(modelVersionId: number, rows: readonly ValidationDetections[]): Promise<void>;
  /** The keys of all kept rows of a version, ascending by image id. */
  keys(modelVersionId: number): Promise<ValidationDetectionsKey[]>;
  /** The rows of the images that have one, ascending by image id. */
  list(modelVersionId: number, imageIds: readonly number[]): Promise<ValidationDetections[]>;
}
