import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { rowOf } from '../../../../test/support/fakePorts.ts';
import {
  createReviewFixture,
  openReview,
  type ReviewFixture,
  type ReviewPage,
  unsure,
  useFixtures,
} from '../../../../test/support/panelFixture.ts';
import type { DecisionMessage, ReviewState } from '../../../protocol/review.ts';
import { sampleIdOfImage } from '../../../workflow/review/imageQueue.ts';
import type { ImageList } from '../../../workflow/review/imageVerdicts.ts';
import { identityFrom } from '../shell/panelIdentity.ts';

useFixtures();

async function listOf(fixture: ReviewFixture, ...names: string[]): Promise<ImageList> {
  const { store, system } = fixture.ports;
  const session = await store.sessions.get(fixture.sessionId);
  const rows = await store.images.find({ datasetId: session?.datasetId ?? 0 });
  const images = names.map((name) => rows.find(({ relativePath }) => relativePath.endsWith(`/${name}.png`))?.id ?? 0);
  const reasons = images.map(() => ['It disagrees with the model.']);
  return { title: 'Label errors', images, reasons, since: system.clock.now() };
}

/** Submits a verdict. @returns the state after it. */
async function submit({ page }: ReviewPage, sampleId: number, decision: DecisionMessage, overwrite = false) {
  await page.request('review/submit', { sampleId, decision, reviewSeconds: 1, overwrite });
  return (await page.request('review/ready', null)).state;
}

function currentOf({ current }: ReviewState): NonNullable<ReviewState['current']> {
  if (current === null) throw new Error('no image is open');
  return current;
}

test('opens images that are no samples, with their labels and the reason, and without a batch', async () => {
  const fixture = await createReviewFixture();
  const list = await listOf(fixture, 'b', 'unsure');
  const review = openReview(fixture, {}, { list });
  const { state } = await review.page.request('review/ready', null);
  expect(state).toMatchObject({ listTitle: 'Label errors', iterationId: null, editable: true, notice: null });
  expect(state.queue).toEqual(
    list.images.map((id) => ({ sampleId: sampleIdOfImage(id), verdict: null, seconds: null })),
  );
  expect(currentOf(state)).toMatchObject({
    path: 'images/train/b.png',
    labels: [{ classId: 0 }],
    reasons: ['It disagrees with the model.'],
  });
});

test('a repaired label is journalled, keeps the other rows, and undo brings its bytes back', async () => {
  const fixture = await createReviewFixture();
  const before = `${rowOf(unsure)}\n0 0.20000 0.2 0.1 0.1 # note\n`;
  await writeFile(fixture.labelPath('b'), before);
  const list = await listOf(fixture, 'b', 'c');
  const review = openReview(fixture, {}, { list });
  const { state } = await review.page.request('review/ready', null);
  const { sampleId, labels } = currentOf(state);
  const [, second] = labels ?? [];
  const decision = { verdict: 'corrected', boxes: second === undefined ? [] : [second] } as const;
  await expect(submit(review, sampleId, decision)).rejects.toMatchObject({ code: 'edited-outside' });
  const next = await submit(review, sampleId, decision, true);
  expect(await fixture.labelText('b')).toBe('0 0.20000 0.2 0.1 0.1 # note\n');
  expect(next.queue.map(({ verdict }) => verdict)).toEqual(['corrected', null]);
  expect(currentOf(next).path).toBe('images/train/c.png');
  expect(next.undo).not.toBeNull();
  const [imageId = 0] = list.images;
  const history = await fixture.ports.store.labelEvents.history(imageId);
  expect(history.at(-1)).toMatchObject({ cause: 'edit', sampleId: null, state: 'done' });
  const undone = await review.page.request('review/undo', { overwrite: false });
  expect(await fixture.labelText('b')).toBe(before);
  expect(undone.queue.map(({ verdict }) => verdict)).toEqual([null, null]);
  expect(undone.undo).toBeNull();
  const redone = await review.page.request('review/redo', { overwrite: false });
  expect(redone.current?.labels).not.toEqual(undone.current?.labels);
  expect(redone.redo).toBeNull();
  await review.page.request('review/undo', { overwrite: false });
});

test('labels that stay are accepted, and their file is not touched', async () => {
  const fixture = await createReviewFixture();
  const before = await fixture.labelText('a');
  const review = openReview(fixture, {}, { list: await listOf(fixture, 'a') });
  const { state } = await review.page.request('review/ready', null);
  const { sampleId, labels } = currentOf(state);
  const done = await submit(review, sampleId, { verdict: 'corrected', boxes: labels ?? [] });
  expect(done.queue).toEqual([{ sampleId, verdict: 'accepted', seconds: 1 }]);
  expect(done.notice).toBe('All 1 images are reviewed.');
  expect(await fixture.labelText('a')).toBe(before);
});

test('an image of the pool gets its first label, and a skip leaves a label alone', async () => {
  const fixture = await createReviewFixture();
  const labelOfD = await fixture.labelText('d');
  const review = openReview(fixture, {}, { list: await listOf(fixture, 'unsure', 'd') });
  const { state } = await review.page.request('review/ready', null);
  const box = { x1: 32, y1: 16, x2: 40, y2: 24, classId: 1 };
  const next = await submit(review, currentOf(state).sampleId, { verdict: 'corrected', boxes: [box] });
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
  const end = await submit(review, currentOf(next).sampleId, { verdict: 'skipped' });
  expect(end.queue.map(({ verdict }) => verdict)).toEqual(['corrected', 'skipped']);
  expect(await fixture.labelText('d')).toBe(labelOfD);
});

test('verdicts of an earlier list, or of another list, do not count', async () => {
  const fixture = await createReviewFixture();
  const review = openReview(fixture, {}, { list: await listOf(fixture, 'a') });
  const { state } = await review.page.request('review/ready', null);
  await submit(review, currentOf(state).sampleId, { verdict: 'corrected', boxes: currentOf(state).labels ?? [] });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const again = openReview(fixture, {}, { list: await listOf(fixture, 'a') });
  const { state: fresh } = await again.page.request('review/ready', null);
  expect(fresh.queue.map(({ verdict }) => verdict)).toEqual([null]);
  expect(fresh.undo).toBeNull();
});

test('a panel keeps its list over a reload, and refuses one that is not valid', () => {
  const list = { title: 'Label errors', images: [3, 7], reasons: [['a'], []], since: '2026-12-01T06:00:00.000Z' };
  const identity = { folder: 'file:///data', sessionId: 1, iterationId: null, list };
  expect(identityFrom({ identity })).toEqual(identity);
  expect(identityFrom({ identity: { ...identity, list: { ...list, images: [-3] } } })).toBeNull();
});
