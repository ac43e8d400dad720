/** Identifies vectors that can be compared: they have the same model, input size and dataset. */
export interface EmbeddingSpace {
  /**
   * Name of the files; made from the dataset, the content hash of the weights, the input size and the name of the
   * output.
   */
  readonly key: string;
  readonly dimensions: number;
}

/** The current version of an image. */
export interface EmbeddedImage {
  readonly imageId: number;
  /** SHA-256, hex, of the image file. */
  readonly contentHash: string;
}

/** A vector as the model computed it (not centred, not normalised), and the content of its image. */
export interface EmbeddingEntry extends EmbeddedImage {
  readonly vector: Float32Array;
}

/** The vectors of many images as one table. */
export interface EmbeddingTable {
  readonly dimensions: number;
  /** Row i belongs to `imageIds[i]`; ascending. */
  readonly imageIds: Float64Array;
  /** rows × dimensions, row-major, float32, in shared memory, so that threads can read it without a copy. */
  readonly vectors: Float32Array;
}

/** Vectors of images, stored in compact files beside the database. They can be deleted and are computed again. */
export interface EmbeddingStore {
  /** The images that have no vector yet, or one of other content; in the given order. */
  lacking(space: EmbeddingSpace, images: readonly EmbeddedImage[]): Promise<number[]>;
  /**
   * Appends vectors; a second vector of an image replaces the first. A crash loses only the vectors being written.
   * @throws EmbeddingError `vector-invalid` (length, NaN), `disk-full`, `write-failed`.
   */
  put(space: EmbeddingSpace, entries: readonly EmbeddingEntry[]): Promise<void>;
  /** The vectors of the images that have one; other ids are left out. */
  load(space: EmbeddingSpace, imageIds: readonly number[]): Promise<EmbeddingTable>;
  /** The point on which the vectors of the space are centred, or null before it is fixed. */
  centre(space: EmbeddingSpace): Promise<Float32Array | null>;
  /** Fixes the centre permanently; the first call counts. @returns the valid centre. */
  fixCentre(space: EmbeddingSpace, centre: Float32Array): Promise<Float32Array>;
  /** Deletes the files of all spaces whose key begins with `prefix`, except the space `keep`. */
  dropOthers(prefix: string, keep: string): Promise<void>;
}
