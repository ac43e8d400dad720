import { scoreColumn } from './candidates.ts';
import { composeBatch } from './composeBatch.ts';
import { placeReason } from './reasons.ts';
import type { Strategy } from './strategy.ts';
import { RankTable } from './topIndexes.ts';

/**
 * The most uncertain images that reach the minimum, and a quota of images without detections by descending score of
 * their best weak candidate. If too few images reach the minimum, the open places are drawn at random from the rest of
 * the pool; if no image with a detection is left, they go to images without detections by their rank.
 */
export const uncertaintyStrategy: Strategy = {
  id: 'uncertainty',
  title: 'Uncertainty',
  description: 'Takes the images with the highest score, down to the minimum uncertainty.',
  source: 'Uncertainty sampling: Lewis and Gale, SIGIR 1994.',
  needsScores: true,
  embeddings: 'unused',
  select: (pool, context) => {
    const { minUncertainty, scoreName = 'combined' } = context;
    const scores = scoreColumn(pool, scoreName);
    return composeBatch(pool, context, {
      randomShare: 0,
      stratum: true,
      choose: (builder, places) => {
        const { hasDetections } = pool;
        const passes = (index: number): boolean => hasDetections[index] === 1 && (scores[index] ?? 0) >= minUncertainty;
        const ranks = new RankTable(scores.filter((_, index) => hasDetections[index] === 1));
        return builder.takeHighest(scores, places, 'ranked', passes).map((pick) => ({
          ...pick,
          reasons: [placeReason(scoreName, scores[pick.index] ?? 0, ranks)],
        }));
      },
      short: (chosen, all) => `Only ${chosen} of ${all} images reach ${scoreName} ${minUncertainty.toFixed(2)}`,
    });
  },
};
