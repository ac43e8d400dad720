/** The vectors of many images, row-major, as `EmbeddingTable` and `EmbeddingMatrix` hold them. */
interface Rows {
  readonly dimensions: number;
  readonly vectors: Float32Array;
}

/** Adds rows `from` (included) to `to` (excluded) up into `sums`, in float64. */
export function addRows({ dimensions, vectors }: Rows, from: number, to: number, sums: Float64Array): void {
  for (let row = from; row < to; row++) {
    const at = row * dimensions;
    for (let i = 0; i < dimensions; i++) sums[i] = (sums[i] as number) + (vectors[at + i] as number);
  }
}

/** The mean of `rows` rows whose sum is `sums`; zeros without a row. */
export function meanOf(sums: Float64Array, rows: number): Float32Array {
  return Float32Array.from(sums, (sum) => (rows === 0 ? 0 : sum / rows));
}

/**
 * Moves rows `from` to `to` to the centre and scales them to length 1, in place: a dot product of two rows is then the
 * cosine of the angle in which the two images differ from the average one. A row that lies on the centre becomes zeros,
 * and is like nothing.
 */
export function centreRows({ dimensions, vectors }: Rows, centre: Float32Array, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const at = row * dimensions;
    let squares = 0;
    for (let i = 0; i < dimensions; i++) {
      const value = (vectors[at + i] as number) - (centre[i] as number);
      vectors[at + i] = value;
      squares += value * value;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = 0; i < dimensions; i++) vectors[at + i] = (vectors[at + i] as number) * scale;
  }
}
