import type { Random } from '../random.ts';
import { eachBlock, firstRows, type RowSet, type VectorKernel } from './kernel.ts';

export interface Clusters {
  /** Centres, row-major, one per cluster. */
  readonly centres: Float32Array;
  /** Cluster by position in the points. */
  readonly assignment: Int32Array;
  /** By position: squared distance to the centre of its cluster. */
  readonly distances: Float64Array;
  /** Sum of the squared distances, which k-means minimises. */
  readonly inertia: number;
}

const MOST_ROUNDS = 25;
/** If a round lowers the objective by a smaller share, it is the last one. */
const LEAST_GAIN = 1e-3;
/** Centres are fitted on at most this many points per cluster, as in FAISS, but never on fewer than `LEAST_FIT`. */
const POINTS_A_CLUSTER = 64;
const LEAST_FIT = 10_000;
/** Initialisation uses a subset of points, because it compares all of them with every centre. */
const SEEDS_A_CLUSTER = 10;
const LEAST_SEEDS = 2000;

/**
 * Lloyd's k-means with greedy k-means++ initialisation (Arthur and Vassilvitskii, 2007), at most 25 rounds, fewer if
 * they gain nothing. A large set is clustered by centres fitted on a random subset. An empty cluster restarts at the
 * point that is farthest from its centre.
 * @param k at most the number of points.
 */
export function kMeans(kernel: VectorKernel, points: RowSet, k: number, random: Random): Clusters {
  const fit = sample(points.rows, Math.max(LEAST_FIT, POINTS_A_CLUSTER * k), random);
  const learnt = { ...points, rows: fit };
  const squares = squaredLengths(learnt);
  const seeds = { ...points, rows: sample(fit, Math.max(LEAST_SEEDS, SEEDS_A_CLUSTER * k), random) };
  let centres = start(kernel, seeds, squaredLengths(seeds), k, random);
  let before = Infinity;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { assignment, distances } = assign(kernel, learnt, squares, centres);
    const now = sumOf(distances);
    if (before - now <= LEAST_GAIN * now) break;
    before = now;
    centres = means(learnt, assignment, distances, k);
  }
  const all = assign(kernel, points, squaredLengths(points), centres);
  return { centres, ...all, inertia: sumOf(all.distances) };
}

/** Positions of each cluster's members, ascending. */
export function membersOf(assignment: Int32Array, k: number): number[][] {
  const members = Array.from({ length: k }, (): number[] => []);
  for (const [position, cluster] of assignment.entries()) members[cluster]?.push(position);
  return members;
}

function sample(rows: Int32Array, most: number, random: Random): Int32Array {
  if (rows.length <= most) return rows;
  const drawn = rows.slice();
  for (let i = 0; i < most; i++) {
    const j = i + Math.floor(random() * (drawn.length - i));
    const row = drawn[i] as number;
    drawn[i] = drawn[j] as number;
    drawn[j] = row;
  }
  return drawn.slice(0, most);
}

function squaredLengths({ vectors, dimensions, rows }: RowSet): Float64Array {
  return Float64Array.from(rows, (row) => {
    let sum = 0;
    for (let k = row * dimensions; k < (row + 1) * dimensions; k++) sum += (vectors[k] as number) ** 2;
    return sum;
  });
}

/**
 * Greedy k-means++: draws 2 + ln k points by their squared distance to the nearest centre so far; the one that lowers
 * the objective most becomes the next centre.
 */
function start(kernel: VectorKernel, points: RowSet, squares: Float64Array, k: number, random: Random): Float32Array {
  const { dimensions, vectors, rows } = points;
  const centres = new Float32Array(k * dimensions);
  const trials = 2 + Math.floor(Math.log(k));
  let nearest: Float64Array = new Float64Array(rows.length).fill(Infinity);
  let candidates = [Math.floor(random() * rows.length)];
  for (let cluster = 0; ; cluster++) {
    const best = lowered(kernel, points, squares, nearest, candidates);
    const row = rows[best.position] as number;
    centres.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), cluster * dimensions);
    if (cluster === k - 1) return centres;
    nearest = best.nearest;
    candidates = Array.from({ length: trials }, () => drawByWeight(nearest, best.total, random));
  }
}

interface Lowered {
  readonly position: number;
  /** Squared distance of each point to its nearest centre, including that one, and their sum. */
  readonly nearest: Float64Array;
  readonly total: number;
}

/** The candidate that gives the smallest sum of distances. */
function lowered(
  kernel: VectorKernel,
  points: RowSet,
  squares: Float64Array,
  nearest: Float64Array,
  candidates: readonly number[],
): Lowered {
  const all = candidates.map(() => nearest.slice());
  const rows = Int32Array.from(candidates, (position) => points.rows[position] as number);
  eachBlock(kernel, points, { ...points, rows }, (dots, block) => {
    for (let j = 0; j < block.columns; j++) {
      const own = all[block.column + j] as Float64Array;
      const square = squares[candidates[block.column + j] as number] as number;
      for (let i = 0; i < block.rows; i++) {
        const at = block.row + i;
        const dot = dots[i * block.columns + j] as number;
        const distance = Math.max(0, (squares[at] as number) + square - 2 * dot);
        if (distance < (own[at] as number)) own[at] = distance;
      }
    }
  });
  let best: Lowered | null = null;
  for (const [trial, position] of candidates.entries()) {
    const own = all[trial] as Float64Array;
    // A rounding error must not select the same point again.
    own[position] = 0;
    const total = sumOf(own);
    if (best === null || total < best.total) best = { position, nearest: own, total };
  }
  return best ?? { position: 0, nearest, total: 0 };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function drawByWeight(weights: Float64Array, total: number, random: Random): number {
  let left = random() * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (weight <= 0) continue;
    last = i;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}

/** The nearest centre of each point, ties by cluster. */
function assign(
  kernel: VectorKernel,
  points: RowSet,
  squares: Float64Array,
  centres: Float32Array,
): { assignment: Int32Array; distances: Float64Array } {
  const { dimensions } = points;
  const centreRows = { dimensions, vectors: centres, rows: firstRows(centres.length / dimensions) };
  const centreSquares = squaredLengths(centreRows);
  const assignment = new Int32Array(points.rows.length);
  const distances = new Float64Array(points.rows.length).fill(Infinity);
  eachBlock(kernel, points, centreRows, (dots, { row, rows, column, columns }) => {
    for (let i = 0; i < rows; i++) {
      const square = squares[row + i] as number;
      for (let j = 0; j < columns; j++) {
        const distance = square + (centreSquares[column + j] as number) - 2 * (dots[i * columns + j] as number);
        if (distance >= (distances[row + i] as number)) continue;
        distances[row + i] = distance;
        assignment[row + i] = column + j;
      }
    }
  });
  for (let i = 0; i < distances.length; i++) distances[i] = Math.max(0, distances[i] as number);
  return { assignment, distances };
}

function means(points: RowSet, assignment: Int32Array, distances: Float64Array, k: number): Float32Array {
  const { dimensions, vectors, rows } = points;
  const sums = new Float64Array(k * dimensions);
  const counts = new Int32Array(k);
  for (let i = 0; i < rows.length; i++) {
    const to = (assignment[i] as number) * dimensions;
    const from = (rows[i] as number) * dimensions;
    for (let d = 0; d < dimensions; d++) sums[to + d] = (sums[to + d] as number) + (vectors[from + d] as number);
    counts[assignment[i] as number] = (counts[assignment[i] as number] as number) + 1;
  }
  const centres = new Float32Array(k * dimensions);
  const left = distances.slice();
  for (let cluster = 0; cluster < k; cluster++) {
    const count = counts[cluster] as number;
    if (count === 0) {
      const farthest = left.reduce((best, distance, i) => (distance > (left[best] as number) ? i : best), 0);
      left[farthest] = -1;
      const from = (rows[farthest] as number) * dimensions;
      centres.set(vectors.subarray(from, from + dimensions), cluster * dimensions);
      continue;
    }
    for (let d = cluster * dimensions; d < (cluster + 1) * dimensions; d++) centres[d] = (sums[d] as number) / count;
  }
  return centres;
}
