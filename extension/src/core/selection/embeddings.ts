/**
 * Image vectors that a strategy may compare: mean-centred over the pool and of unit length, so that a dot product is a
 * cosine. They stay fixed for the session (DESIGN §6).
 */
export interface EmbeddingMatrix {
  readonly dimensions: number;
  /** rows × dimensions, row-major. */
  readonly vectors: Float32Array;
  /** Row by image id; an image without one has no vector. */
  readonly rows: ReadonlyMap<number, number>;
}

/** What is known about the labelled set when a batch is chosen. */
export interface LabelledSet {
  /** Images with labels, backgrounds included. */
  readonly imageIds: readonly number[];
  /** Labelled boxes by class id; the length is the number of classes. */
  readonly boxesByClass: readonly number[];
}
