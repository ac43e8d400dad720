import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { candidateTable, type Candidate } from './candidates.ts';
import { classBalancedStrategy } from './classBalanced.ts';
import { diversityStrategy } from './diversity.ts';
import { hybridStrategy, shortlistSize } from './hybrid.ts';
import type { SelectionContext, SelectionResult } from './strategy.ts';
import { context, empty, found, ids, matrix, randomMatrix } from './testing.ts';
import { uncertaintyStrategy } from './uncertainty.ts';

function hybrid(pool: readonly Candidate[], given: SelectionContext): SelectionResult {
  return hybridStrategy.select(candidateTable(pool), given);
}

/** Without slice and quota, so that only the greedy pass speaks. */
const bare = { randomShare: 0, zeroDetectionShare: 0 };

/** An image of that score, and two others. */
const beside = (score: number): Candidate[] => [found(1, score), found(2, 0.6), found(3, 0.5)];

describe('hybrid', () => {
  test('compares four times the batch, or a tenth of the pool up to 2,000 images', () => {
    expect([shortlistSize(20, 100), shortlistSize(20, 5000), shortlistSize(20, 1e6), shortlistSize(1000, 1e6)]).toEqual(
      [80, 500, 2000, 4000],
    );
  });

  test('draws a fifth, keeps a tenth for images without detections, and spreads both over the queue', () => {
    const pool = [
      ...Array.from({ length: 80 }, (_, i) => found(i, i / 80)),
      ...Array.from({ length: 40 }, (_, i) => empty(100 + i, i / 1000)),
    ];
    const { chosen, notes } = hybrid(pool, context(20, { embeddings: randomMatrix(140, 8, 5, 1) }));
    const places = (wanted: string): number[] => chosen.flatMap(({ part }, i) => (part === wanted ? [i] : []));
    expect([places('random-slice').length, places('no-detection').length, places('ranked').length]).toEqual([4, 2, 14]);
    for (const half of [0, 10]) {
      const within = (at: number): boolean => at >= half && at < half + 10;
      expect(places('random-slice').filter(within)).toHaveLength(2);
      expect(places('no-detection').filter(within)).toHaveLength(1);
    }
    expect(notes).toEqual([]);
  });

  test('prefers what is far from the labels to a little more uncertainty, but not to much more', () => {
    const embeddings = matrix({ 1: [1, 0, 0], 2: [0, 1, 0], 3: [0.2, 0, 1], 9: [1, 0.01, 0] });
    const labelled = { imageIds: [9], boxesByClass: [5] };
    expect(ids(hybrid(beside(0.7), context(1, { ...bare, embeddings, labelled })))).toEqual([2]);
    const somewhat = matrix({ 1: [1, 1, 0], 2: [0, 1, 0], 3: [0, 0, 1], 9: [1, 0, 0] });
    expect(ids(hybrid(beside(0.9), context(2, { ...bare, embeddings: somewhat, labelled })))).toEqual([2, 3]);
    expect(ids(hybrid([found(1, 1), found(2, 0.2)], context(1, { ...bare, embeddings: somewhat, labelled })))).toEqual([
      1,
    ]);
  });

  test('takes a rare class before a frequent one, and gives that as a reason', () => {
    const pool = [
      found(1, 0.6, { expectedByClass: [2, 0] }),
      found(2, 0.5, { expectedByClass: [0, 1] }),
      found(3, 0.5, { expectedByClass: [1, 0] }),
    ];
    const labelled = { imageIds: [], boxesByClass: [90, 4] };
    const result = hybrid(pool, context(2, { ...bare, labelled, classNames: ['hole', 'crack'] }));
    expect(ids(result)).toEqual([2, 1]);
    expect(result.chosen[0]?.reasons).toContain('rare class crack');
    expect(result.chosen[1]?.reasons.join()).not.toContain('rare');
    expect(result.notes).toEqual(['No image vectors could be computed, so images were not compared with each other.']);
  });

  test('with nothing labelled it begins at the most uncertain image, and goes away from it', () => {
    const embeddings = matrix({ 1: [1, 0], 2: [1, 0.1], 3: [-1, 0], 4: [0, 1] });
    const pool = [found(1, 0.9), found(2, 0.89), found(3, 0.5), found(4, 0.5)];
    const result = hybrid(pool, context(3, { ...bare, embeddings }));
    expect(ids(result).slice(0, 2)).toEqual([1, 3]);
    expect(result.chosen[1]?.reasons).toContain('unlike the rest of the batch');
  });

  test('an image without a vector counts as neither near nor far', () => {
    const embeddings = matrix({ 1: [1, 0.02], 2: [0, 1], 9: [1, 0] });
    const pool = [found(1, 0.8), found(2, 0.5), found(3, 0.8), found(4, 0.6)];
    const labelled = { imageIds: [9], boxesByClass: [] };
    expect(ids(hybrid(pool, context(4, { ...bare, embeddings, labelled })))).toEqual([2, 3, 4, 1]);
  });

  test('unfilled places flow to images without detections, and from there', () => {
    const few = [found(1, 0.5), ...Array.from({ length: 30 }, (_, i) => empty(10 + i, i / 100))];
    const result = hybrid(few, context(10, { zeroDetectionShare: 0.1, randomShare: 0 }));
    expect(result.chosen).toHaveLength(10);
    expect(result.notes[0]).toBe(
      'Only 1 of 10 images have the score combined; 8 more came from the images without detections.',
    );
    const none = Array.from({ length: 30 }, (_, i) => found(i, i / 30));
    expect(hybrid(none, context(10, { randomShare: 0 })).chosen.every(({ part }) => part === 'ranked')).toBe(true);
  });
});

const balanced = (pool: readonly Candidate[], places: number, boxesByClass: readonly number[]): SelectionResult =>
  classBalancedStrategy.select(
    candidateTable(pool),
    context(places, { labelled: { imageIds: [], boxesByClass }, classNames: ['hole', 'crack'] }),
  );
const reasonsFor = (expectedByClass: number[], boxesByClass: number[]): readonly string[] =>
  balanced([found(1, 0.5, { expectedByClass })], 1, boxesByClass).chosen[0]?.reasons ?? [];

describe('the reasons of diversity', () => {
  const pool = Array.from({ length: 100 }, (_, i) => found(i, 0.5));
  const farthest = 'of all that was left, the farthest from labels and batch';
  const reasonsOf = (given: Partial<SelectionContext>): readonly (readonly string[])[] =>
    diversityStrategy.select(candidateTable(pool), context(100, given)).chosen.map(({ reasons }) => reasons);

  test('call far only what is at or above the 95th percentile', () => {
    // On an arc that ends at the label: once the far end is taken, nothing is as far from it and from the label.
    const arc = matrix(
      Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, [Math.cos(i / 50), Math.sin(i / 50)]])),
    );
    const all = reasonsOf({ embeddings: arc, labelled: { imageIds: [100], boxesByClass: [] } });
    expect(all.every(([first]) => first === farthest)).toBe(true);
    expect(all.flatMap((reasons, i) => (reasons.includes('far from everything labelled') ? [i] : []))).toEqual([0]);
  });

  test('speak of no labels where there are none', () => {
    const all = reasonsOf({ embeddings: randomMatrix(100, 6, 5, 2) });
    expect(all[0]).toEqual(['drawn at random']);
    expect(all.flat()).not.toContain('far from everything labelled');
    expect(all[1]).toEqual([farthest, 'unlike the rest of the batch']);
  });
});

describe('class-balanced', () => {
  test('takes a real rare object among frequent ones before a whiff of it alone', () => {
    const whiff = found(1, 0.5, { expectedByClass: [0, 0.06] });
    const real = found(2, 0.5, { expectedByClass: [3.6, 0.8] });
    expect(ids(balanced([whiff, real], 2, [100, 0]))).toEqual([2, 1]);
  });

  test('speaks of a rare class only where it is wanted and probably there', () => {
    expect(reasonsFor([0, 0.25], [100, 0])).toContain('rare class crack');
    expect(reasonsFor([0, 0.24], [100, 0]).join()).not.toContain('rare');
    // 10.5 a class on average: 8 make a need of 1.28, 9 one of 1.15.
    expect(reasonsFor([0, 1], [13, 8])).toContain('rare class crack');
    expect(reasonsFor([0, 1], [12, 9]).join()).not.toContain('rare');
  });
});

test.each([diversityStrategy, uncertaintyStrategy, classBalancedStrategy])(
  'a smaller batch of $id is the beginning of a larger one',
  (strategy) => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 15 }),
        fc.integer({ min: 0, max: 15 }),
        (seed, small, more) => {
          const random = createRandom(seed);
          const pool = Array.from({ length: 40 }, (_, i) =>
            found(i, 0.3 + 0.7 * random(), { expectedByClass: [random(), random() < 0.3 ? random() : 0] }),
          );
          const given = {
            embeddings: randomMatrix(50, 6, 4, seed),
            labelled: { imageIds: [45, 48], boxesByClass: [12, 3] },
            zeroDetectionShare: 0,
          };
          const batch = (size: number): number[] =>
            ids(strategy.select(candidateTable(pool), context(size, { ...given, random: createRandom(seed) })));
          expect(batch(small + more).slice(0, small)).toEqual(batch(small));
        },
      ),
      { numRuns: 40 },
    );
  },
);
