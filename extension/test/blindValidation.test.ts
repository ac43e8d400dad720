import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gridContext } from '../src/workflow/grid/gridContext.ts';
import { gridImages } from '../src/workflow/grid/gridImages.ts';
import { gridRows } from '../src/workflow/grid/gridRows.ts';
import { LabelClasses } from '../src/workflow/grid/labelClasses.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import type { SampleRow } from '../src/workflow/ports/store/samples.ts';
import { confidentSamples } from '../src/workflow/review/confidentSamples.ts';
import { finishReview } from '../src/workflow/review/finishReview.ts';
import { imageQueue } from '../src/workflow/review/imageQueue.ts';
import { undoVerdict } from '../src/workflow/review/reversals.ts';
import { reviewQueue } from '../src/workflow/review/reviewQueue.ts';
import { submitVerdict } from '../src/workflow/review/verdicts.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { makePaintedDataset, paintObjects, writeYaml } from './support/fakePorts.ts';
import { bench, labelled, settings, source, sure, unsure, useWorkspaces } from './support/useCaseBench.ts';

useWorkspaces('blind-');

const box = { classId: 0, cx: 0.5, cy: 0.5, width: 0.25, height: 0.25 };

/** Trains once, and opens a batch of 20 of 30 images; the model sees a spot on each of them. */
async function openBatch(prepare: (yaml: string) => Promise<unknown> = async () => undefined) {
  const { ports, data } = bench();
  const pool = Array.from({ length: 30 }, (_, index) => [
    `pool ${index}`,
    { spots: [index % 2 === 0 ? sure : unsure] },
  ]);
  const known = ['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]);
  const yaml = await makePaintedDataset(
    data,
    Object.fromEntries([...known, ...pool]) as Record<string, typeof labelled>,
  );
  await prepare(yaml);
  const { session } = await createSession(ports, source(yaml), { ...settings, maxSamplesPerIteration: 20 });
  const iteration = await runIteration(ports, session.id);
  const samples = await ports.store.samples.list(iteration.id);
  return { session, iteration, samples, blind: samples.filter((sample) => sample.blind === true) };
}

/** Names a validation image in data.yaml. */
async function addValidationSplit(): Promise<void> {
  const { data } = bench();
  await mkdir(join(data, 'images', 'val'), { recursive: true });
  await mkdir(join(data, 'labels', 'val'), { recursive: true });
  await paintObjects(join(data, 'images', 'val', 'v.png'), [sure], 99);
  await writeFile(join(data, 'labels', 'val', 'v.txt'), labelled.label);
  const yaml = await writeYaml(data, ['red', 'green', 'blue']);
  await writeFile(yaml, 'path: .\ntrain: images/train\nval: images/val\nnames: [red, green, blue]\n');
}

async function predictionOf(sample: SampleRow): Promise<number> {
  const { ports } = bench();
  const [version] = await ports.store.models.list(1);
  const raw = await ports.store.predictions.list(version?.id ?? 0, [sample.imageId]);
  return raw[0]?.detections.length ?? 0;
}

describe('blind samples', () => {
  test('are half of the random images of a batch, unless the dataset has a validation set', async () => {
    const { blind, samples } = await openBatch();
    expect(samples).toHaveLength(20);
    expect(blind).toHaveLength(2);
    for (const { reasons } of blind) expect(reasons).toEqual(['drawn at random']);
  });

  test('are none with a validation set of the dataset, whose images decide alone', async () => {
    const { blind, samples } = await openBatch(addValidationSplit);
    expect(samples).toHaveLength(20);
    expect(blind).toEqual([]);
  });

  test('show nowhere what the model predicts, until their verdict', async () => {
    const { ports } = bench();
    const { session, iteration, blind } = await openBatch();
    const [sample, other] = blind as [SampleRow, SampleRow];
    expect(await predictionOf(sample)).toBe(1);
    expect(sample).toMatchObject({ predictedBoxes: [], scores: {}, maxConfidence: null, uncertaintyScore: null });
    const opened = await reviewQueue(ports, session.id, { sampleId: sample.id });
    expect(opened?.current?.sample.predictedBoxes).toEqual([]);
    const list = { title: 'Images', images: [sample.imageId], since: '2026-01-01T00:00:00.000Z' };
    expect((await imageQueue(ports, session.id, list)).current?.sample.predictedBoxes).toEqual([]);
    const confident = await confidentSamples(ports, session, iteration);
    expect(confident.map(({ sampleId }) => sampleId)).not.toContain(sample.id);
    const context = await gridContext(ports, session.id);
    const [row] = await gridRows(ports, context, [sample.imageId]);
    expect(row?.boxes).toEqual([]);
    for (const order of [
      { kind: 'class', classId: 0 },
      { kind: 'score', metric: 'confidence' },
    ] as const) {
      const query = { source: 'all', images: [], classId: null, verdict: null, split: null, folder: null } as const;
      const { ids, values } = await gridImages(
        ports,
        context,
        { ...query, order, reversed: false },
        new LabelClasses(),
      );
      expect(values?.[ids.indexOf(sample.imageId)]).toBeNaN();
    }

    await submitVerdict(ports, sample.id, { verdict: 'corrected', boxes: [box] });
    const judged = await reviewQueue(ports, session.id, { sampleId: sample.id });
    expect(judged?.current?.sample.predictedBoxes).toHaveLength(1);
    expect(judged?.current?.labels).toMatchObject([box]);
    expect(judged?.samples.find(({ id }) => id === sample.id)).toMatchObject({
      verdict: 'corrected',
      unpredicted: true,
    });
    await undoVerdict(ports, iteration.id);
    const again = await reviewQueue(ports, session.id, { sampleId: sample.id });
    expect(again?.current?.sample.predictedBoxes).toEqual([]);
    expect((await reviewQueue(ports, session.id, { sampleId: other.id }))?.current?.sample.predictedBoxes).toEqual([]);
  });

  test('join the validation set at the next training, and no training ever gets them', async () => {
    const { ports, training } = bench();
    const { session, iteration, samples, blind } = await openBatch();
    const before = await ports.store.datasets.latestRevision(session.datasetId);
    const [kept, skipped] = blind as [SampleRow, SampleRow];
    for (const { id } of samples) {
      await submitVerdict(
        ports,
        id,
        id === skipped.id ? { verdict: 'rejected-later' } : { verdict: 'corrected', boxes: [box] },
      );
    }
    await finishReview(ports, iteration.id);
    const messages: string[] = [];
    await runIteration(ports, session.id, { report: ({ message }) => void messages.push(message) });
    const after = await ports.store.datasets.latestRevision(session.datasetId);
    const members = after?.members.map(({ imageId }) => imageId) ?? [];
    expect(members).toHaveLength((before?.members.length ?? 0) + 1);
    expect(members).toContain(kept.imageId);
    const trained = training.trainings.flatMap(({ images }) => images.filter(({ split }) => split === 'train'));
    expect(trained.map(({ imageId }) => imageId)).not.toContain(kept.imageId);
    expect(messages.join('\n')).toContain('1 image that was labelled blind joins the validation set');
    // What the user left for later is an image of the pool again.
    expect(await ports.store.images.get(skipped.imageId)).toMatchObject({ split: 'train', state: 'later' });
    // The second batch grows the set on.
    const second = (await ports.store.iterations.list(session.id)).at(-1);
    const next = await ports.store.samples.list(second?.id ?? 0);
    expect(next.filter((sample) => sample.blind === true).length).toBeGreaterThan(0);
  });
});
