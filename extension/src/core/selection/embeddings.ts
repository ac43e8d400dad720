/**
 * Image vectors that a strategy may compare: mean-centred over the pool and of unit length, so that a dot product is a
 * cosine. They stay the same for the whole session (docs/architecture.md, Scores and selection).
 * They are columns instead of a map, so that a million rows need no objects, and threads read `vectors` without a copy
 * if it is in a `SharedArrayBuffer`.
 */
export interface EmbeddingMatrix {
  readonly dimensions: number;
  /** Ascending and unique; row i belongs to `imageIds[i]`. Images without a vector are missing. */
  readonly imageIds: Float64Array;
  /** rows × dimensions, row-major. */
  readonly vectors: Float32Array;
}

/** Facts about the labelled set. */
export interface LabelledSet {
  /** Labelled images, including backgrounds; ascending. */
  readonly imageIds: readonly number[];
  /** Labelled boxes by class id; the length is the number of classes. */
  readonly boxesByClass: readonly number[];
}

/** The row of each image, -1 without one. Both lists ascend, so one pass finds all. */
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
