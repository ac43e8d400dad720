/** Which vectors belong together: another model or input size makes other vectors. */
export interface EmbeddingSpace {
  /** Names the file; made of the weights' content hash, the input size and the output's name. */
  readonly key: string;
  readonly dimensions: number;
}

/** A vector as the model gave it (not centred, not normalised), and the content of the image it was made from. */
export interface EmbeddingEntry {
  readonly imageId: number;
  readonly contentHash: string;
  readonly vector: Float32Array;
}

/** The vectors of many images side by side. */
export interface EmbeddingTable {
  readonly dimensions: number;
  /** Row i belongs to `imageIds[i]`; ascending. */
  readonly imageIds: readonly number[] | Float64Array;
  /** rows × dimensions, row-major, float32. */
  readonly vectors: Float32Array;
}

/** Vectors of images, kept in compact files beside the database; they can be deleted and are computed again. */
export interface EmbeddingStore {
  /** Content hash by image id, of the vectors that are there. */
  known(space: EmbeddingSpace): Promise<ReadonlyMap<number, string>>;
  /** Appends; a second vector of an image replaces the first. A crash in between loses only what was being written. */
  put(space: EmbeddingSpace, entries: readonly EmbeddingEntry[]): Promise<void>;
  /** The vectors of the images that are there; ids without one are left out. */
  load(space: EmbeddingSpace, imageIds: readonly number[]): Promise<EmbeddingTable>;
}
