import { scoreColumn, type CandidateTable } from './candidates.ts';
import { leadingClass } from './classNeed.ts';
import { composeBatch } from './composeBatch.ts';
import { IndexHeap } from './indexHeap.ts';
import { eachBlock } from './kernel.ts';
import { farthestItems, kMedoids } from './kMedoids.ts';
import type { PickedImage, BatchBuilder } from './batchBuilder.ts';
import { NO_VECTORS, poolVectors, rowSet, rowsFor, type PoolVectors } from './poolVectors.ts';
import { clusterSizeReason, placeReason } from './reasons.ts';
import type { Strategy } from './strategy.ts';
import { RankTable } from './topIndexes.ts';

/** δ: this multiple of the batch is compared. */
const DELTA = 4;
/** Maximum number of matrix rows; larger batches compare fewer images than δ requires. */
const MOST_COMPARED = 5000;
/** Distance to an image without an object of the class. */
const NO_COUNTERPART = 2;
/** Fewer expected objects of the leading class count as none: the confidence from which a detection is kept. */
const LEAST_LEADING = 0.05;
/** Expected objects that count as an object of another class; less is spill-over from boxes of the leading class. */
const LEAST_OTHER = 0.25;
/** The score that calibrates uncertainty by the difficulty of the classes. */
const DIFFICULTY = 'class-difficulty';

/**
 * PPAL: the δ·b images with the highest difficulty-calibrated uncertainty (score `class-difficulty`; until it is known,
 * the session's ranking score), then k-medoids among them on a class-conditional distance, initialised farthest-first.
 * The medoids are the batch, in an order whose every prefix represents all compared images best.
 *
 * The paper compares boxes by their own features (CCMS). Here only image vectors f and the expected boxes e_c of each
 * class are available, so D(a→b) = Σ_c e_c(a)·d_c / Σ_c e_c(a) with d_c = 1 - cos(f_a, f_b) if b has an object of class
 * c, otherwise 2; D = (D(a→b) + D(b→a))/2, and 0 only between an image and itself. e_c are sums of class scores, so an
 * image has its leading class, and others from 0.25. The score is bounded, while the paper sums over boxes and so
 * prefers crowded images. Boxes below 16 pixels or longer than five times their width, which the paper leaves out,
 * count like others: in inspection and aerial images they are the objects.
 */
export const ppalStrategy: Strategy = {
  id: 'ppal',
  title: 'PPAL',
  description: 'Uncertain in difficult classes, then images that stand for the others.',
  source: 'Yang, Huang and Crowley, Plug and Play Active Learning for Object Detection, CVPR 2024.',
  needsScores: true,
  embeddings: 'needed',
  select: (pool, context) => {
    const vectors = poolVectors(pool, context);
    const scoreName = Object.hasOwn(pool.scores, DIFFICULTY) ? DIFFICULTY : (context.scoreName ?? 'combined');
    const result = composeBatch(pool, context, {
      randomShare: 0,
      stratum: true,
      choose: (builder, places) => medoidsOf(vectors, builder, scoreName, places),
      short: (chosen, all) => `Only ${chosen} of ${all} images have the score ${scoreName}`,
    });
    if (vectors !== null) return result;
    return { ...result, notes: [...result.notes, `${NO_VECTORS}; images were compared by their classes alone.`] };
  },
};

function medoidsOf(
  vectors: PoolVectors | null,
  builder: BatchBuilder,
  scoreName: string,
  places: number,
): PickedImage[] {
  const { pool, context } = builder;
  const scores = scoreColumn(pool, scoreName);
  const ranks = new RankTable(scores);
  const most = Math.max(places, Math.min(DELTA * places, MOST_COMPARED));
  const list = builder.topScenes(scores, most, (index) => pool.hasDetections[index] === 1);
  const n = list.length;
  if (n === 0 || places < 1) return [];
  if (n > MOST_COMPARED) return list.slice(0, places).map((index) => take(index, 1));
  const distances = classDistances(pool, vectors, list);
  const start = farthestItems(distances, n, places, Math.floor(context.random() * n));
  const { medoids, assignment } = kMedoids(distances, n, start);
  const sizes = medoids.map((_, cluster) => assignment.reduce((sum, own) => sum + (own === cluster ? 1 : 0), 0));
  return inQueueOrder(distances, n, medoids).map((cluster) =>
    take(list[medoids[cluster] ?? 0] ?? 0, sizes[cluster] ?? 1),
  );

  function take(index: number, size: number): PickedImage {
    const place = placeReason(scoreName, scores[index] ?? 0, ranks);
    return builder.take(index, 'ranked', size > 1 ? [place, clusterSizeReason(size)] : [place]);
  }
}

/**
 * Sorts the clusters so that every prefix of their medoids represents the list as well as possible: always the medoid
 * that reduces the sum of distances most (greedy k-median), ties by position. A medoid's gain can only fall, so an
 * outdated gain is a bound (lazy greedy, Minoux, 1978).
 */
function inQueueOrder(distances: Float32Array, n: number, medoids: readonly number[]): number[] {
  const nearest = new Float64Array(n).fill(NO_COUNTERPART);
  const gainOf = (cluster: number): number => {
    const at = (medoids[cluster] ?? 0) * n;
    let gain = 0;
    for (let i = 0; i < n; i++) gain += Math.max(0, (nearest[i] as number) - (distances[at + i] as number));
    return gain;
  };
  const gains = medoids.map((_, cluster) => gainOf(cluster));
  const first = (a: number, b: number): boolean => {
    const difference = (gains[a] as number) - (gains[b] as number);
    return difference > 0 || (difference === 0 && (medoids[a] ?? 0) < (medoids[b] ?? 0));
  };
  const heap = new IndexHeap(first, [...medoids.keys()]);
  const order: number[] = [];
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const gain = gainOf(top);
    if (gain < (gains[top] as number)) {
      gains[top] = gain;
      heap.push(top);
      continue;
    }
    order.push(top);
    const at = (medoids[top] ?? 0) * n;
    for (let i = 0; i < n; i++) nearest[i] = Math.min(nearest[i] as number, distances[at + i] as number);
  }
  return order;
}

/** n × n class-conditional distances of the candidates in a list; a missing vector counts as cosine 0. */
export function classDistances(
  pool: CandidateTable,
  vectors: PoolVectors | null,
  list: readonly number[],
): Float32Array {
  const n = list.length;
  const cosines = new Float32Array(n * n);
  if (vectors !== null) {
    const known = [...list.keys()].filter((i) => (vectors.rowOf[list[i] ?? 0] ?? -1) >= 0);
    const rows = rowsFor(
      vectors,
      known.map((i) => list[i] ?? 0),
    );
    const points = rowSet(vectors, rows);
    eachBlock(vectors.kernel, points, points, (dots, { row, rows: height, column, columns }) => {
      for (let i = 0; i < height; i++) {
        const to = (known[row + i] ?? 0) * n;
        for (let j = 0; j < columns; j++) cosines[to + (known[column + j] ?? 0)] = dots[i * columns + j] as number;
      }
    });
  }
  const profiles = list.map((index) => profileOf(pool, index));
  const distances = new Float32Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const image = 1 - (cosines[a * n + b] as number);
      const there = directed(profiles[a] ?? noProfile, profiles[b] ?? noProfile, image);
      const back = directed(profiles[b] ?? noProfile, profiles[a] ?? noProfile, image);
      const distance = (there + back) / 2;
      distances[a * n + b] = distance;
      distances[b * n + a] = distance;
    }
  }
  return distances;
}

interface Profile {
  /** Expected objects of the classes that the image probably contains. */
  readonly counts: ReadonlyMap<number, number>;
  readonly all: number;
}
const noProfile: Profile = { counts: new Map(), all: 0 };

function profileOf(pool: CandidateTable, index: number): Profile {
  const { starts, classIds, counts: expected } = pool.expected;
  const leading = leadingClass(pool, index);
  const counts = new Map<number, number>();
  let all = 0;
  for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at++) {
    const classId = classIds[at] as number;
    const count = expected[at] as number;
    if (count < (classId === leading ? LEAST_LEADING : LEAST_OTHER)) continue;
    counts.set(classId, count);
    all += count;
  }
  return { counts, all };
}

/** D(a→b); without any expected object in a, the distance of the images. */
function directed(a: Profile, b: Profile, image: number): number {
  if (a.all === 0) return image;
  let sum = 0;
  for (const [classId, count] of a.counts) sum += count * (b.counts.has(classId) ? image : NO_COUNTERPART);
  return sum / a.all;
}
