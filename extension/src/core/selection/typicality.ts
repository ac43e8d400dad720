import { composeBatch } from './composeBatch.ts';
import { kMeans, membersOf } from './kMeans.ts';
import { eachBlock, type RowSet, type VectorKernel } from './kernel.ts';
import type { PickedImage, BatchBuilder } from './batchBuilder.ts';
import { NO_VECTORS, poolVectors, rowSet, rowsFor, withVector, type PoolVectors } from './poolVectors.ts';
import { clusterSizeReason, MOST_TYPICAL } from './reasons.ts';
import type { Strategy } from './strategy.ts';

/** The published constants. */
const MOST_CLUSTERS = 500;
const SMALL_CLUSTER = 5;
const NEIGHBOURS = 20;
const EPSILON = 1e-5;
/** From a larger cluster, this many members are drawn to measure typicality. */
const MOST_MEMBERS = 2048;

/**
 * TypiClust: min(labelled + batch, 500) clusters over labelled and unlabelled images. Clusters of 5 images or fewer are
 * dropped; those with the fewest labelled images come first, ties by size. Each gives its most typical unlabelled
 * image, and the pass repeats until the batch is full. Uncertainty misleads a model that has learnt little: with few
 * labels, typical images are better.
 */
export const typicalityStrategy: Strategy = {
  id: 'typicality',
  title: 'Typicality',
  description: 'The most typical image of each group without a label. Needs no model.',
  source: 'TypiClust: Hacohen, Dekel and Weinshall, Active Learning on a Budget, ICML 2022.',
  needsScores: false,
  embeddings: 'needed',
  select: (pool, context) => {
    const vectors = poolVectors(pool, context);
    return composeBatch(pool, context, {
      randomShare: 0,
      stratum: false,
      choose: (builder, places) => (vectors === null ? [] : typicalOnes(vectors, builder, places)),
      short: (chosen) => (vectors === null ? NO_VECTORS : `Only ${chosen} images with a vector were left`),
    });
  },
};

interface Cluster {
  /** Candidates that may be selected. */
  readonly free: readonly number[];
  readonly labelled: number;
  readonly size: number;
}

function typicalOnes(vectors: PoolVectors, builder: BatchBuilder, places: number): PickedImage[] {
  const free = withVector(vectors, (index) => builder.isFree(index));
  if (free.length === 0 || places < 1) return [];
  const taken = withVector(vectors, (index) => builder.isTaken(index));
  const labelled = Int32Array.from([...vectors.labelledRows, ...rowsFor(vectors, taken)]);
  const clusters = clustersOf(vectors, labelled, free, places, builder.context.random);
  const picks: PickedImage[] = [];
  let waiting = clusters;
  while (picks.length < places && waiting.length > 0) {
    const left: Cluster[] = [];
    for (const cluster of waiting) {
      if (picks.length === places) break;
      // Images that were already selected may be near duplicates of members of this cluster.
      const members = cluster.free.filter((index) => builder.isFree(index));
      if (members.length === 0) continue;
      const among = drawn(members, builder.context.random);
      const index = among[mostTypical(vectors.kernel, rowSet(vectors, rowsFor(vectors, among)))] ?? 0;
      picks.push(builder.take(index, 'ranked', [MOST_TYPICAL, clusterSizeReason(cluster.size)]));
      left.push({ ...cluster, free: members });
    }
    waiting = left;
  }
  return picks;
}

function clustersOf(
  vectors: PoolVectors,
  labelled: Int32Array,
  free: Int32Array,
  places: number,
  random: () => number,
): Cluster[] {
  const rows = Int32Array.from([...labelled, ...rowsFor(vectors, free)]);
  const k = Math.min(labelled.length + places, MOST_CLUSTERS, rows.length);
  const { assignment } = kMeans(vectors.kernel, rowSet(vectors, rows), k, random);
  const all = membersOf(assignment, k).map((members): Cluster => {
    const indexes = members.flatMap((position) => free[position - labelled.length] ?? []);
    return { free: indexes, labelled: members.length - indexes.length, size: members.length };
  });
  const large = all.filter(({ size }) => size > SMALL_CLUSTER);
  const used = large.some((cluster) => cluster.free.length > 0) ? large : all;
  return used.toSorted(
    (a, b) => a.labelled - b.labelled || b.size - a.size || (a.free[0] ?? Infinity) - (b.free[0] ?? Infinity),
  );
}

function drawn(members: readonly number[], random: () => number): number[] {
  if (members.length <= MOST_MEMBERS) return [...members];
  const rest = [...members];
  for (let i = 0; i < MOST_MEMBERS; i++) {
    const j = i + Math.floor(random() * (rest.length - i));
    const other = rest[i] as number;
    rest[i] = rest[j] as number;
    rest[j] = other;
  }
  return rest.slice(0, MOST_MEMBERS).toSorted((a, b) => a - b);
}

/**
 * The position of the point with the highest typicality, ties by position: 1 / (mean Euclidean distance to its
 * min(20, n/2) nearest neighbours + 10⁻⁵).
 */
function mostTypical(kernel: VectorKernel, points: RowSet): number {
  const values = typicality(kernel, points);
  return values.reduce((best, value, i) => (value > (values[best] ?? 0) ? i : best), 0);
}

/** Typicality of each point among the others, by position. */
export function typicality(kernel: VectorKernel, points: RowSet): Float64Array {
  const n = points.rows.length;
  const neighbours = Math.max(1, Math.min(NEIGHBOURS, Math.floor(n / 2)));
  const squares = new Float64Array(n);
  const { dimensions, vectors, rows } = points;
  for (let i = 0; i < n; i++) {
    const at = (rows[i] ?? 0) * dimensions;
    for (let d = at; d < at + dimensions; d++) squares[i] = (squares[i] as number) + (vectors[d] as number) ** 2;
  }
  const distances = new Float32Array(n * n);
  eachBlock(kernel, points, points, (dots, { row, rows: height, column, columns }) => {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < columns; j++) {
        const sum = (squares[row + i] as number) + (squares[column + j] as number);
        const square = sum - 2 * (dots[i * columns + j] as number);
        distances[(row + i) * n + column + j] = Math.sqrt(Math.max(0, square));
      }
    }
  });
  return Float64Array.from({ length: n }, (_, i) => {
    if (n === 1) return 1 / EPSILON;
    const own = distances.slice(i * n, (i + 1) * n);
    // A point is not its own neighbour, even if another one has the same position.
    own[i] = Infinity;
    own.sort();
    let sum = 0;
    for (let j = 0; j < neighbours; j++) sum += own[j] as number;
    return 1 / (sum / neighbours + EPSILON);
  });
}
