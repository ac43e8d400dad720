import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HashedImages } from '../../core/duplicates/hashedImages.ts';
import { candidateTable } from '../../core/selection/candidates.ts';
import { strategies } from '../../core/selection/registry.ts';
import { empty, found, randomMatrix } from '../../core/selection/testing.ts';
import type { NearDuplicateRequest, SelectionRequest } from '../../workflow/ports/selector.ts';
import { createSelector } from './createSelector.ts';
import { runNearDuplicates } from './runNearDuplicates.ts';
import { runSelection } from './runSelection.ts';

const selector = createSelector({ threadPath: join(import.meta.dirname, 'thread.ts') });

function request(strategy: string): SelectionRequest {
  const pool = candidateTable(
    Array.from({ length: 120 }, (_, i) =>
      i % 7 === 0 ? empty(i, i / 1000) : found(i, (i % 13) / 13, { expectedByClass: [i % 3, (i % 5) / 4] }),
    ),
  );
  return {
    strategy,
    pool,
    seed: 5,
    context: {
      batchSize: 12,
      minUncertainty: 0.3,
      embeddings: randomMatrix(140, 16, 6, 1),
      labelled: { imageIds: [120, 125, 130, 139], boxesByClass: [8, 1] },
      nearDuplicates: [
        [3, 4],
        [5, 120],
      ],
      heldOut: [1000],
    },
  };
}

test('the thread selects the same images as the calling thread', async () => {
  for (const { id } of strategies) {
    const there = await selector.select(request(id));
    expect(there.chosen).toHaveLength(12);
    expect(there).toEqual(runSelection(request(id)));
  }
});

test('errors of the thread keep their code and hint', async () => {
  await expect(selector.select(request('best'))).rejects.toMatchObject({
    name: 'SelectionError',
    code: 'unknown-strategy',
    hint: expect.stringContaining('hybrid') as string,
  });
});

test('can be cancelled before and during a run', async () => {
  await expect(selector.select(request('random'), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  const abort = new AbortController();
  const running = selector.select(request('hybrid'), abort.signal);
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
});

test('a thread that cannot start is reported', async () => {
  const broken = createSelector({ threadPath: join(import.meta.dirname, 'missing.ts') });
  await expect(broken.select(request('random'))).rejects.toMatchObject({ code: 'thread-died' });
});

function pictures(): NearDuplicateRequest {
  const all = new HashedImages();
  const files = ['aa', 'bb', 'cc', 'aa', 'bb', 'bb'];
  for (const [imageId, file] of files.entries()) all.add({ imageId, contentHash: file.repeat(32), hash: null });
  return { pictures: all.columns, held: 1, embeddings: null };
}

test('the thread finds the same near duplicates as the calling thread', async () => {
  const there = await selector.nearDuplicates(pictures());
  expect(there).toEqual(runNearDuplicates(pictures()));
  expect(there.groups.map(({ first, others }) => [first, ...others.map(({ imageId }) => imageId)])).toEqual([
    [0, 3],
    [1, 4, 5],
  ]);
  // The first image is held out, so training on its near duplicates would leak it.
  expect(there.leaks.map(({ of, image }) => [of, image.imageId])).toEqual([[0, 3]]);
});

test('a comparison can be cancelled', async () => {
  await expect(selector.nearDuplicates(pictures(), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});
