import * as fc from 'fast-check';
import { createRandom } from '../random.ts';
import type { Candidate } from './candidates.ts';
import type { EmbeddingMatrix } from './embeddings.ts';
import type { SelectionContext, SelectionResult } from './strategy.ts';

export const found = (imageId: number, combined: number, more: Partial<Candidate> = {}): Candidate => ({
  imageId,
  scores: { combined },
  hasDetections: true,
  bestScore: 0.5,
  ...more,
});
export const empty = (imageId: number, bestScore: number): Candidate => ({
  imageId,
  scores: {},
  hasDetections: false,
  bestScore,
});
export const context = (batchSize: number, more: Partial<SelectionContext> = {}): SelectionContext => ({
  batchSize,
  minUncertainty: 0.3,
  random: createRandom(1),
  ...more,
});
export const ids = (result: SelectionResult): number[] => result.chosen.map(({ imageId }) => imageId);

/** Rows of unit length from vectors by image id. */
export function matrix(vectors: Readonly<Record<number, readonly number[]>>): EmbeddingMatrix {
  const entries = Object.entries(vectors).map(([id, vector]) => [Number(id), vector] as const);
  entries.sort(([a], [b]) => a - b);
  const dimensions = entries[0]?.[1].length ?? 1;
  const flat = entries.flatMap(([, vector]) => {
    const length = Math.hypot(...vector);
    return vector.map((value) => (length > 0 ? value / length : 0));
  });
  return { dimensions, imageIds: Float64Array.from(entries, ([id]) => id), vectors: Float32Array.from(flat) };
}

/** `count` vectors around `centres` centres, by image id from `firstId`. */
export function randomMatrix(count: number, dimensions: number, centres: number, seed: number): EmbeddingMatrix {
  const random = createRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const vector = (): number[] => Array.from({ length: dimensions }, normal);
  const middles = Array.from({ length: centres }, vector);
  return matrix(
    Object.fromEntries(
      Array.from({ length: count }, (_, id) => {
        const middle = middles[Math.floor(random() * centres)] ?? [];
        return [id, vector().map((value, i) => 0.5 * value + (middle[i] ?? 0))] as const;
      }),
    ),
  );
}

/** A realistic pool: frequent ties, and images without score, detection or vector, or with near duplicates. */
export const anyPool = fc
  .record({
    images: fc.array(
      fc.record({
        score: fc.integer({ min: 0, max: 10 }),
        hasDetections: fc.boolean(),
        scored: fc.integer({ min: 0, max: 9 }),
        expected: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
        vector: fc.option(fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: -3, max: 3 })))),
        group: fc.integer({ min: 0, max: 12 }),
        labelled: fc.integer({ min: 0, max: 4 }),
      }),
      { maxLength: 60 },
    ),
    known: fc.record({ vectors: fc.boolean(), groups: fc.boolean(), labels: fc.boolean() }),
  })
  .map(({ images, known }) => {
    const all = images.map((image, imageId) => ({ ...image, imageId }));
    const isLabelled = ({ labelled }: { labelled: number }): boolean => known.labels && labelled === 0;
    const pool = all
      .filter((image) => !isLabelled(image))
      .map(({ imageId, hasDetections, score, scored, expected }): Candidate => {
        if (!hasDetections) return empty(imageId, score / 250);
        const scores = scored === 0 ? {} : { combined: score / 10, 'class-difficulty': score / 20 };
        return found(imageId, 0, { scores, ...(expected.length > 0 ? { expectedByClass: expected } : {}) });
      });
    const vectors = Object.fromEntries(
      all.flatMap(({ imageId, vector }) => (vector === null ? [] : [[imageId, vector] as const])),
    );
    const groups = new Map<number, number[]>();
    for (const { group, imageId } of all) groups.set(group, [...(groups.get(group) ?? []), imageId]);
    const more: Partial<SelectionContext> = {
      ...(known.vectors && Object.keys(vectors).length > 0 ? { embeddings: matrix(vectors) } : {}),
      ...(known.labels
        ? { labelled: { imageIds: all.filter(isLabelled).map(({ imageId }) => imageId), boxesByClass: [9, 3, 0, 1] } }
        : {}),
      // Group 0 contains images without near duplicates.
      ...(known.groups
        ? {
            nearDuplicates: [...groups.entries()].filter(([group]) => group > 0).map(([, members]) => members),
          }
        : {}),
    };
    return { pool, more };
  });
