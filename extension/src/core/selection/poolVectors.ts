import type { CandidateTable } from './candidates.ts';
import { rowsOf } from './embeddings.ts';
import { plainKernel, type RowSet, type VectorKernel } from './kernel.ts';
import type { SelectionContext } from './strategy.ts';

/** The vectors of a pool and of its labelled set, by row of the candidate table. */
export interface PoolVectors {
  readonly kernel: VectorKernel;
  readonly dimensions: number;
  readonly vectors: Float32Array;
  /** Row of the matrix by candidate; -1 without a vector. */
  readonly rowOf: Int32Array;
  /** Rows of the labelled images with a vector. */
  readonly labelledRows: Int32Array;
}

/** Null if no candidate has a vector. */
export function poolVectors(pool: CandidateTable, context: SelectionContext): PoolVectors | null {
  const { embeddings, labelled } = context;
  if (embeddings === undefined) return null;
  const rowOf = rowsOf(embeddings, pool.imageIds);
  if (!rowOf.some((row) => row >= 0)) return null;
  const labelledIds = (labelled?.imageIds ?? []).toSorted((a, b) => a - b);
  return {
    kernel: context.kernel ?? plainKernel,
    dimensions: embeddings.dimensions,
    vectors: embeddings.vectors,
    rowOf,
    labelledRows: rowsOf(embeddings, labelledIds).filter((row) => row >= 0),
  };
}

export function rowSet({ dimensions, vectors }: PoolVectors, rows: Int32Array): RowSet {
  return { dimensions, vectors, rows };
}

/** The candidates with a vector that pass the filter, ascending. */
export function withVector({ rowOf }: PoolVectors, passes: (index: number) => boolean): Int32Array {
  const indexes = new Int32Array(rowOf.length);
  let count = 0;
  for (let index = 0; index < rowOf.length; index++) {
    if ((rowOf[index] ?? -1) >= 0 && passes(index)) indexes[count++] = index;
  }
  return indexes.slice(0, count);
}

/** Matrix rows of candidates that all have a vector. */
export function rowsFor({ rowOf }: PoolVectors, indexes: ArrayLike<number>): Int32Array {
  return Int32Array.from(indexes, (index) => rowOf[index] ?? 0);
}

/** Note if a strategy cannot compare images. */
export const NO_VECTORS = 'No image vectors could be computed for this pool';
