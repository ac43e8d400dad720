import { composeBatch, DEFAULT_RANDOM_SHARE } from './composeBatch.ts';
import type { Strategy } from './strategy.ts';

/** Every image of the pool is equally likely, including near duplicates: the baseline for other strategies. */
export const randomStrategy: Strategy = {
  id: 'random',
  title: 'Random',
  description: 'Random images: the honest comparison that every strategy has to beat.',
  source: 'Simple random sampling without replacement.',
  needsScores: false,
  embeddings: 'unused',
  select: (pool, context) =>
    composeBatch(
      pool,
      { ...context, nearDuplicates: [] },
      {
        // The slice is drawn like the rest; it is marked only because half of it may join the validation set.
        randomShare: DEFAULT_RANDOM_SHARE,
        stratum: false,
        choose: (builder, places) => builder.draw(places, 'ranked'),
        short: (chosen) => `Only ${chosen} images could be drawn`,
      },
    ),
};
