import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { relocateDataset, rescanDataset } from '../../src/workflow/dataset/datasets.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { finishReview } from '../../src/workflow/review/finishReview.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { makePaintedDataset, rowOf, writeYaml } from '../support/fakePorts.ts';
import {
  bench,
  labelPath,
  labelled,
  reviewing,
  settings,
  source,
  sure,
  unsure,
  useWorkspaces,
} from '../support/useCaseBench.ts';

useWorkspaces();

describe('bad input', () => {
  test('no labels at all: the first batch is chosen instead of a training that cannot work', async () => {
    const { ports, training, data } = bench();
    const yaml = await makePaintedDataset(data, { a: { spots: [sure] }, b: { spots: [unsure] } });
    const { session } = await createSession(ports, source(yaml), settings);
    const iteration = await runIteration(ports, session.id);
    expect(iteration).toMatchObject({ iterationNumber: 0, status: 'reviewing' });
    expect(training.jobs).toHaveLength(0);
  });

  test('one label alone: the first batch is chosen too, because a training needs one image for validation', async () => {
    const { ports, training, data } = bench();
    const yaml = await makePaintedDataset(data, { a: labelled, b: { spots: [unsure] } });
    const { session } = await createSession(ports, source(yaml), settings);
    expect(await runIteration(ports, session.id)).toMatchObject({ iterationNumber: 0, status: 'reviewing' });
    expect(training.jobs).toHaveLength(0);
  });

  test('labels without a box cannot be trained on, and the message says what is missing', async () => {
    const { ports, data } = bench();
    const yaml = await makePaintedDataset(data, { a: labelled, b: labelled });
    const { session } = await createSession(ports, source(yaml), settings);
    await writeFile(labelPath('a'), '');
    await writeFile(labelPath('b'), '');
    await expect(runIteration(ports, session.id)).rejects.toMatchObject({
      code: 'no-labels',
      message: expect.stringContaining('has a box'),
      hint: expect.stringContaining('draw boxes'),
    });
  });

  test('unusable label rows never reach the trainer, and never turn an image into background', async () => {
    const { ports, training, data } = bench();
    const polygon = '1 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.3';
    const mixed = `${rowOf(sure)}\n${polygon}\n7 0.5 0.5 0.1 0.1\n0 nan 0.5 0.1 0.1\n0 0.5 0.5\n`;
    const yaml = await makePaintedDataset(data, {
      a: { spots: [sure], label: mixed },
      b: { spots: [sure], label: '9 0.5 0.5 0.1 0.1\n' },
      c: labelled,
      d: labelled,
      e: { spots: [unsure] },
    });
    const { session } = await createSession(ports, source(yaml), settings);
    await runIteration(ports, session.id);
    const texts = training.trainings[0]?.images.map((image) => image.labelText).toSorted();
    expect(texts).toEqual(
      [labelled.label, labelled.label, `${rowOf(sure)}\n1 0.200000 0.200000 0.200000 0.200000\n`].toSorted(),
    );
    expect(await readFile(labelPath('a'), 'utf8')).toBe(mixed);
  });

  test('an image that breaks after the scan is recorded, and the rest is scored', async () => {
    const { ports, data } = bench();
    const yaml = await makePaintedDataset(data, {
      a: labelled,
      b: labelled,
      c: { spots: [unsure] },
      d: { spots: [sure] },
    });
    await writeFile(join(data, 'images', 'train', 'zero.png'), '');
    const { session, scan } = await createSession(ports, source(yaml), settings);
    expect(scan.problems.filter((problem) => problem.file?.endsWith('zero.png'))).toHaveLength(1);
    const [broken] = await ports.store.images.find({ datasetId: 1, states: ['broken'] });
    expect(broken?.relativePath).toMatch(/zero\.png$/);
    const intact = join(data, 'images', 'train', 'd.png');
    const bytes = await readFile(intact);
    const cutDuringEvaluation = async ({ step }: { step: string }): Promise<void> => {
      if (step === 'evaluate') await writeFile(intact, bytes.subarray(0, 60));
    };
    const iteration = await runIteration(ports, session.id, { report: (update) => void cutDuringEvaluation(update) });
    const samples = await ports.store.samples.list(iteration.id);
    expect(samples).toHaveLength(1);
    const [version] = await ports.store.models.list(session.id);
    const predictions = await ports.store.predictions.page(version?.id ?? 0, 0, 10);
    expect(predictions.map((row) => row.error === null).toSorted()).toEqual([false, true]);
  });

  test('a moved dataset is reported, and works again after its new location is set; nothing is lost', async () => {
    const { ports, root, data } = bench();
    const { sessionId, iterationId, samples, names } = await reviewing();
    await submitVerdict(ports, samples[0]?.id ?? 0, { verdict: 'accepted' });
    await finishReview(ports, iterationId);
    const moved = join(root, 'moved here');
    await rename(data, moved);
    const gone = runIteration(ports, sessionId);
    await expect(gone).rejects.toMatchObject({
      code: 'dataset-moved',
      where: join(data, 'data.yaml'),
      hint: expect.stringContaining('set its new location'),
    });
    await expect(relocateDataset(ports, 1, join(root, 'nowhere', 'data.yaml'))).rejects.toMatchObject({
      name: 'DatasetError',
    });
    const report = await relocateDataset(ports, 1, join(moved, 'data.yaml'));
    expect(report).toMatchObject({ added: 0, missing: 0 });
    expect(await ports.store.images.find({ datasetId: 1 })).toHaveLength(8);
    expect((await runIteration(ports, sessionId)).status).toBe('reviewing');
    expect(existsSync(join(moved, 'labels', 'train', `${names[0]}.txt`))).toBe(true);
  });

  test('reordered class names stop everything; appended and renamed ones do not', async () => {
    const { ports, data } = bench();
    const { iterationId, sessionId } = await reviewing();
    await finishReview(ports, iterationId);
    await writeYaml(data, ['green', 'red', 'blue']);
    await expect(runIteration(ports, sessionId)).rejects.toMatchObject({
      code: 'classes-reordered',
      message: expect.stringContaining('green'),
    });
    await writeYaml(data, ['red', 'leaf green', 'blue', 'white']);
    await rescanDataset(ports, 1);
    expect((await ports.store.datasets.get(1))?.classNames).toEqual(['red', 'leaf green', 'blue', 'white']);
  });

  test('file names with spaces, unicode, #, %, quotes and < go through the whole loop', async () => {
    const { ports, data } = bench();
    const odd = ['with space', 'größe-部品', 'a#b', '100%25', `it's "quoted"`, 'a<b', '[0]'];
    const pictures = Object.fromEntries(odd.map((name, index) => [name, index < 3 ? labelled : { spots: [unsure] }]));
    const yaml = await makePaintedDataset(data, pictures);
    const { session } = await createSession(ports, source(yaml), { ...settings, maxSamplesPerIteration: 4 });
    const iteration = await runIteration(ports, session.id);
    const samples = await ports.store.samples.list(iteration.id);
    expect(samples).toHaveLength(4);
    for (const sample of samples) await submitVerdict(ports, sample.id, { verdict: 'accepted' });
    for (const name of odd.slice(3)) expect(await readFile(labelPath(name), 'utf8')).toBe(`${rowOf(unsure)}\n`);
  });
});
