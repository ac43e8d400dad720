import { DRAWN_AT_RANDOM } from '../uncertainty/reasons.ts';
import { composeBatch } from './composeBatch.ts';
import { farDistance } from './farDistance.ts';
import { farthestFirst } from './farthestFirst.ts';
import { highestDots } from './kernel.ts';
import type { PickedImage, BatchBuilder } from './batchBuilder.ts';
import { NO_VECTORS, poolVectors, rowSet, rowsFor, withVector, type PoolVectors } from './poolVectors.ts';
import { FAR_FROM_CHOSEN, FAR_FROM_LABELLED, FARTHEST_LEFT } from './reasons.ts';
import type { Strategy } from './strategy.ts';

/** Number of candidates that determine which distance is far. */
const MOST_MEASURED = 2000;

/**
 * Greedy k-center: always selects the image that is farthest from everything labelled or selected, so that no part of
 * the pool stays far from a label. Every prefix of the order is the batch of a smaller size.
 */
export const diversityStrategy: Strategy = {
  id: 'diversity',
  title: 'Diversity',
  description: 'Images that differ most from everything labelled and from each other.',
  source:
    'k-center greedy on image vectors: Sener and Savarese, Active Learning for CNNs: A Core-Set Approach, ICLR 2018.',
  needsScores: false,
  embeddings: 'needed',
  select: (pool, context) => {
    const vectors = poolVectors(pool, context);
    return composeBatch(pool, context, {
      randomShare: 0,
      stratum: false,
      choose: (builder, places) => (vectors === null ? [] : spread(vectors, builder, places)),
      short: (chosen) => (vectors === null ? NO_VECTORS : `Only ${chosen} images with a vector were left`),
    });
  },
};

function spread(vectors: PoolVectors, builder: BatchBuilder, places: number): PickedImage[] {
  const free = withVector(vectors, (index) => builder.isFree(index));
  const taken = withVector(vectors, (index) => builder.isTaken(index));
  const references = Int32Array.from([...vectors.labelledRows, ...rowsFor(vectors, taken)]);
  const first = references.length === 0 ? Math.floor(builder.context.random() * free.length) : 0;
  const order = farthestFirst({
    kernel: vectors.kernel,
    points: rowSet(vectors, rowsFor(vectors, free)),
    references,
    first,
  });
  const picks: PickedImage[] = [];
  if (places < 1 || free.length === 0) return picks;
  const start = references.length === 0 ? Int32Array.of(vectors.rowOf[free[first] ?? 0] ?? 0) : references;
  const far = farFrom(vectors, free, start);
  const isAnyLabelled = vectors.labelledRows.length > 0;
  for (const { position, nearest } of order) {
    const index = free[position] ?? 0;
    // A near duplicate of an image selected in this pass: refused, but harmless as a centre.
    if (builder.isFree(index)) {
      const isFirst = nearest === -Infinity;
      const isFar = !isFirst && 1 - nearest >= far;
      picks.push(
        builder.take(index, 'ranked', [
          isFirst ? DRAWN_AT_RANDOM : FARTHEST_LEFT,
          ...(isFar ? [isAnyLabelled ? FAR_FROM_LABELLED : FAR_FROM_CHOSEN] : []),
        ]),
      );
    }
    if (picks.length === places) break;
  }
  return picks;
}

/** The distance from which an image counts as far, measured on evenly spaced candidates to limit the comparisons. */
function farFrom(vectors: PoolVectors, free: Int32Array, references: Int32Array): number {
  const count = Math.min(MOST_MEASURED, free.length);
  const some = Int32Array.from({ length: count }, (_, i) => free[Math.floor((i * free.length) / count)] ?? 0);
  const points = rowSet(vectors, rowsFor(vectors, some));
  const nearest = highestDots(vectors.kernel, points, rowSet(vectors, references));
  return farDistance(Float64Array.from(nearest, (cosine) => Math.max(0, 1 - cosine)));
}
