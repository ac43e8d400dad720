/** Selected rows of a matrix, `dimensions` wide and row-major. */
export interface RowSet {
  readonly dimensions: number;
  readonly vectors: Float32Array;
  readonly rows: Int32Array;
}

/**
 * The arithmetic of all image comparisons. A dot product is summed in float32 in four lanes, element k in lane k mod 4,
 * and the lanes as (l0 + l2) + (l1 + l3). All kernels use this order, so that a batch does not depend on the kernel of
 * the machine.
 */
export interface VectorKernel {
  /** `out[i * b.rows.length + j]` = row i of `a` · row j of `b`; `out` holds at least that many. */
  dots(a: RowSet, b: RowSet, out: Float32Array): void;
}

/** The portable kernel in plain TypeScript. */
export const plainKernel: VectorKernel = {
  dots: (a, b, out) => {
    const { dimensions } = a;
    const whole = dimensions - (dimensions % 4);
    const width = b.rows.length;
    for (let i = 0; i < a.rows.length; i++) {
      const rowA = a.vectors.subarray((a.rows[i] ?? 0) * dimensions, ((a.rows[i] ?? 0) + 1) * dimensions);
      for (let j = 0; j < width; j++) out[i * width + j] = dot(rowA, b.vectors, (b.rows[j] ?? 0) * dimensions, whole);
    }
  },
};

function dot(a: Float32Array, vectors: Float32Array, at: number, whole: number): number {
  const { fround } = Math;
  let l0 = fround(0);
  let l1 = fround(0);
  let l2 = fround(0);
  let l3 = fround(0);
  for (let k = 0; k < whole; k += 4) {
    l0 = fround(l0 + fround((a[k] as number) * (vectors[at + k] as number)));
    l1 = fround(l1 + fround((a[k + 1] as number) * (vectors[at + k + 1] as number)));
    l2 = fround(l2 + fround((a[k + 2] as number) * (vectors[at + k + 2] as number)));
    l3 = fround(l3 + fround((a[k + 3] as number) * (vectors[at + k + 3] as number)));
  }
  if (whole < a.length) l0 = fround(l0 + fround((a[whole] as number) * (vectors[at + whole] as number)));
  if (whole + 1 < a.length) l1 = fround(l1 + fround((a[whole + 1] as number) * (vectors[at + whole + 1] as number)));
  if (whole + 2 < a.length) l2 = fround(l2 + fround((a[whole + 2] as number) * (vectors[at + whole + 2] as number)));
  return fround(fround(l0 + l2) + fround(l1 + l3));
}

const BLOCK = 256;

/** Calls `use` with the dot products of every block of rows: `dots[i * columns + j]` is row `row + i` of `a` · row `column + j` of `b`. */
export function eachBlock(
  kernel: VectorKernel,
  a: RowSet,
  b: RowSet,
  use: (dots: Float32Array, block: { row: number; rows: number; column: number; columns: number }) => void,
): void {
  const dots = new Float32Array(Math.min(BLOCK, a.rows.length) * Math.min(BLOCK, b.rows.length));
  for (let row = 0; row < a.rows.length; row += BLOCK) {
    const blockA = { ...a, rows: a.rows.subarray(row, row + BLOCK) };
    for (let column = 0; column < b.rows.length; column += BLOCK) {
      const blockB = { ...b, rows: b.rows.subarray(column, column + BLOCK) };
      kernel.dots(blockA, blockB, dots);
      use(dots, { row, rows: blockA.rows.length, column, columns: blockB.rows.length });
    }
  }
}

/** For each row of `a`, the highest dot product with any row of `b`; -Infinity if `b` is empty. */
export function highestDots(kernel: VectorKernel, a: RowSet, b: RowSet): Float32Array {
  const highest = new Float32Array(a.rows.length).fill(-Infinity);
  eachBlock(kernel, a, b, (dots, { row, rows, columns }) => {
    for (let i = 0; i < rows; i++) {
      let best = highest[row + i] as number;
      for (let j = i * columns; j < (i + 1) * columns; j++) if ((dots[j] as number) > best) best = dots[j] as number;
      highest[row + i] = best;
    }
  });
  return highest;
}

/** 0, 1, …, count - 1. */
export function firstRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
