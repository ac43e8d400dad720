import { expect, test } from 'vitest';
import { runIteration } from '../../../workflow/iteration/runIteration.ts';
import { finishReview } from '../../../workflow/review/finishReview.ts';
import { submitVerdict } from '../../../workflow/review/verdicts.ts';
import type { RunRow } from '../../../workflow/ports/store/runs.ts';
import {
  createReviewFixture,
  createBatchFixture,
  createTrainedFixture,
  openMetrics,
  type ReviewFixture,
  useFixtures,
} from '../../../../test/support/panelFixture.ts';

useFixtures();

/** A finished training of that iteration. */
async function addRun({ ports, sessionId }: ReviewFixture, number: number): Promise<RunRow> {
  const id = `s${sessionId}-i${number}`;
  const iteration =
    (await ports.store.iterations.byNumber(sessionId, number)) ??
    (await ports.store.iterations.create(sessionId, number, 'scoring'));
  const folder = `${ports.runsFolder}/${id}`;
  const iterationId = iteration.id;
  return ports.store.runs.create({
    id,
    sessionId,
    iterationId,
    job: 'train',
    state: 'finished',
    folder,
    labelSnapshot: null,
  });
}

/** Judges the batch with two seconds a sample, and runs the next iteration. */
async function nextIteration({ ports, sessionId }: ReviewFixture): Promise<void> {
  const iteration = (await ports.store.iterations.list(sessionId)).at(-1);
  for (const sample of await ports.store.samples.list(iteration?.id ?? 0)) {
    await submitVerdict(ports, sample.id, { verdict: 'rejected-later' }, { reviewSeconds: 2 });
  }
  await finishReview(ports, iteration?.id ?? 0);
  await runIteration(ports, sessionId);
}

test('shows each iteration with its validation images', async () => {
  const fixture = await createTrainedFixture();
  await nextIteration(fixture);
  const { strings, state } = await openMetrics(fixture).page.request('metrics/ready', null);
  expect(strings).toEqual({ Precision: 'Genauigkeit' });
  expect(state.sessionName).toBe(fixture.name);
  const [first, second] = state.iterations;
  expect(first).toMatchObject({
    iterationNumber: 1,
    status: 'completed',
    labelledImages: 4,
    labelledBoxes: 4,
    map50: 1,
    map5095: 1,
    validationImages: 1,
    classesWithTruth: 1,
    classCount: 3,
    reviewSeconds: 6,
  });
  expect(second).toMatchObject({ iterationNumber: 2, status: 'reviewing', reviewSeconds: null });
  expect(state.iterations.filter(({ isBest }) => isBest)).toHaveLength(1);
  expect(state.runs.map(({ iterationNumber }) => iterationNumber)).toEqual([1, 2]);
});

test('returns the curves of the newest or the selected training', async () => {
  const fixture = await createBatchFixture();
  const { runs } = fixture.ports.store;
  const one = await addRun(fixture, 1);
  const two = await addRun(fixture, 2);
  await runs.addMetrics(one.id, 1, [{ sequence: 1, epoch: 1, name: 'train/box_loss', value: 3 }]);
  await runs.addMetrics(two.id, 4, [
    { sequence: 1, epoch: 1, name: 'train/box_loss', value: 2 },
    { sequence: 2, epoch: 2, name: 'train/box_loss', value: 1.5 },
    { sequence: 3, epoch: 2, name: 'trainer/map50', value: 0.5 },
    { sequence: 3, epoch: 3, name: 'train/cls_loss', value: Number.NaN },
    // After a resume from the checkpoint of epoch 1.
    { sequence: 4, epoch: 2, name: 'train/box_loss', value: 1.25 },
  ]);
  const { page } = openMetrics(fixture);
  const { state } = await page.request('metrics/ready', null);
  expect(state.run).toMatchObject({ runId: two.id, iterationNumber: 2, state: 'finished', epoch: 3 });
  expect(state.run?.series).toEqual([
    {
      name: 'train/box_loss',
      points: [
        { epoch: 1, value: 2 },
        { epoch: 2, value: 1.25 },
      ],
    },
    { name: 'train/cls_loss', points: [] },
    { name: 'trainer/map50', points: [{ epoch: 2, value: 0.5 }] },
  ]);
  const chosen = await page.request('metrics/open-run', { runId: one.id });
  expect(chosen.run).toMatchObject({ runId: one.id, iterationNumber: 1, epoch: 1 });
  await expect(page.request('metrics/open-run', { runId: 'none' })).rejects.toMatchObject({ code: 'not-found' });
});

test('reads everything only if the training progressed, and sends changes', async () => {
  const fixture = await createBatchFixture();
  const run = await addRun(fixture, 1);
  const { page, controller, pushed } = openMetrics(fixture);
  await page.request('metrics/ready', null);
  await controller.poll();
  await controller.poll();
  expect(pushed).toEqual([]);
  await fixture.ports.store.runs.addMetrics(run.id, 7, [{ sequence: 7, epoch: 1, name: 'train/box_loss', value: 2 }]);
  await controller.poll();
  await controller.poll();
  expect(pushed).toHaveLength(1);
  expect(pushed[0]?.run?.series).toHaveLength(1);
  await controller.refresh();
  expect(pushed).toHaveLength(1);
  await controller.refresh(true);
  expect(pushed).toHaveLength(2);
});

test('a session without a training has empty curves; a run folder may be gone', async () => {
  const empty = await createReviewFixture();
  expect((await openMetrics(empty).page.request('metrics/ready', null)).state).toMatchObject({
    iterations: [],
    runs: [],
    run: null,
  });
  const fixture = await createBatchFixture();
  await addRun(fixture, 1);
  const { state } = await openMetrics(fixture).page.request('metrics/ready', null);
  expect(state.run).toMatchObject({ epochs: 50, epoch: 0 });
});

test('the editor handles the export', async () => {
  const fixture = await createBatchFixture();
  const { page, asked } = openMetrics(fixture);
  expect(await page.request('metrics/export-model', null)).toBeNull();
  expect(asked).toEqual(['export']);
});
