import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { absentImageNotes } from '../../src/workflow/dataset/absentImages.ts';
import { exportModel } from '../../src/workflow/models/exportModel.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { leftOutNote, leftOutOf, withUserPaths } from '../../src/workflow/models/leftOut.ts';
import { finishReview } from '../../src/workflow/review/finishReview.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { sessionStatus } from '../../src/workflow/session/status.ts';
import { makePaintedDataset } from '../support/fakePorts.ts';
import {
  bench,
  imageName,
  labelled,
  reviewing,
  settings,
  source,
  unsure,
  useWorkspaces,
} from '../support/useCaseBench.ts';

useWorkspaces();

const picture = (name: string): string => join(bench().data, 'images', 'train', `${name}.png`);

async function splitOf(name: string): Promise<string> {
  const images = await bench().ports.store.images.find({ datasetId: 1 });
  return images.find((image) => imageName(image) === name)?.split ?? '';
}

/** Runs the next training and returns its progress reports. */
async function nextTraining(sessionId: number, iterationId: number): Promise<string[]> {
  const { ports } = bench();
  for (const sample of await ports.store.samples.list(iterationId)) {
    await submitVerdict(ports, sample.id, { verdict: 'rejected-background' });
  }
  await finishReview(ports, iterationId);
  const told: string[] = [];
  await runIteration(ports, sessionId, { report: ({ message }) => void told.push(message) });
  return told;
}

describe('labelled images that vanish or break', () => {
  test('are named by the next training and by the status', async () => {
    const { ports } = bench();
    const { sessionId, iterationId } = await reviewing();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const training = [];
    for (const name of names) if ((await splitOf(name)) !== 'val') training.push(name);
    const [first = '', second = '', third = ''] = training;
    await rm(picture(first));
    await rm(picture(second));
    await writeFile(picture(third), 'no image');
    const told = await nextTraining(sessionId, iterationId);
    const missing = `2 labelled images are missing: ${picture(first)}, ${picture(second)}. Bring them back, or remove their label files.`;
    expect(told).toContain(missing);
    expect(told.find((line) => line.includes(picture(third)))).toMatch(/^1 labelled image is left out: .*no image/);
    const { images, absent, iterations } = await sessionStatus(ports, sessionId);
    expect(images).toMatchObject({ missing: 2, broken: 1 });
    expect(absent.map(({ file, state }) => `${state} ${file}`).toSorted()).toEqual(
      [`missing ${picture(first)}`, `missing ${picture(second)}`, `broken ${picture(third)}`].toSorted(),
    );
    expect(absentImageNotes(absent)).toEqual(told.filter((line) => /^\d+ labelled image/.test(line)));
    expect(iterations.at(-1)?.iteration.trainingImagesCount).toBe(training.length - 3 + 3);
  });

  test('of the validation set make a new revision, which is said', async () => {
    const { ports, data } = bench();
    const pictures = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, labelled]));
    const yaml = await makePaintedDataset(data, { ...pictures, free: { spots: [unsure] }, more: { spots: [] } });
    const { session } = await createSession(ports, source(yaml), settings);
    const iteration = await runIteration(ports, session.id);
    const before = await ports.store.datasets.latestRevision(1);
    expect(before?.members).toHaveLength(2);
    const lost = await ports.store.images.get(before?.members[0]?.imageId ?? 0);
    await rm(picture(lost ? imageName(lost) : ''));
    const told = await nextTraining(session.id, iteration.id);
    expect(told.join('\n')).toMatch(/1 labelled image for validation is missing/);
    expect(told.join('\n')).toMatch(
      /1 of the 2 validation images of before is not there: numbers are measured on 1 now/,
    );
    const after = await ports.store.datasets.latestRevision(1);
    expect(after?.members.map(({ imageId }) => imageId)).toEqual([before?.members[1]?.imageId]);
    const versions = await ports.store.models.list(session.id);
    expect(versions.map(({ performanceMetrics }) => performanceMetrics['revisionId'])).toEqual([after?.id, after?.id]);
  });

  test('a pool folder that was left out is no loss', async () => {
    const { sessionId } = await reviewing();
    expect((await sessionStatus(bench().ports, sessionId)).absent).toEqual([]);
    expect(absentImageNotes([])).toEqual([]);
  });
});

describe('images that the trainer leaves out', () => {
  test('are no part of the counts, and are named by status and model card as the user named them', async () => {
    const { ports, data, training, root } = bench();
    training.dataset = ({ images }) => {
      const [first, second] = images.filter(({ split }) => split === 'train');
      return {
        trainImages: 2,
        trainBoxes: 2,
        leftOut: [
          { image: first?.imageId ?? 0, split: 'train', reason: 'broken PNG file' },
          { image: second?.imageId ?? 0, split: 'train', reason: 'image size is odd' },
        ],
      };
    };
    const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
    const yaml = await makePaintedDataset(data, { ...known, free: { spots: [unsure] } });
    const { session } = await createSession(ports, source(yaml), settings);
    const iteration = await runIteration(ports, session.id);
    expect(iteration).toMatchObject({ trainingImagesCount: 2, trainingBoxesCount: 2 });
    const { model } = (await sessionStatus(ports, session.id)).iterations[0] ?? {};
    const leftOut = leftOutOf(model?.lineage ?? {});
    const given = training.trainings[0]?.images.filter(({ split }) => split === 'train') ?? [];
    expect(leftOut.map(({ file }) => join(data, 'images', 'train', file.replace(/^.*\//, '')))).toEqual(
      given.slice(0, 2).map(({ absolutePath }) => join(absolutePath)),
    );
    expect(leftOutNote(leftOut)).toMatch(/^2 images were left out by the trainer: .*\.png \(broken PNG file\), /);
    const target = join(root, 'out');
    const { files } = await exportModel(ports, session.id, target);
    const card = files.find((file) => file.endsWith('.md')) ?? '';
    const text = (await ports.artifacts.readText(card)) ?? '';
    expect(text).toContain('Trained on: 2 labelled images');
    expect(text).toContain('broken PNG file');
    expect(text).not.toContain(data);
  });

  test('texts of the trainer name files of the user, not copies', async () => {
    const { ports } = bench();
    await reviewing();
    const image = (await ports.store.images.find({ datasetId: 1 }))[0];
    const copy = `/x y/.active-learning/runs/s1-i1-a/dataset/images/train/${image?.id}.png`;
    expect(await withUserPaths(ports, 1, 's1-i1-a', `Image Not Found ${copy}`)).toBe(
      `Image Not Found ${picture(image ? imageName(image) : '')}`,
    );
    expect(await withUserPaths(ports, 1, 's1-i1-b', copy)).toBe(copy);
  });
});
