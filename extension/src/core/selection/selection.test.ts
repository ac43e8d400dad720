import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, shuffled } from '../random.ts';
import { candidateTable, type Candidate } from './candidates.ts';
import { SelectionError } from './errors.ts';
import { interleave } from './interleave.ts';
import { randomStrategy } from './random.ts';
import { strategies, strategyById } from './registry.ts';
import type { Strategy, SelectionContext, SelectionResult } from './strategy.ts';
import { anyPool, context, empty, found, ids, matrix } from './testing.ts';
import { uncertaintyStrategy } from './uncertainty.ts';

function select(strategy: Strategy, pool: readonly Candidate[], given: SelectionContext): SelectionResult {
  return strategy.select(candidateTable(pool), given);
}

describe('every strategy', () => {
  const anyCase = fc.tuple(anyPool, fc.integer({ min: 1, max: 30 }), fc.integer(), fc.constantFrom(...strategies));

  test('fills the batch with different images of the pool, each with a reason', () => {
    fc.assert(
      fc.property(anyCase, ([{ pool, more }, batchSize, seed, strategy]) => {
        const result = select(strategy, pool, context(batchSize, { ...more, random: createRandom(seed) }));
        expect(result.chosen).toHaveLength(Math.min(batchSize, pool.length));
        expect(new Set(ids(result)).size).toBe(result.chosen.length);
        for (const { imageId, reasons } of result.chosen) {
          expect(pool.some((candidate) => candidate.imageId === imageId)).toBe(true);
          expect(reasons.length).toBeGreaterThan(0);
        }
        expect(result.notes.some((note) => note.includes('left in the pool'))).toBe(pool.length < batchSize);
      }),
      { numRuns: 500 },
    );
  });

  test('gives the same batch for a seed, whatever the order of the pool', () => {
    fc.assert(
      fc.property(anyCase, fc.integer(), ([{ pool, more }, batchSize, seed, strategy], order) => {
        const here = select(strategy, pool, context(batchSize, { ...more, random: createRandom(seed) }));
        const mixed = shuffled(pool, createRandom(order));
        const there = select(strategy, mixed, context(batchSize, { ...more, random: createRandom(seed) }));
        expect(there).toEqual(here);
      }),
      { numRuns: 300 },
    );
  });

  test('except random, takes only one of near duplicates, and none of a labelled image, while other images are left', () => {
    fc.assert(
      fc.property(anyCase, ([{ pool, more }, batchSize, seed, strategy]) => {
        fc.pre(strategy !== randomStrategy && more.nearDuplicates !== undefined);
        const { chosen, notes } = select(strategy, pool, context(batchSize, { ...more, random: createRandom(seed) }));
        const closed = new Set<number>();
        const groupOf = (imageId: number): number =>
          more.nearDuplicates?.findIndex((group) => group.includes(imageId)) ?? -1;
        for (const imageId of more.labelled?.imageIds ?? []) closed.add(groupOf(imageId));
        closed.delete(-1);
        const alike = chosen.filter(({ imageId }) => {
          const group = groupOf(imageId);
          if (closed.has(group)) return true;
          if (group >= 0) closed.add(group);
          return false;
        });
        expect(alike.every(({ reasons }) => reasons[0]?.includes('nothing else was left'))).toBe(true);
        expect(notes.some((note) => note.includes('look like'))).toBe(alike.length > 0);
        const left = pool.filter(({ imageId }) => !ids({ chosen, notes }).includes(imageId));
        const unlike = left.filter(({ imageId }) => !closed.has(groupOf(imageId)));
        expect(alike.length === 0 || unlike.length === 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('puts images without detections last or first where that is wanted, and scores rank', () => {
    fc.assert(
      fc.property(
        anyCase,
        fc.constantFrom('ignore' as const, 'first' as const),
        ([{ pool, more }, batchSize, seed, strategy], policy) => {
          fc.pre(strategy.needsScores);
          const random = createRandom(seed);
          const given = context(batchSize, { ...more, random, randomShare: 0, zeroDetections: policy });
          const { chosen } = select(strategy, pool, given);
          const isEmpty = new Set(pool.filter(({ hasDetections }) => !hasDetections).map(({ imageId }) => imageId));
          const own = chosen.filter(({ reasons }) => reasons[0]?.includes('nothing else was left') !== true);
          const empties = own.filter(({ imageId }) => isEmpty.has(imageId)).length;
          const missed = pool.filter(
            ({ imageId, hasDetections }) => hasDetections && !chosen.some((one) => one.imageId === imageId),
          );
          const shapes = own.map(({ imageId }) => (isEmpty.has(imageId) ? 'o' : 'x')).join('');
          const closed = more.nearDuplicates !== undefined;
          const right = {
            ignore: empties === 0 || missed.length === 0 || closed,
            first: /^o*x*$/.test(shapes),
          };
          expect(right[policy]).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('adds a note if it needs vectors and has none', () => {
    const pool = Array.from({ length: 30 }, (_, i) => found(i, i / 30));
    for (const strategy of strategies) {
      const { notes } = select(strategy, pool, context(5));
      expect(notes.some((note) => note.includes('image vectors'))).toBe(strategy.embeddings !== 'unused');
    }
  });

  test('draws the slice from the whole pool, and marks it', () => {
    const pool = Array.from({ length: 50 }, (_, i) => found(i, i / 50));
    const embeddings = matrix(
      Object.fromEntries(pool.map(({ imageId }) => [imageId, [Math.sin(imageId), 1, imageId]])),
    );
    for (const strategy of strategies) {
      const counts = new Map<number, number>();
      for (let seed = 0; seed < 200; seed++) {
        const given = context(10, { embeddings, randomShare: 0.2, random: createRandom(seed) });
        const slice = select(strategy, pool, given).chosen.filter(({ part }) => part === 'random-slice');
        expect(slice).toHaveLength(2);
        for (const { imageId, reasons } of slice) {
          expect(reasons).toEqual(['drawn at random']);
          counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
        }
      }
      // 8 expected of each; the same draws whatever the strategy makes of the rest.
      expect(counts.size).toBeGreaterThan(45);
    }
  });

  test.each(strategies)('$id refuses what makes no sense', (strategy) => {
    const pool = [found(1, 0.5)];
    expect(() => select(strategy, pool, context(0))).toThrow(SelectionError);
    expect(() => select(strategy, pool, context(2.5))).toThrow(/2\.5/);
    expect(() => select(strategy, pool, context(5, { zeroDetectionShare: 1.5 }))).toThrow(/share/);
    expect(() => select(strategy, pool, context(5, { randomShare: -1 }))).toThrow(/at random/);
    expect(() => select(strategy, pool, context(5, { minUncertainty: Number.NaN }))).toThrow(/minimum uncertainty/);
    expect(() => select(strategy, [...pool, found(2, 0.1), found(1, 0.7)], context(5))).toThrow(/Image 1 is twice/);
  });

  test('an empty pool gives an empty batch', () => {
    for (const strategy of strategies) {
      expect(select(strategy, [], context(5)).chosen).toEqual([]);
    }
  });

  test('has a description and a source', () => {
    for (const { title, description, source } of strategies) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(source.length).toBeGreaterThan(10);
    }
  });
});

describe('uncertainty', () => {
  test('takes the highest scores, ties by image id, and says where they stand', () => {
    const pool = [found(5, 0.9), found(3, 0.6), found(2, 0.6), found(9, 0.7), found(1, 0.4)];
    const result = select(uncertaintyStrategy, pool, context(4));
    expect(ids(result)).toEqual([5, 9, 2, 3]);
    expect(result.notes).toEqual([]);
    expect(result.chosen.map(({ reasons }) => reasons[0])).toEqual([
      'combined 0.90, the highest of the scored pool',
      'combined 0.70, higher than 75 % of the scored pool',
      'combined 0.60, higher than 25 % of the scored pool',
      'combined 0.60, higher than 25 % of the scored pool',
    ]);
  });

  test('ranks by the score that is asked for', () => {
    const pool = [
      { ...found(1, 0.9), scores: { combined: 0.9, entropy: 0.4 } },
      { ...found(2, 0.8), scores: { combined: 0.8, entropy: 0.7 } },
    ];
    const result = select(uncertaintyStrategy, pool, context(1, { scoreName: 'entropy' }));
    expect(ids(result)).toEqual([2]);
    expect(result.chosen[0]?.reasons[0]).toContain('entropy 0.70');
  });

  test('draws the rest at random if too few reach the minimum, and adds a note', () => {
    const pool = [found(1, 0.5), found(2, 0.3), ...Array.from({ length: 30 }, (_, i) => found(10 + i, 0.29))];
    const result = select(uncertaintyStrategy, pool, context(10));
    expect(ids(result).slice(0, 2)).toEqual([1, 2]);
    expect(result.chosen.slice(2).every(({ reasons }) => reasons[0] === 'drawn at random')).toBe(true);
    expect(result.notes).toEqual(['Only 2 of 10 images reach combined 0.30; 8 were drawn at random.']);
    const other = select(uncertaintyStrategy, pool, context(10, { random: createRandom(2) }));
    expect(ids(other)).not.toEqual(ids(result));
  });

  test('gives a tenth of the batch to images without detections, by their best candidate, spread over the queue', () => {
    const pool = [
      ...Array.from({ length: 30 }, (_, i) => found(i, 0.9 - i / 100)),
      empty(100, 0.01),
      empty(101, 0.04),
      empty(102, 0.04),
      empty(103, 0.02),
    ];
    const result = select(uncertaintyStrategy, pool, context(20));
    expect(ids(result).filter((id) => id >= 100)).toEqual([101, 102]);
    expect([ids(result).indexOf(101), ids(result).indexOf(102)]).toEqual([5, 15]);
    expect(ids(result).filter((id) => id < 100)).toEqual(Array.from({ length: 18 }, (_, i) => i));
    expect(result.notes).toEqual([]);
  });

  test('a quota that cannot be filled flows to the uncertain images', () => {
    const pool = [...Array.from({ length: 30 }, (_, i) => found(i, 0.9 - i / 100)), empty(100, 0.01)];
    expect(ids(select(uncertaintyStrategy, pool, context(20))).filter((id) => id < 100)).toHaveLength(19);
    expect(ids(select(uncertaintyStrategy, pool.slice(0, 30), context(20)))).toHaveLength(20);
  });

  test('and back: with nothing else left, images without detections fill the batch by their rank', () => {
    const pool = [found(1, 0.8), ...Array.from({ length: 40 }, (_, i) => empty(100 + i, i / 1000))];
    const result = select(uncertaintyStrategy, pool, context(10));
    expect(ids(result).toSorted((a, b) => a - b)).toEqual([1, 131, 132, 133, 134, 135, 136, 137, 138, 139]);
    expect(result.notes).toEqual([
      'Only 1 of 10 images reach combined 0.30; 8 more came from the images without detections.',
    ]);
  });

  test('the share is a setting: none of them, or first', () => {
    const pool = [...Array.from({ length: 10 }, (_, i) => found(i, 0.9)), empty(100, 0.01), empty(101, 0.02)];
    const none = select(uncertaintyStrategy, pool, context(10, { zeroDetectionShare: 0 }));
    expect(ids(none).every((id) => id < 100)).toBe(true);
    const all = select(uncertaintyStrategy, pool, context(4, { zeroDetectionShare: 1 }));
    expect(ids(all).filter((id) => id >= 100)).toHaveLength(2);
  });

  test('images that lack the score are only drawn', () => {
    const pool = [found(1, 0.9), { ...found(2, 0), scores: { entropy: 1 } }];
    const result = select(uncertaintyStrategy, pool, context(2));
    expect(ids(result)).toEqual([1, 2]);
    expect(result.chosen[0]?.reasons[0]).toContain('combined 0.90');
    expect(result.chosen[1]?.reasons).toEqual(['drawn at random']);
  });

  test('nothing below the minimum is taken for its score', () => {
    fc.assert(
      fc.property(anyPool, fc.integer({ min: 1, max: 30 }), ({ pool }, batchSize) => {
        const result = select(uncertaintyStrategy, pool, context(batchSize));
        const byId = new Map(pool.map((candidate) => [candidate.imageId, candidate]));
        const forScore = result.chosen.filter(({ reasons }) => reasons[0]?.startsWith('combined'));
        for (const { imageId } of forScore) expect(byId.get(imageId)?.scores['combined']).toBeGreaterThanOrEqual(0.3);
        const scores = forScore.map(({ imageId }) => byId.get(imageId)?.scores['combined'] ?? 0);
        const lowest = scores.length > 0 ? Math.min(...scores) : 0.29;
        const chosen = new Set(ids(result));
        const missed = pool.filter((one) => !chosen.has(one.imageId) && (one.scores['combined'] ?? 0) > lowest);
        expect(missed).toEqual([]);
      }),
    );
  });
});

describe('random', () => {
  test('every image is equally likely', () => {
    const pool = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? found(i, i / 10) : empty(i, 0.01)));
    const counts = Array.from({ length: 10 }, () => 0);
    const random = createRandom(3);
    for (let i = 0; i < 4000; i++) {
      for (const id of ids(select(randomStrategy, pool, context(3, { random })))) counts[id] = (counts[id] ?? 0) + 1;
    }
    // 1,200 expected, standard deviation 29.
    for (const count of counts) expect(Math.abs(count - 1200)).toBeLessThan(150);
  });
});

describe('the order of the queue', () => {
  test('interleave keeps both orders, and every prefix has its part of both', () => {
    expect(interleave([1, 2, 3, 4], [9])).toEqual([1, 2, 9, 3, 4]);
    const length = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(length, length, (a, b) => {
        const result = interleave(
          Array.from({ length: a }, (_, i) => i),
          Array.from({ length: b }, (_, i) => 100 + i),
        );
        expect(result).toHaveLength(a + b);
        const numbers = Array.from({ length: a + b }, (_, i) => (i < a ? i : 100 + i - a));
        expect(result.toSorted((x, y) => x - y)).toEqual(numbers);
        expect(result.filter((value) => value < 100)).toEqual(numbers.slice(0, a));
        expect(result.filter((value) => value >= 100)).toEqual(numbers.slice(a));
        let seen = 0;
        for (const [i, value] of result.entries()) {
          if (value >= 100) seen++;
          expect(Math.abs(seen - ((i + 1) * b) / (a + b))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

test('the registry finds by id, and names what there is', () => {
  expect(strategyById('uncertainty')).toBe(uncertaintyStrategy);
  expect(strategyById('random')).toBe(randomStrategy);
  expect(new Set(strategies.map(({ id }) => id)).size).toBe(strategies.length);
  const hint = expect.stringContaining('hybrid, uncertainty') as string;
  expect(() => strategyById('best')).toThrow(expect.objectContaining({ hint }));
});
