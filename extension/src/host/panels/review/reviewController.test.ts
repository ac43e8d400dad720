import { readFile, unlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { rowOf } from '../../../../test/support/fakePorts.ts';
import type { DecisionMessage, ReviewState } from '../../../protocol/review.ts';
import { runIteration } from '../../../workflow/iteration/runIteration.ts';
import { encodeLabelText } from '../../../core/dataset/labelText.ts';
import { finishReview, submitVerdict } from '../../../workflow/review/review.ts';
import {
  makeDesk,
  makeReviewDesk,
  makeTrainedDesk,
  openReview,
  unsure,
  type ReviewPage,
} from '../../../../test/support/panelFixture.ts';

async function ready({ page }: ReviewPage): Promise<ReviewState> {
  return (await page.request('review/ready', null)).state;
}

function submit(
  { page }: ReviewPage,
  sampleId: number,
  decision: DecisionMessage,
  overwrite = false,
): Promise<ReviewState> {
  return page.request('review/submit', { sampleId, decision, reviewSeconds: 2.5, overwrite });
}

function idAt(state: ReviewState, place: number): number {
  const entry = state.queue[place];
  if (entry === undefined) throw new Error(`no sample at ${place}`);
  return entry.sampleId;
}

const accepted: DecisionMessage = { verdict: 'accepted', promoted: [], confirmBackground: false };
const background: DecisionMessage = { verdict: 'rejected-background' };
const later: DecisionMessage = { verdict: 'rejected-later' };

test('shows the batch with boxes in pixels, scores in words, reasons, and the images to come', async () => {
  const desk = await makeTrainedDesk();
  const review = openReview(desk);
  const { strings, state } = await review.page.request('review/ready', null);
  expect(strings).toEqual({ Accept: 'Annehmen' });
  expect(state).toMatchObject({
    sessionName: desk.name,
    iterationNumber: 1,
    classNames: ['red', 'green', 'blue'],
    editable: true,
    canUndo: false,
    shownConfidence: 0.25,
    notice: null,
  });
  expect(state.queue.map(({ verdict }) => verdict)).toEqual([null, null, null]);
  expect(state.upcomingImageUrls).toHaveLength(2);
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
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  const next = await submit(review, idAt(state, 0), accepted);
  expect(await desk.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
  const row = await desk.ports.store.samples.get(idAt(state, 0));
  expect(row).toMatchObject({ verdict: 'accepted', reviewSeconds: 2.5 });
  expect(next.queue[0]?.verdict).toBe('accepted');
  expect(next.current?.sampleId).toBe(idAt(state, 1));
  expect(next.canUndo).toBe(true);
  expect(review.asked).toEqual(['changed', 'judged']);
});

test('with the last verdict it stays, and says what comes next', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
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

test('an undo takes the verdict and its file back, and opens its sample', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  await submit(review, idAt(state, 0), accepted);
  await submit(review, idAt(state, 1), background);
  const once = await review.page.request('review/undo', { overwrite: false });
  expect(once.current?.sampleId).toBe(idAt(state, 1));
  const twice = await review.page.request('review/undo', { overwrite: false });
  expect(twice.current).toMatchObject({ sampleId: idAt(state, 0), verdict: null, labels: null });
  expect(await desk.labelText('unsure')).toBeNull();
  expect(twice.canUndo).toBe(false);
  await expect(review.page.request('review/undo', { overwrite: false })).rejects.toMatchObject({
    code: 'nothing-to-undo',
  });
});

test('corrected boxes are written as fractions; rows that were not touched stay byte for byte', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  const sampleId = idAt(state, 0);
  const polygon = '# mine\n2 0.1 0.1 0.30000 0.1 0.2 0.4\n1   0.5625 0.3125 .125 0.1250000';
  await writeFile(desk.labelPath('unsure'), polygon);
  await review.page.request('review/open', { sampleId, rescan: true });
  const shown = (await ready(review)).current;
  expect(shown?.labels).toHaveLength(2);
  const [first, second] = shown?.labels ?? [];
  if (!first || !second) throw new Error('no labels');
  const boxes = [first, second, { x1: 0, y1: 0, x2: 16, y2: 32, classId: 0 }];
  const after = await submit(review, sampleId, { verdict: 'corrected', boxes });
  expect(await desk.labelText('unsure')).toBe(`${polygon}\n0 0.125000 0.250000 0.250000 0.500000`);
  expect(after.queue[0]?.verdict).toBe('corrected');
  // Deleting the polygon leaves the rest as it was.
  await submit(review, sampleId, { verdict: 'corrected', boxes: boxes.slice(1) });
  expect(await desk.labelText('unsure')).toBe(
    '# mine\n1   0.5625 0.3125 .125 0.1250000\n0 0.125000 0.250000 0.250000 0.500000',
  );
});

test('a label file that was changed outside is not overwritten unasked, and can be taken over', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const sampleId = idAt(await ready(review), 0);
  await writeFile(desk.labelPath('unsure'), '0 0.5 0.5 0.5 0.5\n');
  await expect(submit(review, sampleId, accepted)).rejects.toMatchObject({
    code: 'edited-outside',
    message: expect.stringContaining('unsure.txt'),
    hint: expect.stringContaining('overwrite'),
  });
  expect(await desk.labelText('unsure')).toBe('0 0.5 0.5 0.5 0.5\n');
  const taken = await review.page.request('review/open', { sampleId, rescan: true });
  expect(taken.current?.labels).toEqual([{ x1: 16, y1: 16, x2: 48, y2: 48, classId: 0 }]);
  const { imageId } = (await desk.ports.store.samples.get(sampleId)) ?? { imageId: 0 };
  const history = await desk.ports.store.labelEvents.history(imageId);
  expect(history.at(-1)).toMatchObject({
    cause: 'outside',
    before: null,
    after: encodeLabelText('0 0.5 0.5 0.5 0.5\n'),
  });
  await writeFile(desk.labelPath('unsure'), '');
  await submit(review, sampleId, accepted, true);
  expect(await desk.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
});

test('what another window judged is not overwritten: the page is told first', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  const other = await desk.secondWindow();
  await submitVerdict(other, idAt(state, 0), { verdict: 'rejected-background' });
  await expect(submit(review, idAt(state, 0), accepted)).rejects.toMatchObject({ code: 'verdict-changed' });
  expect(await desk.labelText('unsure')).toBe('');
  expect(review.pushed.at(-1)?.queue[0]?.verdict).toBe('rejected-background');
  // The other window's verdict is its own to undo while it is open.
  expect(review.pushed.at(-1)?.canUndo).toBe(false);
  await expect(review.page.request('review/undo', { overwrite: false })).rejects.toMatchObject({
    code: 'nothing-to-undo',
    message: expect.stringContaining('another window'),
  });
  // Seen now, so a person may decide otherwise.
  await submit(review, idAt(state, 0), accepted);
  expect(await desk.labelText('unsure')).toBe(`${rowOf(unsure)}\n`);
});

test('news of another window is pushed, and only news; the open sample stays', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  await review.controller.refresh();
  expect(review.pushed).toEqual([]);
  await submitVerdict(await desk.secondWindow(), idAt(state, 1), { verdict: 'skipped' });
  await review.controller.refresh();
  expect(review.pushed).toHaveLength(1);
  expect(review.pushed[0]?.queue[1]?.verdict).toBe('skipped');
  expect(review.pushed[0]?.current?.sampleId).toBe(state.current?.sampleId);
  await review.controller.refresh(true);
  expect(review.pushed).toHaveLength(2);
});

test('a class is added to data.yaml and can be used at once', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const sampleId = idAt(await ready(review), 0);
  const before = await readFile(desk.yaml, 'utf8');
  const state = await review.page.request('review/add-class', { name: '  burr ' });
  expect(state.classNames).toEqual(['red', 'green', 'blue', 'burr']);
  expect(await readFile(desk.yaml, 'utf8')).toBe(before.replace('blue]', 'blue, burr]'));
  await submit(review, sampleId, { verdict: 'corrected', boxes: [{ x1: 0, y1: 0, x2: 32, y2: 32, classId: 3 }] });
  expect(await desk.labelText('unsure')).toBe('3 0.250000 0.250000 0.500000 0.500000\n');
  await expect(review.page.request('review/add-class', { name: 'Burr' })).rejects.toMatchObject({
    code: 'class-exists',
  });
  await expect(review.page.request('review/add-class', { name: 'a\nb' })).rejects.toMatchObject({
    code: 'class-name-invalid',
  });
});

test('training next asks about open samples, ends the review, and begins', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  await expect(review.page.request('review/train-next', null)).rejects.toMatchObject({ code: 'not-now' });
  await submit(review, idAt(state, 0), accepted);
  const declining = openReview(desk, { confirm: async () => false });
  await declining.page.request('review/train-next', null);
  expect((await desk.ports.store.iterations.get(state.iterationId))?.status).toBe('reviewing');
  expect(declining.asked).toEqual([]);
  review.asked.length = 0;
  expect(await review.page.request('review/train-next', null)).toBeNull();
  expect(review.asked).toEqual([expect.stringContaining('2 samples were not reviewed'), 'changed', 'train']);
  expect((await desk.ports.store.iterations.get(state.iterationId))?.status).toBe('completed');
  const after = await ready(review);
  expect(after).toMatchObject({ editable: false, canUndo: false, notice: expect.stringContaining('Train the next') });
  await expect(submit(review, idAt(state, 1), background)).rejects.toMatchObject({ code: 'wrong-step' });
});

test('the panel goes on to the next batch; one that was opened on an iteration stays there', async () => {
  const desk = await makeTrainedDesk();
  const review = openReview(desk);
  const state = await ready(review);
  for (const { sampleId } of state.queue) await submitVerdict(desk.ports, sampleId, { verdict: 'rejected-later' });
  await finishReview(desk.ports, state.iterationId);
  await runIteration(desk.ports, desk.sessionId);
  await review.controller.refresh();
  expect(review.pushed.at(-1)).toMatchObject({ iterationNumber: 2, editable: true });
  const old = await ready(openReview(desk, {}, { iterationId: state.iterationId }));
  expect(old).toMatchObject({
    iterationNumber: 1,
    editable: false,
    notice: expect.stringContaining('iteration 2 waits'),
  });
});

test('without a batch it says why; a session that is gone is an error', async () => {
  const desk = await makeDesk();
  const state = await ready(openReview(desk));
  expect(state).toMatchObject({
    queue: [],
    current: null,
    editable: false,
    notice: expect.stringContaining('no batch'),
  });
  await expect(ready(openReview(desk, {}, { sessionId: 4711 }))).rejects.toMatchObject({ code: 'not-found' });
});

test('a locked workspace shows, and changes nothing', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk, { locked: () => 'Trust this workspace.' });
  const state = await ready(review);
  expect(state).toMatchObject({ editable: false, notice: 'Trust this workspace.' });
  const refused = expect.objectContaining({ code: 'not-now', message: 'Trust this workspace.' });
  await expect(submit(review, idAt(state, 0), background)).rejects.toEqual(refused);
  await expect(review.page.request('review/undo', { overwrite: true })).rejects.toEqual(refused);
  await expect(review.page.request('review/add-class', { name: 'x' })).rejects.toEqual(refused);
  await expect(review.page.request('review/train-next', null)).rejects.toEqual(refused);
  expect(await desk.labelText('unsure')).toBeNull();
});

test('an accept without a box shown asks first', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  const states = await Promise.all(
    state.queue.map(async ({ sampleId }) => review.page.request('review/open', { sampleId })),
  );
  const empty = states.find(({ current }) => current?.path.endsWith('empty.png'))?.current;
  if (!empty) throw new Error('the empty image is not in the batch');
  expect(empty.predictions).toEqual([]);
  await expect(submit(review, empty.sampleId, accepted)).rejects.toMatchObject({ code: 'no-boxes-shown' });
  await submit(review, empty.sampleId, { ...accepted, confirmBackground: true });
  expect(await desk.labelText('empty')).toBe('');
});

test('an image that is gone is told, and can be skipped', async () => {
  const desk = await makeReviewDesk();
  const review = openReview(desk);
  const state = await ready(review);
  const image = await desk.ports.store.images.get((await desk.ports.store.samples.get(idAt(state, 0)))?.imageId ?? 0);
  await desk.ports.store.images.update([{ id: image?.id ?? 0, state: 'missing' }]);
  await unlink(desk.labelPath('unsure').replace('/labels/', '/images/').replace('.txt', '.png'));
  expect((await ready(review)).notice).toContain('no longer there');
  const next = await submit(review, idAt(state, 0), { verdict: 'skipped' });
  expect(next.current?.sampleId).toBe(idAt(state, 1));
});

test('the page is told where the list of keys does not open', async () => {
  const desk = await makeReviewDesk();
  const opening = openReview(desk);
  await opening.page.request('review/change-keys', null);
  expect(opening.asked).toEqual(['keys']);
  const failing = openReview(desk, { changeKeys: () => Promise.reject(new Error('There is no such command.')) });
  await expect(failing.page.request('review/change-keys', null)).rejects.toMatchObject({
    message: 'There is no such command.',
  });
});
