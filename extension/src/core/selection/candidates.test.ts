import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { candidateTable, CandidateTableBuilder, type Candidate } from './candidates.ts';
import { rowsOf } from './embeddings.ts';
import { found, matrix } from './testing.ts';

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
