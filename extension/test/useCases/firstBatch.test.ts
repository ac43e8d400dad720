import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { defaultThresholds } from '../../src/core/detection/shownThresholds.ts';
import { fitBatchThresholds } from '../../src/workflow/iteration/selection/fitBatchThresholds.ts';
import type { SampleRow } from '../../src/workflow/ports/store/samples.ts';
import { requireRow } from '../../src/workflow/shared/errors.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { finishReview } from '../../src/workflow/review/finishReview.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { canSelectFirstBatch } from '../../src/workflow/session/firstBatch.ts';
import { sessionStatus } from '../../src/workflow/session/status.ts';
import { makePaintedDataset } from '../support/fakePorts.ts';
import { openReview } from '../support/panelFixture.ts';
import { bench, imageName, labelPath, settings, source, sure, unsure, useWorkspaces } from '../support/useCaseBench.ts';

useWorkspaces();

/** A session over pictures without labels, whose first batch is selected with base weights that know red, green and blue. */
async function batchOf(
  pictures: Parameters<typeof makePaintedDataset>[1],
  names: readonly string[],
): Promise<ReadonlyMap<string, SampleRow>> {
  const { ports, data } = bench();
  const yaml = await makePaintedDataset(data, pictures, names);
  const { session } = await createSession(ports, source(yaml), { ...settings, baseModel: 'yolov8n.pt' });
  const iteration = await runIteration(ports, session.id);
  const samples = await ports.store.samples.list(iteration.id);
  const images = await Promise.all(samples.map(({ imageId }) => ports.store.images.get(imageId)));
  return new Map(samples.map((sample, at) => [imageName(requireRow(images[at] ?? null, 'image', at)), sample]));
}

describe('boxes that the base weights propose', () => {
  const pictures = { green: { spots: [unsure] }, red: { spots: [sure] }, empty: { spots: [] } };

  test('are those of classes whose names the dataset has, with its ids', async () => {
    const batch = await batchOf(pictures, ['scratch', 'GREEN']);
    expect(batch.get('green')?.predictedBoxes).toMatchObject([{ classId: 1 }]);
    expect(batch.get('green')?.reasons.at(-1)).toContain('proposed by the base weights');
    expect(batch.get('green')?.combinedScore).toBeNull();
    expect(batch.get('red')).toMatchObject({ predictedBoxes: [], maxConfidence: null });
    expect(batch.get('empty')?.reasons.join(' ')).not.toContain('base weights');
  });

  test('are of any object if the dataset has one class, and can be accepted', async () => {
    const batch = await batchOf(pictures, ['raccoon']);
    const red = batch.get('red');
    expect(red?.predictedBoxes).toMatchObject([{ classId: 0 }]);
    expect(batch.get('green')?.predictedBoxes).toMatchObject([{ classId: 0 }]);
    expect(red?.reasons.at(-1)).toContain('any object');
    await submitVerdict(bench().ports, red?.id ?? 0, { verdict: 'accepted' });
    expect(await readFile(labelPath('red'), 'utf8')).toMatch(/^0 0\.\d+ 0\.\d+ 0\.\d+ 0\.\d+\n$/);
  });

  test('are none if no name of several classes fits', async () => {
    const batch = await batchOf(pictures, ['crack', 'scratch']);
    expect([...batch.values()].flatMap(({ predictedBoxes }) => predictedBoxes)).toEqual([]);
  });

  test('say nothing about the thresholds of later batches', async () => {
    const { ports } = bench();
    // Fifty right predictions are enough for a threshold of the class.
    const spots = Array.from({ length: 24 }, (_, at) => ({ ...sure, column: at % 8, row: 2 * Math.floor(at / 8) }));
    const batch = await batchOf({ a: { spots }, b: { spots }, c: { spots } }, ['raccoon']);
    expect([...batch.values()].flatMap(({ predictedBoxes }) => predictedBoxes).length).toBeGreaterThan(50);
    for (const { id } of batch.values()) await submitVerdict(ports, id, { verdict: 'accepted' });
    const [session] = await ports.store.sessions.list();
    const [first] = await ports.store.iterations.list(session?.id ?? 0);
    await finishReview(ports, first?.id ?? 0);
    const next = await ports.store.iterations.create(session?.id ?? 0, 1, 'selecting');
    const fitted = await fitBatchThresholds(ports, requireRow(session ?? null, 'session', 1), next);
    expect(fitted).toEqual(defaultThresholds);
  });
});

describe('a folder without a label', () => {
  test('says how many labels the first training sets aside for validation, and sets so many aside', async () => {
    const { ports, data } = bench();
    const names = Array.from({ length: 10 }, (_, at) => `image ${at}`);
    const yaml = await makePaintedDataset(
      data,
      Object.fromEntries(names.map((name, at) => [name, { spots: [{ ...sure, column: at % 8, row: at % 7 }] }])),
    );
    const { session } = await createSession(ports, source(yaml), { ...settings, maxSamplesPerIteration: 10 });
    const before = await sessionStatus(ports, session.id);
    expect(before.labelled).toEqual({ training: 0, validation: 0, test: 0, toSetAside: 0 });
    expect(canSelectFirstBatch(before)).toBe(true);

    const iteration = await runIteration(ports, session.id);
    const box = { classId: 0, cx: 0.25, cy: 0.25, width: 0.125, height: 0.125 };
    for (const { id } of await ports.store.samples.list(iteration.id)) {
      await submitVerdict(ports, id, { verdict: 'corrected', boxes: [box] });
    }
    const labelled = await sessionStatus(ports, session.id);
    expect(labelled.labelled).toEqual({ training: 10, validation: 0, test: 0, toSetAside: 2 });
    expect(canSelectFirstBatch(labelled)).toBe(false);
    const page = openReview({ ports, sessionId: session.id });
    const { state } = await page.page.request('review/ready', null);
    expect(state.notice).toContain('The first training sets about 2 of the 10 labelled images aside for validation.');
    await finishReview(ports, iteration.id);

    expect(await runIteration(ports, session.id)).toMatchObject({ trainingImagesCount: 8, validationImagesCount: 2 });
    const trained = await sessionStatus(ports, session.id);
    expect(trained.labelled).toEqual({ training: 8, validation: 2, test: 0, toSetAside: 0 });
  });
});
