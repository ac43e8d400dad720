import { composeBatch } from './composeBatch.ts';
import { farthestFirst } from './farthestFirst.ts';
import type { Pick, Picker } from './picker.ts';
import { NO_VECTORS, poolVectors, rowSet, rowsFor, withVector, type PoolVectors } from './poolVectors.ts';
import { FAR_FROM_LABELLED } from './reasons.ts';
import type { Strategy } from './strategy.ts';

/**
 * Greedy k-center: always the image that is farthest from everything labelled or chosen, so that no corner of the pool
 * stays far from a label. Every prefix of the order is the batch that a smaller size would give.
 */
export const diversityStrategy: Strategy = {
  id: 'diversity',
  title: 'Diversity',
  description: 'Takes the images that differ most from everything labelled and from each other. Knows no scores.',
  source:
    'k-center greedy on image vectors: Sener and Savarese, Active Learning for CNNs: A Core-Set Approach, ICLR 2018.',
  needsScores: false,
  embeddings: 'needed',
  select: (pool, context) => {
    const vectors = poolVectors(pool, context);
    return composeBatch(pool, context, {
      randomShare: 0,
      stratum: false,
      choose: (picker, places) => (vectors === null ? [] : spread(vectors, picker, places)),
      short: (chosen) => (vectors === null ? NO_VECTORS : `Only ${chosen} images with a vector were left`),
    });
  },
};

function spread(vectors: PoolVectors, picker: Picker, places: number): Pick[] {
  const free = withVector(vectors, (index) => picker.isFree(index));
  const taken = withVector(vectors, (index) => picker.isTaken(index));
  const references = Int32Array.from([...vectors.labelledRows, ...rowsFor(vectors, taken)]);
  const first = references.length === 0 ? Math.floor(picker.context.random() * free.length) : 0;
  const order = farthestFirst({
    kernel: vectors.kernel,
    points: rowSet(vectors, rowsFor(vectors, free)),
    references,
    first,
  });
  const picks: Pick[] = [];
  if (places < 1) return picks;
  for (const { position } of order) {
    const index = free[position] ?? 0;
    // A look-alike of an image that this walk took: refused, and harmless as a centre.
    if (picker.isFree(index)) picks.push(picker.take(index, 'ranked', [FAR_FROM_LABELLED]));
    if (picks.length === places) break;
  }
  return picks;
}
