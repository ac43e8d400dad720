import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSimdKernel } from '../../src/adapters/selection/simdKernel.ts';
import { createRandom, type Random } from '../../src/core/random.ts';
import { candidateTable, type Candidate } from '../../src/core/selection/candidates.ts';
import { classBalancedStrategy } from '../../src/core/selection/classBalanced.ts';
import { clusterStrategy } from '../../src/core/selection/cluster.ts';
import { diversityStrategy } from '../../src/core/selection/diversity.ts';
import type { EmbeddingMatrix } from '../../src/core/selection/embeddings.ts';
import { farthestFirst } from '../../src/core/selection/farthestFirst.ts';
import { hybridStrategy } from '../../src/core/selection/hybrid.ts';
import { kMeans } from '../../src/core/selection/kMeans.ts';
import { farthestItems, kMedoids } from '../../src/core/selection/kMedoids.ts';
import { firstRows, plainKernel, type RowSet } from '../../src/core/selection/kernel.ts';
import { poolVectors } from '../../src/core/selection/poolVectors.ts';
import { BatchBuilder } from '../../src/core/selection/batchBuilder.ts';
import { classDistances, ppalStrategy } from '../../src/core/selection/ppal.ts';
import { stratifiedStrategy } from '../../src/core/selection/stratified.ts';
import { context, found, ids, matrix, randomMatrix } from '../../src/core/selection/testing.ts';
import { typicality, typicalityStrategy } from '../../src/core/selection/typicality.ts';

const python = join(import.meta.dirname, '..', '..', '..', 'trainer', '.venv', 'bin', 'python');
const script = join(import.meta.dirname, 'selection.py');
const kernel = createSimdKernel() ?? plainKernel;

/** What numpy says of a case. */
function reference<T>(kind: string, input: Readonly<Record<string, unknown>>): T {
  const answer = execFileSync(python, [script], {
    input: JSON.stringify([{ kind, ...input }]),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return (JSON.parse(answer) as T[])[0] as T;
}

function vectorOf({ dimensions, vectors }: EmbeddingMatrix, row: number): number[] {
  return [...vectors.subarray(row * dimensions, (row + 1) * dimensions)];
}

function vectorsOf(given: EmbeddingMatrix, from: number, to: number): number[][] {
  return Array.from({ length: to - from }, (_, i) => vectorOf(given, from + i));
}

function allRows({ dimensions, vectors, imageIds }: EmbeddingMatrix): RowSet {
  return { dimensions, vectors, rows: firstRows(imageIds.length) };
}

function randomCandidates(count: number, random: Random): Candidate[] {
  return Array.from({ length: count }, (_, i) =>
    found(i, random(), { expectedByClass: [0, 1, 2, 3].map((c) => (random() < 0.4 ? random() * (4 - c) : 0)) }),
  );
}

const expectedSum = ({ expectedByClass = [] }: Candidate): number =>
  expectedByClass.reduce((sum, count) => sum + count, 0);
const expectedOf = (pool: readonly Candidate[]): unknown[] => pool.map(({ expectedByClass }) => expectedByClass);
const scoresOf = (pool: readonly Candidate[]): unknown[] => pool.map(({ scores }) => scores['combined']);

const isHere = existsSync(python);
if (!isHere) console.warn('The selection references were left out: the trainer has no Python environment.');

// On a person's machine the environment may be missing; where everything is set up it must not be.
test.runIf(process.env['CI'] !== undefined)('the references are there', () => {
  expect(isHere, `${python} is missing: npm run setup makes it`).toBe(true);
});

describe.skipIf(!isHere)('against numpy', () => {
  test.each([
    [40, 0],
    [40, 60],
    [3, 200],
  ])('k-center takes the same images in the same order: %i dimensions, %i labelled', (dimensions, labelled) => {
    const all = randomMatrix(900, dimensions, 12, 7 + labelled);
    const split = 900 - labelled;
    const expected = reference<{ order: number[] }>('k-center', {
      points: vectorsOf(all, 0, split),
      references: vectorsOf(all, split, 900),
      first: 17,
      count: 300,
    });
    const points = { ...allRows(all), rows: firstRows(split) };
    const references = Int32Array.from({ length: labelled }, (_, i) => split + i);
    const order: number[] = [];
    for (const { position } of farthestFirst({ kernel, points, references, first: 17 })) {
      order.push(position);
      if (order.length === 300) break;
    }
    expect(order).toEqual(expected.order);
  });

  test('the strategy diversity is k-center with the labelled set as centres', () => {
    const all = randomMatrix(400, 24, 9, 3);
    const labelled = Array.from({ length: 50 }, (_, i) => 350 + i);
    const pool = candidateTable(Array.from({ length: 350 }, (_, i) => found(i, 0.5)));
    const given = context(40, { embeddings: all, labelled: { imageIds: labelled, boxesByClass: [] } });
    const expected = reference<{ order: number[] }>('k-center', {
      points: vectorsOf(all, 0, 350),
      references: vectorsOf(all, 350, 400),
      count: 40,
    });
    expect(ids(diversityStrategy.select(pool, given))).toEqual(expected.order);
  });

  test('k-means reaches the objective of the best of many starts', () => {
    const points = randomMatrix(600, 16, 25, 11);
    const ratios = [1, 2, 3, 4, 5].map((seed) => {
      const { centres, assignment, inertia } = kMeans(kernel, allRows(points), 20, createRandom(seed));
      const judged = reference<{ inertia: number; isNearest: boolean; best: number }>('k-means', {
        points: vectorsOf(points, 0, 600),
        centres: Array.from({ length: 20 }, (_, k) => [...centres.subarray(k * 16, (k + 1) * 16)]),
        assignment: [...assignment],
        starts: 20,
      });
      expect(judged.isNearest).toBe(true);
      expect(inertia / judged.inertia).toBeCloseTo(1, 4);
      return inertia / judged.best;
    });
    expect(Math.max(...ratios)).toBeLessThan(1.05);
    expect(Math.min(...ratios)).toBeLessThan(1.01);
  });

  test.each([2, 5, 39, 300])('typicality of %i points', (count) => {
    const points = randomMatrix(count, 12, 4, count);
    const expected = reference<{ values: number[] }>('typicality', { points: vectorsOf(points, 0, count) });
    const values = typicality(kernel, allRows(points));
    for (const [i, value] of expected.values.entries()) expect((values[i] ?? 0) / value).toBeCloseTo(1, 3);
  });

  test('typicality walks the clusters as TypiClust does', () => {
    // Clusters so far apart that k-means has no choice: nine of them, of different sizes, on the axes.
    const random = createRandom(4);
    const sizes = [60, 52, 47, 41, 33, 29, 21, 14, 9];
    const clusters = sizes.flatMap((size, cluster) => Array.from({ length: size }, () => cluster));
    const points = matrix(
      Object.fromEntries(
        clusters.map((cluster, i) => [i, sizes.map((_, axis) => (axis === cluster ? 1 : 0) + 0.06 * (random() - 0.5))]),
      ),
    );
    // One label each in two clusters, and one cluster with two: 4 labels and 5 places make 9 clusters.
    const labelled = [5, 20, 130, 215];
    const pool = [...clusters.keys()].filter((i) => !labelled.includes(i));
    const given = context(5, { embeddings: points, labelled: { imageIds: labelled, boxesByClass: [4] } });
    const result = typicalityStrategy.select(candidateTable(pool.map((i) => found(i, 0.5))), given);
    const expected = reference<{ order: number[] }>('typiclust', {
      points: vectorsOf(points, 0, clusters.length),
      clusters,
      labelled: clusters.map((_, i) => labelled.includes(i)),
      count: 5,
    });
    expect(ids(result)).toEqual(expected.order);
    expect(result.chosen[0]?.reasons).toEqual(['most typical of its cluster', 'stands for a cluster of 52 images']);
  });

  test('class-conditional distances, and k-medoids on them', () => {
    const pool = randomCandidates(160, createRandom(21));
    const embeddings = randomMatrix(160, 20, 10, 22);
    const table = candidateTable(pool);
    const vectors = poolVectors(table, context(20, { embeddings, kernel }));
    const distances = classDistances(table, vectors, [...pool.keys()]);
    const expected = reference<{ distances: number[] }>('class-distances', {
      points: vectorsOf(embeddings, 0, 160),
      expected: expectedOf(pool),
    });
    for (const [i, distance] of expected.distances.entries()) expect(distances[i]).toBeCloseTo(distance, 4);
    const start = farthestItems(distances, 160, 20, 33);
    const { medoids, cost } = kMedoids(distances, 160, start);
    const same = reference<{ medoids: number[]; cost: number }>('k-medoids', {
      distances: [...distances],
      n: 160,
      start,
    });
    expect(medoids).toEqual(same.medoids);
    expect(cost).toBeCloseTo(same.cost, 3);
  });

  test.each([1, 2, 3])('the greedy pass of hybrid, seed %i', (seed) => {
    const random = createRandom(seed);
    const pool = randomCandidates(900, random).map((candidate) =>
      random() < 0.2 ? { ...candidate, scores: {}, hasDetections: false, expectedByClass: [] } : candidate,
    );
    const embeddings = randomMatrix(1000, 32, 15, seed);
    const labelled = Array.from({ length: 100 }, (_, i) => 900 + i);
    const boxesByClass = [300, 40, 9, 0];
    const given = context(40, { embeddings, labelled: { imageIds: labelled, boxesByClass }, kernel, random });
    const { chosen } = hybridStrategy.select(candidateTable(pool), given);
    const ranked = chosen.filter(({ part }) => part === 'ranked').map(({ imageId }) => imageId);
    const taken = chosen.filter(({ part }) => part !== 'ranked').map(({ imageId }) => imageId);
    expect([ranked.length, taken.length]).toEqual([28, 12]);
    const expected = reference<{ order: number[] }>('hybrid', {
      points: vectorsOf(embeddings, 0, 900),
      labelledPoints: vectorsOf(embeddings, 900, 1000),
      scores: pool.map(({ scores }) => scores['combined'] ?? 0),
      hasDetections: pool.map(({ hasDetections }) => hasDetections),
      expected: pool.map(({ hasDetections, expectedByClass }) => (hasDetections ? expectedByClass : [0, 0, 0, 0])),
      boxesByClass,
      taken,
      batch: 40,
      places: 28,
    });
    expect(ranked).toEqual(expected.order);
  });

  test.each([1, 2])('stratified, seed %i', (seed) => {
    const random = createRandom(seed);
    const pool = randomCandidates(300, random).map((candidate): Candidate =>
      random() < 0.2 || expectedSum(candidate) === 0
        ? { ...candidate, scores: {}, hasDetections: false, expectedByClass: [0, 0, 0, 0], bestScore: random() / 20 }
        : candidate,
    );
    const expected = reference<{ order: number[] }>('stratified', {
      scores: pool.map(({ scores }) => scores['combined'] ?? 0),
      bestScores: pool.map(({ bestScore }) => bestScore),
      hasDetections: pool.map(({ hasDetections }) => hasDetections),
      expected: pool.map(({ expectedByClass }) => expectedByClass?.map(Math.fround)),
      places: 40,
    });
    expect(ids(stratifiedStrategy.select(candidateTable(pool), context(40)))).toEqual(expected.order);
  });

  test('cluster takes the most uncertain of the inner half of each', () => {
    // Clusters so far apart that k-means has no choice.
    const random = createRandom(9);
    const sizes = [41, 33, 29, 21, 14, 9, 5];
    const clusters = sizes.flatMap((size, cluster) => Array.from({ length: size }, () => cluster));
    const points = matrix(
      Object.fromEntries(
        clusters.map((cluster, i) => [i, sizes.map((_, axis) => (axis === cluster ? 1 : 0) + 0.1 * (random() - 0.5))]),
      ),
    );
    const pool = clusters.map((_, i) => found(i, random()));
    const expected = reference<{ order: number[] }>('one-of-each', {
      points: vectorsOf(points, 0, clusters.length),
      clusters,
      scores: scoresOf(pool),
    });
    const given = context(sizes.length, { embeddings: points, kernel });
    expect(ids(clusterStrategy.select(candidateTable(pool), given))).toEqual(expected.order);
  });

  test.each([1, 2])('PPAL as a whole, with scenes of several frames, seed %i', (seed) => {
    const random = createRandom(seed);
    const pool = randomCandidates(240, random).map((candidate): Candidate => {
      const none = random() < 0.1;
      const scores = none ? {} : { 'class-difficulty': random() };
      return { ...candidate, scores, hasDetections: !none, ...(none ? { expectedByClass: [0, 0, 0, 0] } : {}) };
    });
    const scenes = pool.map(({ imageId }) => Math.floor(imageId / 3));
    const nearDuplicates = [...new Set(scenes)].map((scene) => [3 * scene, 3 * scene + 1, 3 * scene + 2]);
    const embeddings = randomMatrix(240, 16, 12, seed);
    const more = { embeddings, nearDuplicates, kernel, zeroDetectionShare: 0 };
    const expected = reference<{ shortlist: number[]; order: number[] }>('ppal', {
      points: vectorsOf(embeddings, 0, 240),
      expected: expectedOf(pool),
      scores: pool.map(({ scores }) => scores['class-difficulty'] ?? -1),
      hasDetections: pool.map(({ hasDetections }) => hasDetections),
      scenes,
      draw: createRandom(seed)(),
      places: 15,
    });
    const table = candidateTable(pool);
    const picker = new BatchBuilder(table, context(15, more));
    const scores = table.scores['class-difficulty'] ?? new Float64Array();
    const shortlist = picker.topScenes(scores, 60, (index) => table.hasDetections[index] === 1);
    expect(shortlist).toEqual(expected.shortlist);
    expect(ids(ppalStrategy.select(table, context(15, { ...more, random: createRandom(seed) })))).toEqual(
      expected.order,
    );
  });

  test('class-balanced', () => {
    const pool = randomCandidates(300, createRandom(5));
    const boxesByClass = [120, 30, 6, 1];
    const given = context(40, { labelled: { imageIds: [], boxesByClass } });
    const expected = reference<{ order: number[] }>('class-balanced', {
      scores: scoresOf(pool),
      // Counts are kept as 32-bit floats.
      expected: pool.map(({ expectedByClass }) => expectedByClass?.map(Math.fround)),
      boxesByClass,
      places: 40,
    });
    expect(ids(classBalancedStrategy.select(candidateTable(pool), given))).toEqual(expected.order);
  });
});
