import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { candidateTable, type Candidate } from './candidates.ts';
import { classNeeds, imageNeed, rareClass } from './classNeed.ts';
import { classDistances } from './ppal.ts';
import { stratifiedStrategy } from './stratified.ts';
import { randomStrategy } from './random.ts';
import { context, found, ids } from './testing.ts';

function sharesOf(images: readonly Candidate[]): number[] {
  const sums = [0, 1, 2, 3].map((classId) =>
    images.reduce((sum, { expectedByClass }) => sum + (expectedByClass?.[classId] ?? 0), 0),
  );
  const all = sums.reduce((sum, count) => sum + count, 0);
  return sums.map((sum) => sum / all);
}

/** How far the class shares of a batch are from those of the pool, at most. */
function drift(pool: readonly Candidate[], batch: readonly Candidate[]): number {
  const shares = sharesOf(batch);
  return Math.max(...sharesOf(pool).map((share, i) => Math.abs(share - (shares[i] ?? 0))));
}

describe('classes', () => {
  test('need is 1 where all classes are equal, above it for rare and below it for frequent ones, from 0.5 to 2', () => {
    expect([...classNeeds({ boxesByClass: [7, 7, 7] })]).toEqual([1, 1, 1]);
    const needs = classNeeds({ boxesByClass: [10_000, 90, 0] });
    expect(needs[0]).toBeCloseTo(Math.sqrt((10_090 / 3 + 5) / 10_005), 10);
    expect([...needs.subarray(1)]).toEqual([2, 2]);
    expect([...classNeeds({ boxesByClass: [100_000, ...Array.from({ length: 9 }, () => 0)] })][0]).toBe(0.5);
    expect([...classNeeds({ boxesByClass: [] })]).toEqual([]);
  });

  test('an image is needed as its expected boxes are', () => {
    const { expected } = candidateTable([
      found(1, 0.5, { expectedByClass: [3, 0, 1] }),
      found(2, 0.5),
      found(3, 0.5, { expectedByClass: [0, 0, 0.1] }),
    ]);
    const needs = Float64Array.of(0.5, 1, 2);
    expect([0, 1, 2].map((index) => imageNeed(expected, index, needs))).toEqual([0.875, 1, 2]);
    expect([0, 1, 2].map((index) => rareClass(expected, index, needs))).toEqual([2, null, null]);
  });

  test('PPAL takes what boxes spill over to a rival class for no object of it', () => {
    const pool = candidateTable([
      found(1, 0.5, { expectedByClass: [0, 1] }),
      found(2, 0.5, { expectedByClass: [2, 0.2] }),
      found(3, 0.5, { expectedByClass: [2, 0.3] }),
      // A faint object is one where it leads.
      found(4, 0.5, { expectedByClass: [0, 0.1] }),
    ]);
    const distances = classDistances(pool, null, [0, 1, 2, 3]);
    // Without vectors images differ by 1, and by 2 in a class that the other one lacks.
    expect(distances[1]).toBe(2);
    expect(distances[2]).toBeCloseTo((1 + (2 * 2 + 0.3) / 2.3) / 2, 6);
    expect(distances[3]).toBe(1);
  });

  test('stratified takes a well mixed image of many boxes before one that only has few', () => {
    const mixed = found(1, 0.5, { expectedByClass: [8, 2] });
    const single = found(2, 0.5, { expectedByClass: [0, 1] });
    // The pool has two thirds of the first class.
    const others = Array.from({ length: 3 }, (_, i) => found(10 + i, 0.1, { expectedByClass: [4, 3] }));
    expect(ids(stratifiedStrategy.select(candidateTable([mixed, single, ...others]), context(1)))).toEqual([1]);
  });

  test('stratified keeps the shares of the pool better than chance does, images without detections among them', () => {
    const total = { stratified: 0, half: 0, random: 0 };
    for (let seed = 0; seed < 10; seed++) {
      const random = createRandom(seed);
      const pool = Array.from({ length: 600 }, (_, imageId): Candidate => {
        if (random() < 0.25) return { imageId, scores: {}, hasDetections: false, bestScore: random() / 20 };
        const expectedByClass = [0.7, 0.2, 0.08, 0.02].map((share) => (random() < share ? 1 + 3 * random() : 0));
        const some = expectedByClass.some((count) => count > 0);
        return found(imageId, random(), { expectedByClass: some ? expectedByClass : [1, 0, 0, 0] });
      });
      const { chosen } = stratifiedStrategy.select(candidateTable(pool), context(40, { random }));
      const byId = new Map(pool.map((candidate) => [candidate.imageId, candidate]));
      const batch = chosen.flatMap(({ imageId }) => byId.get(imageId) ?? []);
      const drawn = ids(randomStrategy.select(candidateTable(pool), context(40, { random })));
      total.stratified += drift(pool, batch);
      // Every prefix keeps the shares too, as well as its size allows.
      total.half += drift(pool, batch.slice(0, 20));
      total.random += drift(
        pool,
        drawn.flatMap((imageId) => byId.get(imageId) ?? []),
      );
      expect(batch.filter(({ hasDetections }) => !hasDetections).length / 40).toBeCloseTo(
        pool.filter(({ hasDetections }) => !hasDetections).length / 600,
        1,
      );
    }
    expect(total.stratified).toBeLessThan(total.random / 2);
    expect(total.half).toBeLessThan(total.random);
  });
});
