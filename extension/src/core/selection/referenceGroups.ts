import { createRandom } from '../random.ts';
import { kMeans, membersOf } from './kMeans.ts';
import { eachBlock, firstRows, type RowSet, type VectorKernel } from './kernel.ts';

/** As many groups as a word has bits. */
const MOST_GROUPS = 32;
/** Fewer references form one group. */
const LEAST_REFERENCES = 64;

/**
 * Groups of neighbouring references, and for each point the order in which it visits them: the group with the nearest
 * centre first, so that a point meets its nearest reference early and its bound falls at once. The final result does
 * not depend on the grouping.
 */
export class ReferenceGroups {
  readonly #groups: readonly Int32Array[];
  /** By position and group: similarity to the centre. */
  readonly #likeness: Float32Array;
  /** By position: one bit per group. */
  readonly #visited: Uint32Array;
  readonly #all: number;

  constructor(kernel: VectorKernel, points: RowSet, references: Int32Array) {
    const count = points.rows.length;
    this.#visited = new Uint32Array(count);
    if (references.length <= LEAST_REFERENCES) {
      this.#groups = references.length === 0 ? [] : [references];
      this.#likeness = new Float32Array(count);
    } else {
      const { assignment, centres } = kMeans(kernel, { ...points, rows: references }, MOST_GROUPS, createRandom(1));
      const members = membersOf(assignment, MOST_GROUPS);
      this.#groups = members.map((list) => Int32Array.from(list, (i) => references[i] as number));
      this.#likeness = likenesses(kernel, points, centres);
    }
    this.#all = 2 ** this.#groups.length - 1;
  }

  isDone(position: number): boolean {
    return this.#visited[position] === this.#all;
  }

  /** The next group that the point visits; null after the last one. */
  next(position: number): number | null {
    const visited = this.#visited[position] as number;
    if (visited === this.#all) return null;
    const at = position * this.#groups.length;
    let best = -1;
    for (let group = 0; group < this.#groups.length; group++) {
      if ((visited >>> group) & 1) continue;
      if (best < 0 || (this.#likeness[at + group] as number) > (this.#likeness[at + best] as number)) best = group;
    }
    return best;
  }

  visit(position: number, group: number): void {
    this.#visited[position] = (this.#visited[position] as number) | (1 << group);
  }

  rows(group: number): Int32Array {
    return this.#groups[group] ?? new Int32Array();
  }
}

/** Points × centres: 2 x·c - |c|², which is highest for the nearest centre. */
function likenesses(kernel: VectorKernel, points: RowSet, centres: Float32Array): Float32Array {
  const { dimensions } = points;
  const width = centres.length / dimensions;
  const squares = Float64Array.from({ length: width }, (_, j) => {
    let sum = 0;
    for (let d = j * dimensions; d < (j + 1) * dimensions; d++) sum += (centres[d] as number) ** 2;
    return sum;
  });
  const likeness = new Float32Array(points.rows.length * width);
  eachBlock(
    kernel,
    points,
    { dimensions, vectors: centres, rows: firstRows(width) },
    (dots, { row, rows, column, columns }) => {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const value = 2 * (dots[i * columns + j] as number) - (squares[column + j] as number);
          likeness[(row + i) * width + column + j] = value;
        }
      }
    },
  );
  return likeness;
}
