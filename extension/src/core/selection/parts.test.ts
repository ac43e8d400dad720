import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { candidateTable, CandidateTableBuilder, type Candidate } from './candidates.ts';
import { classNeeds, imageNeed, rareClass } from './classNeed.ts';
import { rowsOf } from './embeddings.ts';
import { farthestFirst } from './farthestFirst.ts';
import { kMeans, membersOf } from './kMeans.ts';
import { farthestItems, kMedoids } from './kMedoids.ts';
import { plainKernel, type RowSet } from './kernel.ts';
import { zeroDetectionShare } from './quota.ts';
import { classDistances } from './ppal.ts';
import { stratifiedStrategy } from './stratified.ts';
import { randomStrategy } from './random.ts';
import { context, empty, found, ids, matrix, randomMatrix } from './testing.ts';
import { Ranks, topIndexes } from './topIndexes.ts';
import { uncertaintyStrategy } from './uncertainty.ts';

const score = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NaN));

describe('the candidate table', () => {
  test('holds what was added, in the order of ids, in memory that threads share', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { maxLength: 40 }),
        fc.integer(),
        (imageIds, seed) => {
          const random = createRandom(seed);
          const candidates = imageIds.map((imageId): Candidate => ({
            imageId,
            scores: random() < 0.5 ? { a: random() } : { a: random(), b: random() },
            hasDetections: random() < 0.7,
            bestScore: random(),
            expectedByClass: [random() < 0.5 ? 0 : Math.fround(random()), Math.fround(random())],
          }));
          const table = candidateTable(candidates);
          const sorted = candidates.toSorted((one, other) => one.imageId - other.imageId);
          expect([...table.imageIds]).toEqual(sorted.map(({ imageId }) => imageId));
          for (const [i, candidate] of sorted.entries()) {
            const own = ['a', 'b'].map((name) => table.scores[name]?.[i] ?? Number.NaN);
            expect(own).toEqual(['a', 'b'].map((name) => candidate.scores[name] ?? Number.NaN));
            expect([table.hasDetections[i] === 1, table.bestScores[i]]).toEqual([
              candidate.hasDetections,
              candidate.bestScore,
            ]);
            const { starts, classIds, counts } = table.expected;
            const expected = [0, 0];
            for (let at = starts[i] ?? 0; at < (starts[i + 1] ?? 0); at++)
              expected[classIds[at] ?? 0] = counts[at] ?? 0;
            expect(expected).toEqual(candidate.expectedByClass);
          }
          expect(table.imageIds.buffer).toBeInstanceOf(SharedArrayBuffer);
        },
      ),
    );
  });

  test('grows over many pages', () => {
    const builder = new CandidateTableBuilder();
    for (let i = 5000; i > 0; i--) builder.add(found(i, i / 5000, { expectedByClass: [1, 0, i] }));
    const table = builder.build();
    expect(table.size).toBe(5000);
    expect(table.imageIds[4999]).toBe(5000);
    expect(table.scores['combined']?.[4]).toBe(0.001);
    expect(table.expected.counts[2 * 4999 + 1]).toBe(5000);
  });

  test('finds the rows of images among those of a matrix', () => {
    const vectors = matrix({ 3: [1], 4: [1], 9: [1] });
    expect([...rowsOf(vectors, [1, 3, 5, 9, 10])]).toEqual([-1, 0, -1, 2, -1]);
  });
});

const eligible = (i: number): boolean => i % 4 !== 3;

describe('ranking', () => {
  test('the highest, ties by index, are those that sorting everything would give', () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 60 }), fc.integer({ min: 0, max: 70 }), (values, count) => {
        const sorted = [...values.keys()]
          .filter((i) => eligible(i) && !Number.isNaN(values[i]))
          .toSorted((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
        expect(topIndexes(Float64Array.from(values), count, eligible)).toEqual(sorted.slice(0, count));
      }),
    );
  });

  test('ranks count the values below', () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 40 }), fc.integer({ min: -1, max: 6 }), (values, value) => {
        const ranks = new Ranks(Float64Array.from(values));
        expect(ranks.below(value)).toBe(values.filter((other) => other < value).length);
        expect(ranks.count).toBe(values.filter((other) => !Number.isNaN(other)).length);
      }),
    );
  });
});

/** The algorithm as it is written down: every point after every choice. */
function plainOrder({ dimensions, vectors, rows }: RowSet, references: readonly number[], first: number): number[] {
  const dot = (a: number, b: number): number => {
    const out = new Float32Array(1);
    plainKernel.dots(
      { dimensions, vectors, rows: Int32Array.of(a) },
      { dimensions, vectors, rows: Int32Array.of(b) },
      out,
    );
    return out[0] ?? 0;
  };
  const chosen = references.length === 0 ? [first] : [];
  const nearest = [...rows].map((row) =>
    Math.max(...[...references, ...chosen.map((i) => rows[i] ?? 0)].map((other) => dot(row, other))),
  );
  while (chosen.length < rows.length) {
    let best = -1;
    for (const [i, value] of nearest.entries()) {
      if (!chosen.includes(i) && (best < 0 || value < (nearest[best] ?? 0))) best = i;
    }
    chosen.push(best);
    for (const [i, row] of rows.entries()) nearest[i] = Math.max(nearest[i] ?? 0, dot(row, rows[best] ?? 0));
  }
  return chosen;
}

describe('farthest first', () => {
  test('leaves points stale, and takes the same ones in the same order', () => {
    const anyCase = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      references: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 65, max: 150 })),
      // Of whole numbers, so that ties are frequent.
      values: fc.infiniteStream(fc.integer({ min: -2, max: 2 })),
      dimensions: fc.integer({ min: 1, max: 5 }),
      first: fc.nat(),
    });
    fc.assert(
      fc.property(anyCase, ({ count, references, values, dimensions, first }) => {
        const vectors = new Float32Array((count + references) * dimensions);
        for (let i = 0; i < vectors.length; i++) vectors[i] = values.next().value ?? 0;
        const points = { dimensions, vectors, rows: Int32Array.from({ length: count }, (_, i) => i) };
        const others = Int32Array.from({ length: references }, (_, i) => count + i);
        const begin = first % count;
        const order = [...farthestFirst({ kernel: plainKernel, points, references: others, first: begin })];
        expect(order.map(({ position }) => position)).toEqual(plainOrder(points, [...others], begin));
      }),
      { numRuns: 60 },
    );
  });
});

describe('clusters', () => {
  test('k-means gives every point to its nearest centre, and leaves no cluster empty where points differ', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer(),
        (count, wanted, seed) => {
          const k = Math.min(count, wanted);
          const points = randomMatrix(count, 3, 4, seed);
          const rows = { ...points, rows: Int32Array.from({ length: count }, (_, i) => i) };
          const { assignment, distances, inertia } = kMeans(plainKernel, rows, k, createRandom(seed));
          expect(membersOf(assignment, k).every((members) => members.length > 0)).toBe(true);
          expect(distances.every((distance) => distance >= 0)).toBe(true);
          expect(inertia).toBeCloseTo(
            distances.reduce((sum, distance) => sum + distance, 0),
            6,
          );
        },
      ),
    );
  });

  test('k-means takes points that all lie in one place', () => {
    const points = matrix({ 0: [1, 0], 1: [1, 0], 2: [1, 0] });
    const { inertia } = kMeans(plainKernel, { ...points, rows: Int32Array.of(0, 1, 2) }, 3, createRandom(1));
    expect(inertia).toBeCloseTo(0, 6);
  });

  test('k-medoids never ends worse than it began, each medoid in its own cluster', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }).chain((n) =>
          fc.record({
            n: fc.constant(n),
            values: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: n * n, maxLength: n * n }),
            k: fc.integer({ min: 1, max: n }),
          }),
        ),
        ({ n, values, k }) => {
          const distances = new Float32Array(n * n);
          for (let a = 0; a < n; a++) {
            for (let b = 0; b < a; b++) {
              distances[a * n + b] = values[a * n + b] ?? 0;
              distances[b * n + a] = values[a * n + b] ?? 0;
            }
          }
          const start = farthestItems(distances, n, k, 0);
          expect(new Set(start).size).toBe(k);
          const cost = (medoids: readonly number[]): number =>
            [...Array(n).keys()].reduce(
              (sum, i) => sum + Math.min(...medoids.map((medoid) => distances[medoid * n + i] ?? 0)),
              0,
            );
          const result = kMedoids(distances, n, start);
          expect(result.cost).toBe(cost(result.medoids));
          expect(result.cost).toBeLessThanOrEqual(cost(start));
          expect(result.medoids.map((medoid) => result.assignment[medoid])).toEqual([...start.keys()]);
        },
      ),
    );
  });
});

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

test('of twenty places one stays with images without detections, though none of thirty held an object', () => {
  const pool = [...Array.from({ length: 40 }, (_, i) => found(i, 0.5)), empty(100, 0.04), empty(101, 0.03)];
  const places = (batchSize: number, share: number): number =>
    uncertaintyStrategy
      .select(candidateTable(pool), context(batchSize, { zeroDetectionShare: share }))
      .chosen.filter(({ part }) => part === 'no-detection').length;
  const share = zeroDetectionShare(30, 0);
  expect(share).toBeCloseTo(0.02, 10);
  expect([places(20, share), places(10, share), places(9, share), places(20, 0)]).toEqual([1, 1, 0, 0]);
});

test('the share of images without detections follows how many of them held objects', () => {
  expect(zeroDetectionShare(0, 0)).toBeCloseTo(0.1, 10);
  expect(zeroDetectionShare(20, 20)).toBeGreaterThan(0.18);
  expect(zeroDetectionShare(20, 0)).toBeLessThan(0.02 + 1e-9);
  for (const reviewed of [0, 1, 5, 50, 5000]) {
    for (const held of [0, reviewed / 2, reviewed]) {
      expect(zeroDetectionShare(reviewed, held)).toBeGreaterThanOrEqual(0.02);
      expect(zeroDetectionShare(reviewed, held)).toBeLessThanOrEqual(0.2);
    }
  }
});
