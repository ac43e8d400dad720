import { DRAWN_AT_RANDOM } from '../uncertainty/reasons.ts';
import { draw } from './draw.ts';
import { inStableOrder, shortPoolNote, type Strategy } from './strategy.ts';

/** Every image of the pool is equally likely: the measure that other strategies have to beat. */
export const randomStrategy: Strategy = {
  id: 'random',
  title: 'Random',
  description: 'Draws images at random. An honest comparison, and a good first batch.',
  needsScores: false,
  select: (candidates, context) => {
    const pool = inStableOrder(candidates, context);
    return {
      chosen: draw(pool, context.batchSize, context.random).map(({ imageId }) => ({
        imageId,
        reasons: [DRAWN_AT_RANDOM],
      })),
      notes: shortPoolNote(pool.length, context.batchSize),
    };
  },
};
