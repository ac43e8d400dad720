import { scoreColumn } from './candidates.ts';
import { composeBatch } from './composeBatch.ts';
import { kMeans, membersOf } from './kMeans.ts';
import type { PickedImage, BatchBuilder } from './batchBuilder.ts';
import { NO_VECTORS, poolVectors, rowSet, rowsFor, withVector, type PoolVectors } from './poolVectors.ts';
import { clusterSizeReason, MOST_CENTRAL, placeReason } from './reasons.ts';
import type { Strategy } from './strategy.ts';
import { RankTable } from './topIndexes.ts';

/**
 * Forms as many clusters as the batch has places and selects one image of each, the largest cluster first. From the
 * half of a cluster that is nearest to its centre, it selects the most uncertain image; without scores, the one nearest
 * to the centre. The outer half is left out, so that no outlier represents a cluster. Ties: the cluster with the
 * smallest image id, and the image nearer to the centre.
 */
export const clusterStrategy: Strategy = {
  id: 'cluster',
  title: 'One of each cluster',
  description: 'One uncertain image from each group of images that show the same.',
  source:
    'k-means on image vectors, one query a cluster, after Zhdanov, Diverse Mini-Batch Active Learning, 2019, without his weights.',
  needsScores: false,
  embeddings: 'needed',
  select: (pool, context) => {
    const vectors = poolVectors(pool, context);
    return composeBatch(pool, context, {
      randomShare: 0,
      stratum: false,
      choose: (builder, places) => (vectors === null ? [] : oneOfEach(vectors, builder, places)),
      short: (chosen) => (vectors === null ? NO_VECTORS : `Only ${chosen} clusters had an image that is free`),
    });
  },
};

function oneOfEach(vectors: PoolVectors, builder: BatchBuilder, places: number): PickedImage[] {
  const free = withVector(vectors, (index) => builder.isFree(index));
  const k = Math.min(places, free.length);
  if (k < 1) return [];
  const { pool, context } = builder;
  const { scoreName = 'combined' } = context;
  const points = rowSet(vectors, rowsFor(vectors, free));
  const { assignment, distances } = kMeans(vectors.kernel, points, k, context.random);
  const scores = scoreColumn(pool, scoreName);
  const ranks = new RankTable(scores);
  const bySize = membersOf(assignment, k)
    .filter((members) => members.length > 0)
    .toSorted((a, b) => b.length - a.length || (a[0] ?? 0) - (b[0] ?? 0));
  const picks: PickedImage[] = [];
  for (const members of bySize) {
    const inner = members.toSorted((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0) || a - b);
    const half = inner.slice(0, Math.ceil(inner.length / 2)).map((position) => free[position] ?? 0);
    const byScore = half
      .filter((index) => !Number.isNaN(scores[index]))
      .toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    const rest = inner.map((position) => free[position] ?? 0);
    const index = [...byScore, ...rest].find((candidate) => builder.isFree(candidate));
    if (index === undefined) continue;
    const why = byScore.includes(index) ? placeReason(scoreName, scores[index] ?? 0, ranks) : MOST_CENTRAL;
    picks.push(builder.take(index, 'ranked', [why, clusterSizeReason(members.length)]));
  }
  return picks;
}
