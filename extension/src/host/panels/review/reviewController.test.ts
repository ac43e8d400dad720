import { readFile, unlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { rowOf } from '../../../../test/support/fakePorts.ts';
import type { DecisionMessage, ReviewState } from '../../../protocol/review.ts';
import { runIteration } from '../../../workflow/iteration/runIteration.ts';
import { encodeLabelText } from '../../../core/dataset/labelText.ts';
import { finishReview } from '../../../workflow/review/finishReview.ts';
import { submitVerdict } from '../../../workflow/review/verdicts.ts';
import {
  createReviewFixture,
  createBatchFixture,
  createTrainedFixture,
  openReview,
  unsure,
  type ReviewPage,
  useFixtures,
} from '../../../../test/support/panelFixture.ts';

useFixtures();

async function ready({ page }: ReviewPage): Promise<ReviewState> {
  return (await page.request('review/ready', null)).state;
}

/** Submits a verdict. @returns the state after it. */
async function submit(
  { page }: ReviewPage,
  sampleId: number,
  decision: DecisionMessage,
  overwrite = false,
): Promise<ReviewState> {
  await page.request('review/submit', { sampleId, decision, reviewSeconds: 2.5, overwrite });
  return (await page.request('review/ready', null)).state;
}

function idAt(state: ReviewState, place: number): number {
  const entry = state.queue[place];
  if (entry === undefined) throw new Error(`no sample at ${place}`);
  return entry.sampleId;
}

const accepted = { verdict: 'accepted', kept: [0], confirmBackground: false } as const;
const background: DecisionMessage = { verdict: 'rejected-background' };
const later: DecisionMessage = { verdict: 'rejected-later' };

test('shows the batch with boxes in pixels, titled scores, reasons and the next images', async () => {
  const fixture = await createTrainedFixture();
  const review = openReview(fixture);
  const { strings, state } = await review.page.request('review/ready', null);
  expect(strings).toEqual({ Accept: 'Annehmen' });
  expect(state).toMatchObject({
    sessionName: fixture.name,
    iterationNumber: 1,
    classNames: ['red', 'green', 'blue'],
    editable: true,
    undo: null,
    thresholds: { base: 0.25, classes: {}, chosen: null },
    notice: null,
  });
  expect(state.queue.map(({ verdict }) => verdict)).toEqual([null, null, null]);
  const { current } = state;
  expect(current).toMatchObject({
    path: 'images/train/unsure.png',
    width: 64,
    height: 64,
    labels: null,
    verdict: null,
  });
  expect(current?.imageUrl).toMatch(/^shown:.*\/images\/train\/unsure\.png$/);
  expect(current?.reasons.length).toBeGreaterThan(0);
  expect(current?.predictions).toHaveLength(1);
  const [prediction] = current?.predictions ?? [];
  expect(prediction?.classId).toBe(1);
  expect(prediction?.classScores?.[0]).toEqual({ classId: 1, score: prediction?.confidence });
  // The cell at column 4, row 2 of 8 pixels.
  expect(
    [prediction?.x1, prediction?.y1, prediction?.x2, prediction?.y2].map((value) => Math.round(value ?? 0)),
  ).toEqual([32, 16, 40, 24]);
  expect(current?.scores.slice(0, 4).map(({ id }) => id)).toEqual(['confidence', 'entropy', 'variance', 'combined']);
  expect(current?.scores.map(({ id }) => id)).toContain('decision-entropy');
  expect(current?.scores.every(({ title, description }) => title !== '' && description.length > 20)).toBe(true);
  expect(current?.scores[1]?.value).toBeCloseTo(1, 2);
  expect(current?.scores[1]?.reason).toBeNull();
  expect(current?.scores.filter(({ value }) => value === null).map(({ id, reason }) => [id, reason])).toEqual([
    ['flip', 'the image was not mirrored; that is a setting'],
    ['localisation', 'not available for this head'],
  ]);
});

test('a verdict is on disk before the reply, with the time it took, and the next sample opens', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const next = await submit(review, idAt(state, 0), accepted);
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
  const row = await fixture.ports.store.samples.get(idAt(state, 0));
  expect(row).toMatchObject({ verdict: 'accepted', reviewSeconds: 2.5 });
  expect(next.queue[0]?.verdict).toBe('accepted');
  expect(next.current?.sampleId).toBe(idAt(state, 1));
  expect(next.undo).not.toBeNull();
  expect(review.asked).toEqual(['judged']);
});

test('edits are stored when they arrive, come back with the sample, and go with the verdict', async () => {
  const fixture = await createBatchFixture();
  const first = openReview(fixture);
  const state = await ready(first);
  const [edited, other] = [idAt(state, 0), idAt(state, 1)];
  const draft = { basis: 'b', history: 'h', edited: true };
  // Not awaited: the messages of a page that is closed at once arrive in order.
  void first.page.request('review/draft', { sampleId: edited, draft: { ...draft, history: 'older' } });
  void first.page.request('review/draft', { sampleId: other, draft });
  void first.page.request('review/draft', { sampleId: other, draft: null });
  await first.page.request('review/draft', { sampleId: edited, draft });
  expect(first.asked).toEqual([]);

  const reloaded = openReview({ ...fixture, ports: await fixture.secondWindow() });
  const again = await ready(reloaded);
  expect(again.drafts).toEqual([edited]);
  expect(again.current?.draft).toEqual(draft);
  const next = await submit(reloaded, edited, later);
  expect(next.drafts).toEqual([]);
  expect((await reloaded.page.request('review/open', { sampleId: edited })).current?.draft).toBeNull();
});

test('the sample that the user chose is open again after a reload, until its verdict', async () => {
  const fixture = await createBatchFixture();
  let stored: number | null = null;
  const place = { get: () => stored, set: (sampleId: number | null) => void (stored = sampleId) };
  const open = async (): Promise<readonly [ReviewPage, number | undefined, boolean]> => {
    const review = openReview(fixture, { place });
    const { state, chosen } = await review.page.request('review/ready', null);
    return [review, state.current?.sampleId, chosen];
  };
  const [first, firstId] = await open();
  const ids = (await ready(first)).queue.map(({ sampleId }) => sampleId);
  expect(firstId).toBe(ids[0]);
  await submit(first, ids[0] ?? 0, later);
  expect((await open()).slice(1)).toEqual([ids[1], false]);
  // Back to the one that has a verdict.
  await first.page.request('review/open', { sampleId: ids[0] ?? 0, chosen: true });
  const [second, ...reopened] = await open();
  expect(reopened).toEqual([ids[0], true]);
  await submit(second, ids[0] ?? 0, { verdict: 'skipped' });
  await second.page.request('review/open', { sampleId: ids[1] ?? 0 });
  expect((await open()).slice(1)).toEqual([ids[1], false]);
  await second.page.request('review/undo', { overwrite: false });
  expect((await open()).slice(1)).toEqual([ids[0], true]);
});

test('edits survive a change of the label file, and a verdict on them asks before it overwrites the file', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const sampleId = idAt(state, 0);
  const draft = { basis: 'b', history: 'h', edited: true };
  await review.page.request('review/draft', { sampleId, draft });
  await writeFile(fixture.labelPath('unsure'), '2 0.5 0.5 0.25 0.25\n');
  const changed = await ready(review);
  expect(changed.current?.draft).toEqual(draft);
  expect(changed.current?.labels).toHaveLength(1);
  await expect(submit(review, sampleId, { verdict: 'corrected', boxes: [] })).rejects.toMatchObject({
    code: 'edited-outside',
  });
  expect(await fixture.labelText('unsure')).toBe('2 0.5 0.5 0.25 0.25\n');
  expect((await ready(review)).current?.draft).toEqual(draft);
  // Reload takes the file, and drops the edits.
  const reloaded = await review.page.request('review/open', { sampleId, rescan: true });
  expect(reloaded.current).toMatchObject({ draft: null, verdict: null });
  expect(reloaded.drafts).toEqual([]);
});

test('edits of a sample of another batch, or of a page that only shows, are not stored', async () => {
  const fixture = await createBatchFixture();
  const strange = idAt(await ready(openReview(await createBatchFixture())), 0);
  const review = openReview(fixture);
  const own = idAt(await ready(review), 0);
  const draft = { basis: 'b', history: 'h', edited: true };
  for (const sampleId of [strange, -1]) {
    await expect(review.page.request('review/draft', { sampleId, draft })).rejects.toMatchObject({ code: 'not-found' });
  }
  const locked = openReview(fixture, { lockReason: () => 'Trust it first.' });
  await ready(locked);
  await expect(locked.page.request('review/draft', { sampleId: own, draft })).rejects.toMatchObject({
    message: 'Trust it first.',
  });
  expect((await ready(review)).drafts).toEqual([]);
});

test('reads samples ahead, and opens one without sending the queue again', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const strange = idAt(await ready(openReview(await createBatchFixture())), 0);
  const [first, second, third] = [0, 1, 2].map((place) => idAt(state, place));
  const ahead = await review.page.request('review/samples', { sampleIds: [third ?? 0, strange, second ?? 0] });
  expect(ahead.map(({ sampleId }) => sampleId)).toEqual([third, second]);
  const opened = await review.page.request('review/open', { sampleId: second ?? 0 });
  expect(opened.queue).toBeNull();
  expect(opened.current).toEqual(ahead[1]);
  // The page knows its own verdict, so nothing is sent for it.
  await review.page.request('review/submit', {
    sampleId: first ?? 0,
    decision: background,
    reviewSeconds: 1,
    overwrite: false,
  });
  await review.page.request('review/open', { sampleId: second ?? 0 });
  await review.controller.refresh();
  expect(review.pushed).toEqual([]);
  await submitVerdict(await fixture.secondWindow(), third ?? 0, { verdict: 'skipped' });
  await review.controller.refresh();
  expect(review.pushed[0]?.queue.map(({ verdict }) => verdict)).toEqual(['rejected-background', null, 'skipped']);
});

test('after the last verdict it stays and shows the next step', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  // Not in order: the queue goes round to what is left.
  const second = await submit(review, idAt(state, 1), background);
  expect(second.current?.sampleId).toBe(idAt(state, 2));
  const third = await submit(review, idAt(state, 2), later);
  expect(third.current?.sampleId).toBe(idAt(state, 0));
  const done = await submit(review, idAt(state, 0), { verdict: 'rejected-unusable' });
  expect(done.queue.map(({ verdict }) => verdict)).toEqual([
    'rejected-unusable',
    'rejected-background',
    'rejected-later',
  ]);
  expect(done.current?.sampleId).toBe(idAt(state, 0));
  expect(done.notice).toContain('All 3 samples are reviewed');
});

test('an undo reverts the verdict and its file, and opens its sample', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  await submit(review, idAt(state, 0), accepted);
  await submit(review, idAt(state, 1), background);
  const once = await review.page.request('review/undo', { overwrite: false });
  expect(once.current?.sampleId).toBe(idAt(state, 1));
  const twice = await review.page.request('review/undo', { overwrite: false });
  expect(twice.current).toMatchObject({ sampleId: idAt(state, 0), verdict: null, labels: null });
  expect(await fixture.labelText('unsure')).toBeNull();
  expect(twice.undo).toBeNull();
  await expect(review.page.request('review/undo', { overwrite: false })).rejects.toMatchObject({
    code: 'nothing-to-undo',
  });
});

test('undo and redo name their verdict, and a redo writes it again until there is a new one', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  await submit(review, idAt(state, 0), accepted);
  const two = await submit(review, idAt(state, 1), background);
  expect(two.undo).toEqual({ verdict: 'rejected-background', name: 'sure.png', group: null, count: 1 });
  expect(two.redo).toBeNull();
  await review.page.request('review/undo', { overwrite: false });
  const undone = await review.page.request('review/undo', { overwrite: false });
  expect(undone.redo).toEqual({ verdict: 'accepted', name: 'unsure.png', group: null, count: 1 });
  const once = await review.page.request('review/redo', { overwrite: false });
  expect(once.current).toMatchObject({ sampleId: idAt(state, 0), verdict: 'accepted' });
  expect(once.undo).toEqual({ verdict: 'accepted', name: 'unsure.png', group: null, count: 1 });
  expect(once.redo).toEqual({ verdict: 'rejected-background', name: 'sure.png', group: null, count: 1 });
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
  // A new verdict ends the line of redo.
  const other = await submit(review, idAt(state, 2), later);
  expect(other.redo).toBeNull();
  await expect(review.page.request('review/redo', { overwrite: false })).rejects.toMatchObject({
    code: 'nothing-to-redo',
  });
});

test('a redo asks before it overwrites what another program wrote, and leaves the undo of another window', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  await submit(review, idAt(state, 0), accepted);
  await review.page.request('review/undo', { overwrite: false });
  await writeFile(fixture.labelPath('unsure'), '0 0.5 0.5 0.1 0.1\n');
  await expect(review.page.request('review/redo', { overwrite: false })).rejects.toMatchObject({
    code: 'edited-outside',
  });
  const other = openReview({ ...fixture, ports: await fixture.secondWindow() });
  expect((await ready(other)).redo).toBeNull();
  await expect(other.page.request('review/redo', { overwrite: true })).rejects.toMatchObject({
    message: 'The newest verdict was undone in another window.',
  });
  const redone = await review.page.request('review/redo', { overwrite: true });
  expect(redone.current?.verdict).toBe('accepted');
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
});

test('any state of the history can be restored, which an undo takes back', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const sampleId = idAt(state, 0);
  await submit(review, sampleId, accepted);
  await submit(review, sampleId, { verdict: 'corrected', boxes: [{ x1: 0, y1: 0, x2: 32, y2: 32, classId: 2 }] });
  await writeFile(fixture.labelPath('unsure'), '');
  await review.page.request('review/open', { sampleId, rescan: true });
  const history = await review.page.request('review/history', { sampleId });
  expect(history.map(({ title }) => title.split(',')[0])).toEqual(['Another program', 'Reviewer', 'Reviewer']);
  expect(history.map(({ before, after }) => [before?.length ?? null, after?.length ?? null])).toEqual([
    [1, 0],
    [1, 1],
    [null, 1],
  ]);
  expect(history[1]?.after?.[0]).toMatchObject({ x1: 0, y1: 0, x2: 32, y2: 32, classId: 2 });
  const oldest = history[2]?.eventId ?? 0;
  const restored = await review.page.request('review/restore', { sampleId, eventId: oldest, side: 'after' });
  expect(restored.current).toMatchObject({ sampleId, verdict: 'accepted' });
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
  await review.page.request('review/undo', { overwrite: false });
  expect(await fixture.labelText('unsure')).toBe('');
  await review.page.request('review/restore', { sampleId, eventId: oldest, side: 'before' });
  expect(await fixture.labelText('unsure')).toBeNull();
  const open = await ready(review);
  expect(open.queue[0]?.verdict).toBeNull();
  expect(open.undo).toEqual({ verdict: null, name: 'unsure.png', group: null, count: 1 });
  expect(await review.page.request('review/history', { sampleId })).toHaveLength(6);
  // A change that is not of this image, and a file that another program changed.
  await expect(
    review.page.request('review/restore', { sampleId: idAt(state, 1), eventId: oldest, side: 'after' }),
  ).rejects.toMatchObject({ code: 'not-found' });
  await writeFile(fixture.labelPath('unsure'), '1 0.5 0.5 0.1 0.1\n');
  await expect(
    review.page.request('review/restore', { sampleId, eventId: oldest, side: 'after' }),
  ).rejects.toMatchObject({ code: 'edited-outside' });
  expect(await fixture.labelText('unsure')).toBe('1 0.5 0.5 0.1 0.1\n');
});

test('boxes are labelled, not corrected, if nothing was predicted, wherever the page names the verdict', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const sampleId = idAt(await ready(review), 2);
  const boxes = [{ x1: 0, y1: 0, x2: 16, y2: 32, classId: 0 }];
  await submit(review, sampleId, { verdict: 'corrected', boxes });
  await review.page.request('review/open', { sampleId });
  const state = await ready(review);
  expect(state.queue.map(({ verdict }) => verdict)).toEqual([null, null, 'labelled']);
  expect(state.current?.verdict).toBe('labelled');
  expect(state.undo).toMatchObject({ verdict: 'labelled' });
  const [change] = await review.page.request('review/history', { sampleId });
  expect(change).toMatchObject({ verdictBefore: null, verdictAfter: 'labelled' });
  expect(await fixture.ports.store.samples.get(sampleId)).toMatchObject({ verdict: 'corrected' });
  // The verdict is up to date for a second one, and undo takes both back.
  await submit(review, sampleId, { verdict: 'corrected', boxes: [...boxes, ...boxes] });
  await review.page.request('review/undo', { overwrite: false });
  expect((await review.page.request('review/undo', { overwrite: false })).redo).toMatchObject({ verdict: 'labelled' });
});

test('corrected boxes are written as fractions; unchanged rows stay byte for byte', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const sampleId = idAt(state, 0);
  const polygon = '# mine\n2 0.1 0.1 0.30000 0.1 0.2 0.4\n1   0.5625 0.3125 .125 0.1250000';
  await writeFile(fixture.labelPath('unsure'), polygon);
  await review.page.request('review/open', { sampleId, rescan: true });
  const shown = (await ready(review)).current;
  expect(shown?.labels).toHaveLength(2);
  const [first, second] = shown?.labels ?? [];
  if (!first || !second) throw new Error('no labels');
  const boxes = [first, second, { x1: 0, y1: 0, x2: 16, y2: 32, classId: 0 }];
  const after = await submit(review, sampleId, { verdict: 'corrected', boxes });
  expect(await fixture.labelText('unsure')).toBe(`${polygon}\n0 0.125000 0.250000 0.250000 0.500000`);
  expect(after.queue[0]?.verdict).toBe('corrected');
  // Deleting the polygon leaves the rest as it was.
  await submit(review, sampleId, { verdict: 'corrected', boxes: boxes.slice(1) });
  expect(await fixture.labelText('unsure')).toBe(
    '# mine\n1   0.5625 0.3125 .125 0.1250000\n0 0.125000 0.250000 0.250000 0.500000',
  );
});

test('a label file that another program changed is not overwritten without asking, and can be reloaded', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const sampleId = idAt(await ready(review), 0);
  await writeFile(fixture.labelPath('unsure'), '0 0.5 0.5 0.5 0.5\n');
  await expect(submit(review, sampleId, accepted)).rejects.toMatchObject({
    code: 'edited-outside',
    message: expect.stringContaining('unsure.txt'),
    hint: expect.stringContaining('overwrite'),
  });
  expect(await fixture.labelText('unsure')).toBe('0 0.5 0.5 0.5 0.5\n');
  const taken = await review.page.request('review/open', { sampleId, rescan: true });
  expect(taken.current?.labels).toEqual([{ x1: 16, y1: 16, x2: 48, y2: 48, classId: 0 }]);
  const { imageId } = (await fixture.ports.store.samples.get(sampleId)) ?? { imageId: 0 };
  const history = await fixture.ports.store.labelEvents.history(imageId);
  expect(history.at(-1)).toMatchObject({
    cause: 'outside',
    before: null,
    after: encodeLabelText('0 0.5 0.5 0.5 0.5\n'),
  });
  await writeFile(fixture.labelPath('unsure'), '');
  await submit(review, sampleId, accepted, true);
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
});

test('a verdict of another window is not overwritten; the page shows it first', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const other = await fixture.secondWindow();
  await submitVerdict(other, idAt(state, 0), { verdict: 'rejected-background' });
  await expect(submit(review, idAt(state, 0), accepted)).rejects.toMatchObject({ code: 'verdict-changed' });
  expect(await fixture.labelText('unsure')).toBe('');
  expect(review.pushed.at(-1)?.queue[0]?.verdict).toBe('rejected-background');
  // The other window's verdict is its own to undo while it is open.
  expect(review.pushed.at(-1)?.undo).toBeNull();
  await expect(review.page.request('review/undo', { overwrite: false })).rejects.toMatchObject({
    code: 'nothing-to-undo',
    message: expect.stringContaining('another window'),
  });
  // Seen now, so a person may decide otherwise.
  await submit(review, idAt(state, 0), accepted);
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
});

test('changes of another window are sent once; the open sample stays', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  await review.controller.refresh();
  expect(review.pushed).toEqual([]);
  await submitVerdict(await fixture.secondWindow(), idAt(state, 1), { verdict: 'skipped' });
  await review.controller.refresh();
  expect(review.pushed).toHaveLength(1);
  expect(review.pushed[0]?.queue[1]?.verdict).toBe('skipped');
  expect(review.pushed[0]?.current?.sampleId).toBe(state.current?.sampleId);
  await review.controller.refresh(true);
  expect(review.pushed).toHaveLength(2);
});

test('a class is added to data.yaml and can be used immediately', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const sampleId = idAt(await ready(review), 0);
  const before = await readFile(fixture.yaml, 'utf8');
  const state = await review.page.request('review/add-class', { name: '  burr ' });
  expect(state.classNames).toEqual(['red', 'green', 'blue', 'burr']);
  expect(await readFile(fixture.yaml, 'utf8')).toBe(before.replace('blue]', 'blue, burr]'));
  await submit(review, sampleId, { verdict: 'corrected', boxes: [{ x1: 0, y1: 0, x2: 32, y2: 32, classId: 3 }] });
  expect(await fixture.labelText('unsure')).toBe('3 0.250000 0.250000 0.500000 0.500000\n');
  await expect(review.page.request('review/add-class', { name: 'Burr' })).rejects.toMatchObject({
    code: 'class-exists',
  });
  await expect(review.page.request('review/add-class', { name: 'a\nb' })).rejects.toMatchObject({
    code: 'class-name-invalid',
  });
});

test('training asks about open samples, finishes the review, and starts', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  await expect(review.page.request('review/train-next', null)).rejects.toMatchObject({ code: 'not-now' });
  await submit(review, idAt(state, 0), accepted);
  const declining = openReview(fixture, { confirm: async () => false });
  await declining.page.request('review/train-next', null);
  expect((await fixture.ports.store.iterations.get(state.iterationId ?? 0))?.status).toBe('reviewing');
  expect(declining.asked).toEqual([]);
  review.asked.length = 0;
  expect(await review.page.request('review/train-next', null)).toBeNull();
  expect(review.asked).toEqual([expect.stringContaining('2 samples were not reviewed'), 'changed', 'train']);
  expect((await fixture.ports.store.iterations.get(state.iterationId ?? 0))?.status).toBe('completed');
  const after = await ready(review);
  expect(after).toMatchObject({ editable: false, undo: null, notice: expect.stringContaining('Train the next') });
  await expect(submit(review, idAt(state, 1), background)).rejects.toMatchObject({ code: 'wrong-step' });
});

test('the panel follows the next batch unless it was opened for an iteration', async () => {
  const fixture = await createTrainedFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  for (const { sampleId } of state.queue) await submitVerdict(fixture.ports, sampleId, { verdict: 'rejected-later' });
  await finishReview(fixture.ports, state.iterationId ?? 0);
  await runIteration(fixture.ports, fixture.sessionId);
  await review.controller.refresh();
  expect(review.pushed.at(-1)).toMatchObject({ iterationNumber: 2, editable: true });
  const old = await ready(openReview(fixture, {}, { iterationId: state.iterationId }));
  expect(old).toMatchObject({
    iterationNumber: 1,
    editable: false,
    notice: expect.stringContaining('Iteration 2 is ready'),
  });
});

test('without a batch it says why; a session that is gone is an error', async () => {
  const fixture = await createReviewFixture();
  const state = await ready(openReview(fixture));
  expect(state).toMatchObject({
    queue: [],
    current: null,
    editable: false,
    notice: expect.stringContaining('no batch'),
  });
  await expect(ready(openReview(fixture, {}, { sessionId: 4711 }))).rejects.toMatchObject({ code: 'not-found' });
});

test('a view-only review changes nothing', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture, { lockReason: () => 'Trust this workspace.' });
  const state = await ready(review);
  expect(state).toMatchObject({ editable: false, notice: 'Trust this workspace.' });
  const refused = expect.objectContaining({ code: 'not-now', message: 'Trust this workspace.' });
  await expect(submit(review, idAt(state, 0), background)).rejects.toEqual(refused);
  await expect(review.page.request('review/undo', { overwrite: true })).rejects.toEqual(refused);
  await expect(review.page.request('review/add-class', { name: 'x' })).rejects.toEqual(refused);
  await expect(review.page.request('review/train-next', null)).rejects.toEqual(refused);
  expect(await fixture.labelText('unsure')).toBeNull();
});

test('accepting without visible boxes asks first', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const states = await Promise.all(
    state.queue.map(async ({ sampleId }) => review.page.request('review/open', { sampleId })),
  );
  const empty = states.find(({ current }) => current?.path.endsWith('empty.png'))?.current;
  if (!empty) throw new Error('the empty image is not in the batch');
  expect(empty.predictions).toEqual([]);
  await expect(submit(review, empty.sampleId, accepted)).rejects.toMatchObject({ code: 'no-boxes-shown' });
  await submit(review, empty.sampleId, { verdict: 'accepted', kept: [], confirmBackground: true });
  expect(await fixture.labelText('empty')).toBe('');
});

test('a missing image is reported and can be skipped', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  const image = await fixture.ports.store.images.get(
    (await fixture.ports.store.samples.get(idAt(state, 0)))?.imageId ?? 0,
  );
  await fixture.ports.store.images.update([{ id: image?.id ?? 0, state: 'missing' }]);
  await unlink(fixture.labelPath('unsure').replace('/labels/', '/images/').replace('.txt', '.png'));
  expect((await ready(review)).notice).toContain('no longer exists');
  const next = await submit(review, idAt(state, 0), { verdict: 'skipped' });
  expect(next.current?.sampleId).toBe(idAt(state, 1));
});

test('the page shows an error if the keyboard shortcuts do not open', async () => {
  const fixture = await createBatchFixture();
  const opening = openReview(fixture);
  await opening.page.request('review/change-keys', null);
  expect(opening.asked).toEqual(['keys']);
  const failing = openReview(fixture, { changeKeys: () => Promise.reject(new Error('There is no such command.')) });
  await expect(failing.page.request('review/change-keys', null)).rejects.toMatchObject({
    message: 'There is no such command.',
  });
});

test('an accept writes exactly the boxes that the page showed, and the chosen threshold stays with the batch', async () => {
  const fixture = await createBatchFixture();
  const review = openReview(fixture);
  const state = await ready(review);
  await review.page.request('review/threshold', { chosen: 0.9 });
  await expect(submit(review, idAt(state, 0), { ...accepted, kept: [] })).rejects.toMatchObject({
    code: 'no-boxes-shown',
  });
  await submit(review, idAt(state, 0), accepted);
  expect(await fixture.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);

  const again = openReview({ ...fixture, ports: await fixture.secondWindow() });
  expect((await ready(again)).thresholds).toEqual({ base: 0.25, classes: {}, chosen: 0.9 });
  // The command line accepts at the same threshold.
  const ports = await fixture.secondWindow();
  await submitVerdict(ports, idAt(state, 1), { verdict: 'accepted' });
  expect(await fixture.labelText('sure')).not.toBeNull();
  await review.page.request('review/threshold', { chosen: 0.99 });
  const undone = await review.page.request('review/open', { sampleId: idAt(state, 1) });
  expect(undone.thresholds.chosen).toBe(0.99);
  await expect(submitVerdict(ports, idAt(state, 1), { verdict: 'accepted' })).rejects.toMatchObject({
    code: 'no-boxes-shown',
  });
});
