import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { rowOf } from '../../../../test/support/fakePorts.ts';
import { createBatchFixture, openReview, unsure, useFixtures } from '../../../../test/support/panelFixture.ts';
import { acceptConfidentOperation, undoOperation } from '../../../workflow/operations/reviewOperations.ts';

useFixtures();

test('offers the open samples that show boxes, with exactly these, the least sure first', async () => {
  const { page } = openReview(await createBatchFixture());
  const { state } = await page.request('review/ready', null);
  const [unsureId = 0, sureId = 0] = state.queue.map(({ sampleId }) => sampleId);
  const offered = await page.request('review/confident', null);
  expect(offered.map(({ sampleId, kept }) => ({ sampleId, kept }))).toEqual([
    { sampleId: unsureId, kept: [0] },
    { sampleId: sureId, kept: [0] },
  ]);
  expect(offered[0]?.lowest).toBeCloseTo(128 / 255);
  // A box below the threshold of the batch is not shown.
  await page.request('review/threshold', { chosen: 0.6 });
  expect((await page.request('review/confident', null)).map(({ sampleId }) => sampleId)).toEqual([sureId]);
});

test('leaves out samples with a verdict, edits or labels', async () => {
  const fixture = await createBatchFixture();
  const { page } = openReview(fixture);
  const { state } = await page.request('review/ready', null);
  const [unsureId = 0, sureId = 0] = state.queue.map(({ sampleId }) => sampleId);
  const offered = async (): Promise<number[]> =>
    (await page.request('review/confident', null)).map(({ sampleId }) => sampleId);
  const draft = { basis: '[null,null]', history: '{}', edited: true };
  await page.request('review/draft', { sampleId: unsureId, draft });
  expect(await offered()).toEqual([sureId]);
  await page.request('review/submit', {
    sampleId: sureId,
    decision: { verdict: 'skipped' },
    reviewSeconds: 1,
    overwrite: false,
  });
  expect(await offered()).toEqual([]);
  await page.request('review/draft', { sampleId: unsureId, draft: null });
  expect(await offered()).toEqual([unsureId]);
  await writeFile(fixture.labelPath('unsure'), '0 0.5 0.5 0.1 0.1\n');
  await page.request('review/open', { sampleId: unsureId, rescan: true });
  expect(await offered()).toEqual([]);
});

test('writes exactly the boxes that were shown, moves on, and one undo and one redo act on all', async () => {
  const fixture = await createBatchFixture();
  const { page, asked } = openReview(fixture);
  const { state } = await page.request('review/ready', null);
  const [unsureId = 0, sureId = 0, emptyId] = state.queue.map(({ sampleId }) => sampleId);
  const samples = [
    { sampleId: unsureId, kept: [0] },
    { sampleId: sureId, kept: [0] },
  ];
  const done = await page.request('review/accept-many', { samples, secondsEach: 0.5 });
  expect(done.outcome).toEqual({ accepted: 2, leftOut: 0, failed: null });
  expect(done.state.queue.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted', null]);
  expect(done.state.current?.sampleId).toBe(emptyId);
  expect(done.state.undo).toMatchObject({ verdict: 'accepted', count: 2 });
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
  await new Promise((resolve) => setTimeout(resolve));
  expect(asked).toEqual(['judged']);
  const again = await page.request('review/accept-many', { samples, secondsEach: 0.5 });
  expect(again.outcome).toEqual({ accepted: 0, leftOut: 2, failed: null });

  const undone = await page.request('review/undo', { overwrite: false });
  expect(undone.queue.map(({ verdict }) => verdict)).toEqual([null, null, null]);
  expect(undone).toMatchObject({ undo: null, redo: { verdict: 'accepted', count: 2 } });
  expect(await fixture.labelText('unsure')).toBeNull();
  const redone = await page.request('review/redo', { overwrite: false });
  expect(redone.queue.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted', null]);
});

test('writes nothing while the review is locked', async () => {
  const fixture = await createBatchFixture();
  const { page } = openReview(fixture, { lockReason: () => 'Not now.' });
  const { state } = await page.request('review/ready', null);
  const samples = [{ sampleId: state.queue[0]?.sampleId ?? 0, kept: [0] }];
  await expect(page.request('review/accept-many', { samples, secondsEach: 1 })).rejects.toThrow('Not now.');
  expect(await fixture.labelText('unsure')).toBeNull();
});

test('the command line accepts from a confidence on, and undoes it at once', async () => {
  const { ports, sessionId, labelText } = await createBatchFixture();
  const input = { session: sessionId };
  const some = await acceptConfidentOperation.run(ports, { ...input, from: 0.9 }, {});
  expect(some).toMatchObject({ accepted: [expect.any(Number)], failed: 0, open: 2 });
  expect(await labelText('unsure')).toBeNull();
  await undoOperation.run(ports, input, {});
  const all = await acceptConfidentOperation.run(ports, { ...input, from: 0.3 }, {});
  expect(all).toMatchObject({ accepted: [expect.any(Number), expect.any(Number)], open: 1 });
  expect(await undoOperation.run(ports, input, {})).toMatchObject({ open: 3 });
});
