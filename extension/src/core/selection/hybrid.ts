import { scoreColumn } from './candidates.ts';
import { classNeeds, imageNeed, rareClass } from './classNeed.ts';
import { composeBatch, DEFAULT_RANDOM_SHARE } from './composeBatch.ts';
import { farDistance } from './farDistance.ts';
import { highestDots } from './kernel.ts';
import type { PickedImage, BatchBuilder } from './batchBuilder.ts';
import { poolVectors, rowSet, rowsFor, withVector, type PoolVectors } from './poolVectors.ts';
import { FAR_FROM_CHOSEN, FAR_FROM_LABELLED, placeReason, rareClassReason } from './reasons.ts';
import type { Strategy } from './strategy.ts';
import { RankTable } from './topIndexes.ts';

/** Candidates: the most uncertain max(4·b, min(a tenth of the pool, 2,000)), one of each group of near duplicates. */
const TIMES_BATCH = 4;
const PART_OF_POOL = 10;
const MOST_BY_POOL = 2000;
/** An image without a vector counts as neither near nor far. */
const UNKNOWN_DISTANCE = 0.5;

/**
 * The default. A fifth of the batch is drawn from the whole pool, and a tenth goes to images without detections. The
 * rest is selected one by one from the most uncertain images, by uncertainty × class need × distance to everything
 * labelled or selected. Distance is 1 - cosine, divided by its 95th percentile among the candidates at the start and at
 * most 1; class need is that of the expected boxes (`classNeeds`). If nothing is labelled or selected, the other two
 * factors decide about the first image, and the percentile is that of the distances to it.
 */
export const hybridStrategy: Strategy = {
  id: 'hybrid',
  title: 'Hybrid',
  description: 'Uncertain images unlike those labelled, rare classes first, a part at random.',
  source:
    'Uncertainty, then diversity among the best: the skeleton of PPAL (Yang et al., CVPR 2024) with greedy k-center (Sener and Savarese, ICLR 2018) and class need in one pass.',
  needsScores: true,
  embeddings: 'helpful',
  select: (pool, context) => {
    const vectors = poolVectors(pool, context);
    const { scoreName = 'combined' } = context;
    const result = composeBatch(pool, context, {
      randomShare: DEFAULT_RANDOM_SHARE,
      stratum: true,
      choose: (builder, places) => greedy(vectors, builder, places),
      short: (chosen, all) => `Only ${chosen} of ${all} images have the score ${scoreName}`,
    });
    if (vectors !== null) return result;
    return {
      ...result,
      notes: [...result.notes, 'No image vectors could be computed, so images were not compared with each other.'],
    };
  },
};

/** Number of most uncertain images that are compared for a batch of that size. */
export function shortlistSize(batchSize: number, poolSize: number): number {
  return Math.max(TIMES_BATCH * batchSize, Math.min(Math.floor(poolSize / PART_OF_POOL), MOST_BY_POOL));
}

function greedy(vectors: PoolVectors | null, builder: BatchBuilder, places: number): PickedImage[] {
  const { pool, context } = builder;
  const { scoreName = 'combined' } = context;
  const scores = scoreColumn(pool, scoreName);
  const list = builder.topScenes(
    scores,
    shortlistSize(context.batchSize, pool.size),
    (index) => pool.hasDetections[index] === 1,
  );
  return list.length === 0 ? [] : pass(vectors, builder, scores, list, places);
}

/** One greedy pass over a list of candidates. */
function pass(
  vectors: PoolVectors | null,
  builder: BatchBuilder,
  scores: Float64Array,
  list: readonly number[],
  places: number,
): PickedImage[] {
  const { pool, context } = builder;
  const { scoreName = 'combined', labelled, classNames } = context;
  const ranks = new RankTable(scores);
  const needs = classNeeds(labelled ?? { boxesByClass: [] });
  // Only the distance changes during the pass; uncertainty and need stay.
  const worth = list.map((index) => (scores[index] ?? 0) * imageNeed(pool.expected, index, needs));
  const distances = new Distances(vectors, builder, list);
  const open = new Set(list.keys());
  const picks: PickedImage[] = [];
  while (picks.length < places && open.size > 0) {
    let best = -1;
    let most = -Infinity;
    for (const i of open) {
      const value = (worth[i] as number) * distances.factor(i);
      const more = value > most || (value === most && comesFirst(i, best));
      if (!more) continue;
      best = i;
      most = value;
    }
    open.delete(best);
    const index = list[best] ?? 0;
    const rare = rareClass(pool.expected, index, needs);
    picks.push(
      builder.take(index, 'ranked', [
        placeReason(scoreName, scores[index] ?? 0, ranks),
        ...(rare === null ? [] : [rareClassReason(rare, classNames)]),
        ...(distances.isFar(best) ? [(labelled?.imageIds.length ?? 0) > 0 ? FAR_FROM_LABELLED : FAR_FROM_CHOSEN] : []),
      ]),
    );
    distances.chosen(best);
  }
  return picks;

  /** Ties prefer the higher value without distance, then the smaller image id. */
  function comesFirst(i: number, best: number): boolean {
    const difference = (worth[i] as number) - (worth[best] as number);
    return difference > 0 || (difference === 0 && (list[i] ?? 0) < (list[best] ?? 0));
  }
}

/** Distance of each candidate of a list to everything labelled or selected, as a factor from 0 to 1. */
class Distances {
  readonly #vectors: PoolVectors | null;
  /** Row of the matrix by position in the list; -1 without a vector. */
  readonly #rows: Int32Array;
  /** Positions that have a vector. */
  readonly #known: Int32Array;
  readonly #distances: Float64Array;
  #cap: number | null = null;

  constructor(vectors: PoolVectors | null, builder: BatchBuilder, list: readonly number[]) {
    this.#vectors = vectors;
    this.#rows = Int32Array.from(list, (index) => vectors?.rowOf[index] ?? -1);
    this.#known = Int32Array.from([...list.keys()].filter((i) => (this.#rows[i] ?? -1) >= 0));
    this.#distances = new Float64Array(list.length).fill(Infinity);
    if (vectors === null) return;
    const taken = withVector(vectors, (index) => builder.isTaken(index));
    this.#compare(Int32Array.from([...vectors.labelledRows, ...rowsFor(vectors, taken)]));
  }

  /** 1 while nothing is labelled or selected. */
  factor(i: number): number {
    if (this.#cap === null) return 1;
    if ((this.#rows[i] ?? -1) < 0) return UNKNOWN_DISTANCE;
    return this.#cap > 0 ? Math.min(1, (this.#distances[i] as number) / this.#cap) : 1;
  }

  isFar(i: number): boolean {
    return this.#cap !== null && this.#cap > 0 && (this.#rows[i] ?? -1) >= 0 && this.factor(i) === 1;
  }

  chosen(i: number): void {
    const row = this.#rows[i] ?? -1;
    if (row >= 0) this.#compare(Int32Array.of(row));
  }

  #compare(references: Int32Array): void {
    if (this.#vectors === null || references.length === 0 || this.#known.length === 0) return;
    const rows = this.#known.map((i) => this.#rows[i] as number);
    const nearest = highestDots(this.#vectors.kernel, rowSet(this.#vectors, rows), rowSet(this.#vectors, references));
    for (const [k, i] of this.#known.entries()) {
      const distance = Math.max(0, 1 - (nearest[k] as number));
      if (distance < (this.#distances[i] as number)) this.#distances[i] = distance;
    }
    // Larger distances count as equal, so that an outlier gains no advantage.
    this.#cap ??= farDistance(Float64Array.from(this.#known, (i) => this.#distances[i] as number));
  }
}
