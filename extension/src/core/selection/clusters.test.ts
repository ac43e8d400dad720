import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { farthestFirst } from './farthestFirst.ts';
import { kMeans, membersOf } from './kMeans.ts';
import { farthestItems, kMedoids } from './kMedoids.ts';
import { plainKernel, type RowSet } from './kernel.ts';
import { matrix, randomMatrix } from './testing.ts';

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
