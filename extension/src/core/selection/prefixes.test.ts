import { describe, expect, test } from 'vitest';
import { createRandom, shuffled } from '../random.ts';
import { candidateTable, type Candidate } from './candidates.ts';
import { clusterStrategy } from './cluster.ts';
import type { EmbeddingMatrix } from './embeddings.ts';
import { hybridStrategy } from './hybrid.ts';
import { ppalStrategy } from './ppal.ts';
import type { SelectionContext, Strategy } from './strategy.ts';
import { context, found, ids, randomMatrix } from './testing.ts';
import { typicalityStrategy } from './typicality.ts';

/*
 * A review may stop anywhere, so that every prefix of a batch should be worth more than as many images of it in any
 * order. Worth is what a strategy is after; a curve over all prefixes is compared with those of shuffles of the same batch.
 */

const BATCH = 20;
const POOL = 400;
const LABELLED = 20;
const SHUFFLES = 100;

interface Case {
  readonly pool: readonly Candidate[];
  readonly cosines: Float64Array;
  readonly given: SelectionContext;
}

function caseOf(seed: number): Case {
  const random = createRandom(seed);
  const embeddings = randomMatrix(POOL + LABELLED, 12, 15, seed);
  const pool = Array.from({ length: POOL }, (_, id) => {
    const score = random();
    const expectedByClass = [random() * 2, random() < 0.3 ? random() : 0, random() < 0.1 ? random() : 0];
    return found(id, score, { scores: { combined: score, 'class-difficulty': score }, expectedByClass });
  });
  const labelled = { imageIds: Array.from({ length: LABELLED }, (_, i) => POOL + i), boxesByClass: [60, 20, 5] };
  return {
    pool,
    cosines: cosinesOf(embeddings),
    given: context(BATCH, { embeddings, labelled, random: createRandom(seed) }),
  };
}

/** Row by row, every image with every other. */
function cosinesOf({ dimensions, vectors, imageIds }: EmbeddingMatrix): Float64Array {
  const n = imageIds.length;
  const cosines = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      for (let d = 0; d < dimensions; d++) {
        const product = (vectors[a * dimensions + d] ?? 0) * (vectors[b * dimensions + d] ?? 0);
        cosines[a * n + b] = (cosines[a * n + b] ?? 0) + product;
      }
    }
  }
  return cosines;
}

const known = Array.from({ length: LABELLED }, (_, i) => POOL + i);

function highest({ cosines }: Case, id: number, centres: readonly number[]): number {
  let best = -1;
  for (const centre of centres) best = Math.max(best, cosines[id * (POOL + LABELLED) + centre] ?? -1);
  return best;
}

/** How near the pool is to what is chosen or labelled, on average: what a batch should raise. */
function coverage(its: Case, chosen: readonly number[], labelled = true): number {
  const centres = labelled ? [...chosen, ...known] : chosen;
  let sum = 0;
  for (let id = 0; id < POOL; id++) sum += highest(its, id, centres);
  return sum / POOL;
}

/** Uncertainty of the images, each reduced by how near it is to labels and to those before it. */
function newUncertainty(its: Case, chosen: readonly number[]): number {
  let sum = 0;
  for (const [place, id] of chosen.entries()) {
    const nearest = highest(its, id, [...chosen.slice(0, place), ...known]);
    sum += (its.pool[id]?.scores['combined'] ?? 0) * (1 - nearest);
  }
  return sum;
}

/** Mean worth over the prefixes of 1 to `BATCH` - 1 images, and of each quarter alone. */
function curve(order: readonly number[], worth: (chosen: readonly number[]) => number): number[] {
  const values = Array.from({ length: BATCH - 1 }, (_, i) => worth(order.slice(0, i + 1)));
  return [values.reduce((sum, value) => sum + value, 0), values[4] ?? 0, values[9] ?? 0, values[14] ?? 0];
}

/** Of the shuffles of a batch, the part that is worth less: over all prefixes, and at a quarter, a half and three quarters. */
function beaten(order: readonly number[], worth: (chosen: readonly number[]) => number, seed: number): number[] {
  const own = curve(order, worth);
  const random = createRandom(seed);
  const wins = own.map(() => 0);
  for (let i = 0; i < SHUFFLES; i++) {
    for (const [k, value] of curve(shuffled(order, random), worth).entries()) {
      if (value < (own[k] ?? 0)) wins[k] = (wins[k] ?? 0) + 1;
    }
  }
  return wins.map((count) => count / SHUFFLES);
}

type Worth = (its: Case, chosen: readonly number[]) => number;

describe('every prefix of a batch is worth more than as many of its images in any order', () => {
  test.each<{ strategy: Strategy; what: string; worth: Worth }>([
    { strategy: hybridStrategy, what: 'new uncertainty', worth: newUncertainty },
    { strategy: clusterStrategy, what: 'coverage of the pool', worth: (its, chosen) => coverage(its, chosen, false) },
    { strategy: typicalityStrategy, what: 'coverage of the pool', worth: coverage },
    { strategy: ppalStrategy, what: 'coverage of the pool', worth: (its, chosen) => coverage(its, chosen, false) },
  ])('$strategy.id, by $what', ({ strategy, worth }) => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const sums = [0, 0, 0, 0];
    for (const seed of seeds) {
      const its = caseOf(seed);
      const order = ids(strategy.select(candidateTable(its.pool), its.given));
      expect(order).toHaveLength(BATCH);
      for (const [k, part] of beaten(order, (chosen) => worth(its, chosen), seed).entries()) {
        sums[k] = (sums[k] ?? 0) + part / seeds.length;
      }
    }
    for (const part of sums) expect(part).toBeGreaterThan(0.6);
  });
});
