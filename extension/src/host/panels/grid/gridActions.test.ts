import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allImages, datasetOf, namesOf, newestIteration, openGrid } from '../../../../test/support/gridFixture.ts';
import {
  createBatchFixture,
  createTrainedFixture,
  useFixtures,
  type ReviewFixture,
} from '../../../../test/support/panelFixture.ts';
import { rescanDataset } from '../../../workflow/dataset/datasets.ts';

useFixtures();

/** With one sample in the batch, so that two images of the pool are no samples. */
async function withSmallBatch(): Promise<ReviewFixture> {
  const fixture = await createBatchFixture();
  const { samples } = fixture.ports.store;
  const { id } = await newestIteration(fixture);
  await samples.replaceBatch(id, (await samples.list(id)).slice(0, 1));
  return fixture;
}

describe('actions on many images', () => {
  test('give a verdict to samples and other images of the pool, and one undo takes all back', async () => {
    const fixture = await withSmallBatch();
    const { page, events, answers, cells } = openGrid(fixture);
    const { token, total } = await page.request('grid/query', { ...allImages, order: { kind: 'path' } });
    const places = [[0, total - 1]] as const;
    const report = await page.request('grid/judge', { token, places, verdict: 'rejected-background' });
    expect(report).toEqual({ kind: 'judged', done: 3, leftOut: { judged: 5 }, failure: null });
    for (const name of ['unsure', 'sure', 'empty']) expect(await fixture.labelText(name)).toBe('');
    expect(answers.questions).toEqual([]);
    expect([answers.changes, events.at(-1)?.[0]]).toEqual([1, 'grid/state']);
    expect(events.at(-1)?.[1]).toMatchObject({ undoable: 3, isOpen: true });
    expect(namesOf(await cells({ source: 'pool' }))).toEqual([]);
    expect(await page.request('grid/undo', null)).toEqual({ kind: 'undone', done: 3, leftOut: {}, failure: null });
    for (const name of ['unsure', 'sure', 'empty']) expect(await fixture.labelText(name)).toBeNull();
    expect(namesOf(await cells({ source: 'pool' }))).toHaveLength(3);
    expect(await fixture.labelText('a')).not.toBe('');
    await expect(page.request('grid/undo', null)).rejects.toMatchObject({ code: 'nothing-to-undo' });
  });

  test('accept the boxes that are shown, and never label an image as background by that', async () => {
    const fixture = await createTrainedFixture();
    const { page } = openGrid(fixture);
    const { token } = await page.request('grid/query', { ...allImages, source: 'pool' });
    // empty, sure, unsure
    const report = await page.request('grid/judge', { token, places: [[0, 2]], verdict: 'accepted' });
    expect(report).toMatchObject({ done: 2, leftOut: { 'no-boxes': 1 } });
    expect(await fixture.labelText('sure')).toMatch(/^0 0\.1875/);
    expect(await fixture.labelText('empty')).toBeNull();
  });

  test('add images of the pool to the batch once', async () => {
    const fixture = await withSmallBatch();
    const { page, cells } = openGrid(fixture);
    const { token } = await page.request('grid/query', allImages);
    const places = [[0, 7]] as const;
    expect(await page.request('grid/queue', { token, places })).toMatchObject({ done: 2, leftOut: { 'not-open': 6 } });
    expect(namesOf(await cells({ source: 'batch', order: { kind: 'source' } }))).toEqual([
      'unsure.png',
      'empty.png',
      'sure.png',
    ]);
    const added = (await fixture.ports.store.samples.list((await newestIteration(fixture)).id)).at(-1);
    expect(added?.reasons).toEqual(['chosen by hand']);
    const again = await page.request('grid/query', allImages);
    expect((await page.request('grid/queue', { token: again.token, places })).done).toBe(0);
    await fixture.ports.store.iterations.update((await newestIteration(fixture)).id, { status: 'completed' });
    await expect(page.request('grid/queue', { token: again.token, places })).rejects.toMatchObject({
      code: 'wrong-step',
    });
  });

  test('are asked about above 20 images, and refused if the sessions are locked', async () => {
    const fixture = await createBatchFixture();
    const images = await fixture.ports.store.images.find({ datasetId: await datasetOf(fixture) });
    const repeated = [...images, ...images, ...images].map(({ id }) => id);
    const { page, answers } = openGrid(fixture);
    const { token } = await page.request('grid/query', allImages);
    expect(repeated).toHaveLength(24);
    answers.confirms = false;
    const judged = page.request('grid/judge', {
      token,
      places: [
        [0, 7],
        [0, 7],
        [0, 7],
      ],
      verdict: 'rejected-later',
    });
    await expect(judged).rejects.toMatchObject({ code: 'cancelled' });
    expect(answers.questions).toEqual(['Leave 24 images for later? Images with a verdict stay as they are.']);
    answers.lockReason = 'Read-only.';
    const locked = expect.objectContaining({ code: 'not-now', message: 'Read-only.' });
    await expect(page.request('grid/judge', { token, places: [[5, 7]], verdict: 'accepted' })).rejects.toEqual(locked);
    await expect(page.request('grid/queue', { token, places: [[5, 7]] })).rejects.toEqual(locked);
    await expect(page.request('grid/undo', null)).rejects.toEqual(locked);
    const [first] = images;
    const like = { ...allImages, source: 'duplicates' as const, like: first?.id ?? 0 };
    await expect(page.request('grid/query', like)).rejects.toEqual(locked);
    expect(await fixture.ports.store.images.find({ datasetId: await datasetOf(fixture), states: ['later'] })).toEqual(
      [],
    );
  });

  test('find the near duplicates of an image', async () => {
    const fixture = await createBatchFixture();
    const twin = join(dirname(fixture.yaml), 'images', 'train', 'copy.png');
    await copyFile(join(dirname(fixture.yaml), 'images', 'train', 'unsure.png'), twin);
    await rescanDataset(fixture.ports, await datasetOf(fixture));
    const { cells } = openGrid(fixture);
    const pool = await cells({ source: 'pool' });
    const like = pool.find((cell) => cell?.name === 'unsure.png')?.imageId ?? 0;
    const shown = await cells({ source: 'duplicates', like, order: { kind: 'source' } });
    expect(namesOf(shown).toSorted()).toEqual(['copy.png', 'unsure.png']);
  });
});
