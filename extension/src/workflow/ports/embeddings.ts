/** Which vectors belong together: another model, input size or dataset makes other vectors. */
export interface EmbeddingSpace {
  /** Names the files; made of the dataset, the weights' content hash, the input size and the output's name. */
  readonly key: string;
  readonly dimensions: number;
}

/** An image as it is now. */
export interface EmbeddedImage {
  readonly imageId: number;
  /** SHA-256, hex, of the image file. */
  readonly contentHash: string;
}

/** A vector as the model gave it (not centred, not normalised), and the content of the image it was made from. */
export interface EmbeddingEntry extends EmbeddedImage {
  readonly vector: Float32Array;
}

/** The vectors of many images side by side. */
export interface EmbeddingTable {
  readonly dimensions: number;
  /** Row i belongs to `imageIds[i]`; ascending. */
  readonly imageIds: Float64Array;
  /** rows × dimensions, row-major, float32; in shared memory, so that threads reach it without a copy. */
  readonly vectors: Float32Array;
}

/** Vectors of images, kept in compact files beside the database; they can be deleted and are computed again. */
export interface EmbeddingStore {
  /** Those of the images that have no vector yet, or one of another content; in the order given. */
  lacking(space: EmbeddingSpace, images: readonly EmbeddedImage[]): Promise<number[]>;
  /**
   * Appends; a second vector of an image replaces the first. A crash in between loses only what was being written.
   * @throws EmbeddingError `vector-invalid` (length, NaN), `disk-full`, `write-failed`.
   */
  put(space: EmbeddingSpace, entries: readonly EmbeddingEntry[]): Promise<void>;
  /** The vectors of the images that are there; ids without one are left out. */
  load(space: EmbeddingSpace, imageIds: readonly number[]): Promise<EmbeddingTable>;
  /** The point that the space's vectors are centred on, or null before it was fixed. */
  centre(space: EmbeddingSpace): Promise<Float32Array | null>;
  /** Fixes the centre for good; the first one wins. @returns the one that counts. */
  fixCentre(space: EmbeddingSpace, centre: Float32Array): Promise<Float32Array>;
  /** Removes the files of all spaces whose key begins with `prefix`, but for that of `keep`. */
  dropOthers(prefix: string, keep: string): Promise<void>;
}
