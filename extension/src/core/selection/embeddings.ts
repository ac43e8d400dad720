/**
 * Image vectors that a strategy may compare: mean-centred over the pool and of unit length, so that a dot product is a
 * cosine. They stay fixed for the session (docs/architecture.md, Scores and selection).
 * Columns instead of a map, so that a million rows cost no objects
 * and reach a thread without a copy where `vectors` lies in a `SharedArrayBuffer`.
 */
export interface EmbeddingMatrix {
  readonly dimensions: number;
  /** Ascending, each once; row i belongs to `imageIds[i]`. An image without a vector is not listed. */
  readonly imageIds: Float64Array;
  /** rows × dimensions, row-major. */
  readonly vectors: Float32Array;
}

/** What is known about the labelled set when a batch is chosen. */
export interface LabelledSet {
  /** Images with labels, backgrounds included; ascending. */
  readonly imageIds: readonly number[];
  /** Labelled boxes by class id; the length is the number of classes. */
  readonly boxesByClass: readonly number[];
}

/** The row of each image, -1 where it has none. Both lists ascend, so that one walk finds all. */
export function rowsOf(matrix: EmbeddingMatrix, imageIds: ArrayLike<number>): Int32Array {
  const rows = new Int32Array(imageIds.length).fill(-1);
  let row = 0;
  for (let i = 0; i < imageIds.length; i++) {
    const id = imageIds[i] ?? 0;
    while (row < matrix.imageIds.length && (matrix.imageIds[row] ?? 0) < id) row++;
    if (matrix.imageIds[row] === id) rows[i] = row;
  }
  return rows;
}
