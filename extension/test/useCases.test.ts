import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatasetSource } from '../src/core/dataset/types.ts';
import { relocateDataset, rescanDataset } from '../src/workflow/datasets.ts';
import type { Engine } from '../src/workflow/engine.ts';
import { exportModel } from '../src/workflow/exportModel.ts';
import { evaluateModels } from '../src/workflow/iteration/evaluateModels.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import type { ImageRow, SampleRow } from '../src/workflow/ports/store.ts';
import { recover } from '../src/workflow/recovery.ts';
import { finishReview, submitVerdict, undoVerdict } from '../src/workflow/review.ts';
import { createSession, duplicateSession, editSession } from '../src/workflow/sessions.ts';
import { sessionStatus } from '../src/workflow/status.ts';
import {
  makeSpotDataset,
  openFakeEngine,
  paintSpots,
  rowOf,
  writeYaml,
  type FakeTraining,
  type Spot,
} from './support/fakeEngine.ts';

const sure: Spot = { column: 1, row: 1, classId: 0, brightness: 250 };
const unsure: Spot = { column: 4, row: 2, classId: 1, brightness: 128 };
const faint: Spot = { column: 6, row: 6, classId: 2, brightness: 40 };
const labelled = { spots: [sure], label: `${rowOf(sure)}\n` };

let root = '';
let data = '';
let engine: Engine;
let training: FakeTraining;
let close: () => Promise<void>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'use-cases-'));
  data = join(root, 'data');
  const opened = await openFakeEngine(root);
  ({ engine, training } = opened);
  close = opened.workspace.close;
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 3 };
const source = (yaml: string): DatasetSource => ({ kind: 'yaml', path: yaml, poolFolders: [] });
const labelPath = (name: string): string => join(data, 'labels', 'train', `${name}.txt`);
const imageName = (image: ImageRow): string => image.relativePath.replace(/.*\/|\.png$/g, '');

/** A dataset of five labelled pictures and a pool, trained once, with its batch in queue order. */
async function reviewing(): Promise<{ sessionId: number; iterationId: number; samples: SampleRow[]; names: string[] }> {
  const pool = { 'pool unsure': { spots: [unsure] }, 'pool sure': { spots: [sure] }, 'pool-empty': { spots: [] } };
  const known = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, labelled]));
  const yaml = await makeSpotDataset(data, { ...known, ...pool });
  const { session } = await createSession(engine, source(yaml), settings);
  const iteration = await runIteration(engine, session.id);
  const samples = await engine.store.samples.list(iteration.id);
  const names: string[] = [];
  for (const sample of samples) {
    const image = await engine.store.images.get(sample.imageId);
    names.push(image ? imageName(image) : '');
  }
  return { sessionId: session.id, iterationId: iteration.id, samples, names };
}

describe('an iteration', () => {
  test('trains on labelled images alone, freezes validation, and ranks the unsure image first', async () => {
    const { sessionId, samples, names } = await reviewing();
    const [request] = training.requests;
    expect(request?.images.filter((image) => image.split === 'train')).toHaveLength(4);
    expect(request?.images.filter((image) => image.split === 'val')).toHaveLength(1);
    expect(request?.images.every((image) => image.labelText === labelled.label)).toBe(true);
    expect(names[0]).toBe('pool unsure');
    expect(samples[0]).toMatchObject({
      maxConfidence: expect.closeTo(128 / 255, 2),
      entropyScore: expect.closeTo(1, 2),
    });
    expect(samples[0]?.predictedBoxes).toHaveLength(1);
    const status = await sessionStatus(engine, sessionId);
    // The model answers these pictures exactly.
    expect(status.iterations[0]?.iteration).toMatchObject({
      status: 'reviewing',
      validationImagesCount: 1,
      map50: 1,
      map5095: 1,
    });
    expect(status.images).toEqual({ labelled: 5, unlabelled: 3, later: 0, unusable: 0, broken: 0 });
  });

  test('keeps its validation images when labels grow, and never trains on them', async () => {
    const { sessionId, iterationId, samples } = await reviewing();
    for (const sample of samples) await submitVerdict(engine, sample.id, { verdict: 'rejected-background' });
    await finishReview(engine, iterationId);
    const before = await engine.store.datasets.latestRevision(1);
    await runIteration(engine, sessionId);
    const after = await engine.store.datasets.latestRevision(1);
    expect(after?.id).toBe(before?.id);
    const trained = training.requests[1]?.images
      .filter((image) => image.split === 'train')
      .map((image) => image.imageId);
    expect(trained).toHaveLength(7);
    expect(trained).not.toContain(before?.members[0]?.imageId);
  });

  test('evaluates every version again when a validation label was repaired', async () => {
    const { sessionId, iterationId, samples } = await reviewing();
    const member = (await engine.store.datasets.latestRevision(1))?.members[0];
    const image = await engine.store.images.get(member?.imageId ?? 0);
    await writeFile(labelPath(image ? imageName(image) : ''), `${rowOf(sure)}\n${rowOf(unsure)}\n`);
    for (const sample of samples) await submitVerdict(engine, sample.id, { verdict: 'skipped' });
    await finishReview(engine, iterationId);
    await runIteration(engine, sessionId);
    const revision = await engine.store.datasets.latestRevision(1);
    expect(revision?.number).toBe(2);
    const versions = await engine.store.models.list(sessionId);
    expect(versions.map((version) => version.performanceMetrics['revisionId'])).toEqual([revision?.id, revision?.id]);
    expect(versions[0]?.performanceMetrics['map50']).toBeCloseTo(0.5);
  });

  test('measures the decision threshold and class qualities with the version, and ranks by them', async () => {
    const { sessionId, samples } = await reviewing();
    const [version] = await engine.store.models.list(sessionId);
    const { threshold, decisionThreshold, objectQualities } = version?.performanceMetrics ?? {};
    // One validation image, in which the model answers a box of brightness 250 exactly: p^0.6 at an IoU of 1.
    expect(threshold).toBeCloseTo(250 / 255, 2);
    expect(decisionThreshold).toBeGreaterThan(0.25);
    expect(decisionThreshold).toBeLessThan(0.3);
    expect(objectQualities).toEqual([expect.closeTo((250 / 255) ** 0.6, 2), null, null]);
    const shown = samples.find((sample) => sample.predictedBoxes.length > 0);
    expect(shown?.scores).toHaveProperty('class-difficulty');
    expect(shown?.withheldScores).toEqual({
      flip: expect.stringContaining('setting'),
      localisation: 'not available for this head',
    });
    // A version that was evaluated before these were measured is evaluated once more.
    const session = await engine.store.sessions.get(sessionId);
    if (session === null) throw new Error('The session is gone.');
    for (const figure of ['decisionThreshold', 'objectQualities']) {
      const { [figure]: _, ...older } = version?.performanceMetrics ?? {};
      await engine.store.models.updateMetrics(version?.id ?? 0, older);
      const again = await evaluateModels(engine, session, Number(older['revisionId']), {});
      expect(again.decisionThreshold).toBe(decisionThreshold);
      expect((await engine.store.models.list(sessionId))[0]?.performanceMetrics).toEqual(version?.performanceMetrics);
    }
  });

  test('goes on when the files of an older version were removed', async () => {
    const { sessionId, iterationId, samples } = await reviewing();
    const [old] = await engine.store.models.list(sessionId);
    await rm(old?.modelPath ?? '');
    const member = (await engine.store.datasets.latestRevision(1))?.members[0];
    const image = await engine.store.images.get(member?.imageId ?? 0);
    await writeFile(labelPath(image ? imageName(image) : ''), `${rowOf(sure)}\n${rowOf(unsure)}\n`);
    for (const sample of samples) await submitVerdict(engine, sample.id, { verdict: 'skipped' });
    await finishReview(engine, iterationId);
    expect((await runIteration(engine, sessionId)).status).toBe('reviewing');
    expect((await engine.store.models.list(sessionId)).map((version) => version.isBest)).toEqual([false, true]);
  });

  test('a failed training is kept with its message, and trained anew', async () => {
    const yaml = await makeSpotDataset(data, { a: labelled, b: labelled, c: { spots: [unsure] } });
    const { session } = await createSession(engine, source(yaml), settings);
    training.nextError = {
      name: 'TrainingError',
      code: 'out-of-memory',
      message: 'The GPU is full.',
      hint: 'Take a smaller batch.',
    };
    await expect(runIteration(engine, session.id)).rejects.toMatchObject({
      code: 'out-of-memory',
      hint: 'Take a smaller batch.',
    });
    const [failed] = await engine.store.iterations.list(session.id);
    expect(failed).toMatchObject({
      status: 'failed',
      resumeFrom: 'training',
      error: 'The GPU is full. Take a smaller batch.',
    });
    const again = await runIteration(engine, session.id);
    expect(again).toMatchObject({ id: failed?.id, status: 'reviewing', error: null });
    expect(training.requests).toHaveLength(2);
    expect(training.requests[1]?.runId).not.toBe(training.requests[0]?.runId);
  });

  test('a stopped scoring goes on where it was', async () => {
    const yaml = await makeSpotDataset(data, {
      a: labelled,
      b: labelled,
      c: { spots: [unsure] },
      d: { spots: [faint] },
    });
    const { session } = await createSession(engine, source(yaml), settings);
    const abort = new AbortController();
    const stopAtScoring = {
      signal: abort.signal,
      report: ({ step }: { step: string }) => step === 'evaluate' && abort.abort(),
    };
    await expect(runIteration(engine, session.id, stopAtScoring)).rejects.toMatchObject({ code: 'cancelled' });
    const [stopped] = await engine.store.iterations.list(session.id);
    expect(stopped?.status).toBe('cancelled');
    expect((await runIteration(engine, session.id)).status).toBe('reviewing');
    expect(training.requests).toHaveLength(1);
    expect(await engine.store.models.list(session.id)).toHaveLength(1);
  });

  test('after the last iteration one training on all labels is offered, and then nothing', async () => {
    const { sessionId, iterationId } = await reviewing();
    await editSession(engine, sessionId, { maxIterations: 1 });
    await finishReview(engine, iterationId);
    const offered = (await sessionStatus(engine, sessionId)).actions.filter((action) => action.enabled);
    expect(offered.map((action) => action.action)).toContain('train-final');
    const last = await runIteration(engine, sessionId);
    expect(last).toMatchObject({ iterationNumber: 2, status: 'completed' });
    await expect(runIteration(engine, sessionId)).rejects.toMatchObject({
      code: 'not-now',
      message: 'The last training on all labels was made already.',
    });
  });

  test('two owners: the second is told who works, and a dead owner does not block', async () => {
    const { sessionId, iterationId } = await reviewing();
    await finishReview(engine, iterationId);
    const alive = { pid: process.ppid, startTime: '', nonce: 'other window' };
    await engine.store.leases.acquire('training', alive);
    const elsewhere = { ...engine, system: { ...engine.system, isAlive: () => Promise.resolve(true) } };
    await expect(runIteration(elsewhere, sessionId)).rejects.toMatchObject({
      code: 'busy-elsewhere',
      hint: expect.stringContaining(String(process.ppid)),
    });
    const dead = { ...engine, system: { ...engine.system, isAlive: () => Promise.resolve(false) } };
    expect((await runIteration(dead, sessionId)).status).toBe('reviewing');
  });
});

describe('base weights', () => {
  test('are downloaded only where the person agreed', async () => {
    const { sessionId, iterationId } = await reviewing();
    expect(training.requests[0]?.allowDownload).toBe(false);
    await finishReview(engine, iterationId);
    await runIteration(engine, sessionId, { allowDownload: true });
    expect(training.requests[1]?.allowDownload).toBe(true);
  });
});

describe('verdicts', () => {
  test('each changes the label file at once, and undo walks all the way back', async () => {
    const { iterationId, samples, names } = await reviewing();
    const [first, second, third] = samples as [SampleRow, SampleRow, SampleRow];
    const [one = '', two = '', three = ''] = names;
    await submitVerdict(engine, first.id, { verdict: 'accepted' }, { reviewSeconds: 2.5 });
    expect(await readFile(labelPath(one), 'utf8')).toBe(`${rowOf(unsure)}\n`);
    expect(await engine.store.samples.get(first.id)).toMatchObject({ verdict: 'accepted', reviewSeconds: 2.5 });
    await submitVerdict(engine, second.id, {
      verdict: 'corrected',
      boxes: [{ classId: 2, cx: 0.25, cy: 0.5, width: 0.1, height: 0.2 }],
    });
    expect(await readFile(labelPath(two), 'utf8')).toBe('2 0.250000 0.500000 0.100000 0.200000\n');
    await submitVerdict(engine, third.id, { verdict: 'rejected-later' });
    expect(existsSync(labelPath(three))).toBe(false);
    expect((await engine.store.images.get(third.imageId))?.state).toBe('later');
    // A verdict may be changed: the label goes with it.
    await submitVerdict(engine, first.id, { verdict: 'rejected-unusable' });
    expect(existsSync(labelPath(one))).toBe(false);
    expect((await engine.store.images.get(first.imageId))?.state).toBe('unusable');

    await undoVerdict(engine, iterationId);
    expect(await readFile(labelPath(one), 'utf8')).toBe(`${rowOf(unsure)}\n`);
    for (let n = 0; n < 3; n++) await undoVerdict(engine, iterationId);
    for (const [index, sample] of samples.entries()) {
      expect(existsSync(labelPath(names[index] ?? ''))).toBe(false);
      expect(await engine.store.samples.get(sample.id)).toMatchObject({ verdict: null });
      expect((await engine.store.images.get(sample.imageId))?.state).toBe('unlabelled');
    }
    await expect(undoVerdict(engine, iterationId)).rejects.toMatchObject({ code: 'nothing-to-undo' });
  });

  test('accepting an image with no box shown asks whether it is background', async () => {
    const { samples, names } = await reviewing();
    const index = names.indexOf('pool-empty');
    const id = samples[index]?.id ?? 0;
    await expect(submitVerdict(engine, id, { verdict: 'accepted' })).rejects.toMatchObject({ code: 'no-boxes-shown' });
    expect(existsSync(labelPath('pool-empty'))).toBe(false);
    await submitVerdict(engine, id, { verdict: 'accepted', confirmBackground: true });
    expect(await readFile(labelPath('pool-empty'), 'utf8')).toBe('');
  });

  test('boxes that are no boxes are refused with a sentence, and nothing is written', async () => {
    const { samples, names } = await reviewing();
    for (const box of [
      { classId: 3, cx: 0.5, cy: 0.5, width: 0.1, height: 0.1 },
      { classId: 0, cx: Number.NaN, cy: 0.5, width: 0.1, height: 0.1 },
      { classId: 0, cx: 0.5, cy: 0.5, width: 0, height: 0.1 },
    ]) {
      const wrong = submitVerdict(engine, samples[0]?.id ?? 0, { verdict: 'corrected', boxes: [box] });
      await expect(wrong).rejects.toMatchObject({
        code: 'verdict-invalid',
        hint: expect.stringContaining('Classes are 0 to 2'),
      });
    }
    expect(existsSync(labelPath(names[0] ?? ''))).toBe(false);
    expect(await engine.store.labelEvents.history(samples[0]?.imageId ?? 0)).toEqual([]);
  });

  test('a label file that changed outside wins, until the person says otherwise', async () => {
    const { iterationId, samples, names } = await reviewing();
    const [sample] = samples as [SampleRow];
    const path = labelPath(names[0] ?? '');
    const outside = '0 0.1 0.1 0.05 0.05\n# drawn elsewhere\n';
    await writeFile(path, outside);
    const refused = submitVerdict(engine, sample.id, { verdict: 'rejected-background' });
    await expect(refused).rejects.toMatchObject({ code: 'edited-outside', where: path });
    expect(await readFile(path, 'utf8')).toBe(outside);
    const report = await rescanDataset(engine, 1);
    expect(report.labelsChangedOutside).toBe(1);
    expect(await engine.store.images.get(sample.imageId)).toMatchObject({ state: 'labelled' });
    expect((await engine.store.labelEvents.history(sample.imageId)).map((event) => event.cause)).toEqual(['outside']);

    await submitVerdict(engine, sample.id, {
      verdict: 'corrected',
      boxes: [{ classId: 1, cx: 0.5, cy: 0.5, width: 0.5, height: 0.5 }],
    });
    // Comments of the file stay; its old box was replaced.
    expect(await readFile(path, 'utf8')).toBe('# drawn elsewhere\n1 0.500000 0.500000 0.500000 0.500000\n');
    await writeFile(path, outside);
    await expect(undoVerdict(engine, iterationId)).rejects.toMatchObject({ code: 'edited-outside' });
    await undoVerdict(engine, iterationId, { overwriteOutsideEdit: true });
    expect(await readFile(path, 'utf8')).toBe(outside);
  });

  test('what a dead process journaled but did not write is written at the next start', async () => {
    const { samples, names } = await reviewing();
    const [first, second, third] = samples as [SampleRow, SampleRow, SampleRow];
    const owner = { pid: 2 ** 22 + 1, startTime: '1', nonce: 'dead' };
    const intent = {
      cause: 'verdict',
      before: null,
      verdictBefore: null,
      stateBefore: 'unlabelled',
      stateAfter: 'labelled',
      owner,
      undoes: null,
    } as const;
    const after = `${rowOf(faint)}\n`;
    for (const sample of [first, second, third]) {
      await engine.store.labelEvents.begin({
        ...intent,
        imageId: sample.imageId,
        sampleId: sample.id,
        after,
        verdictAfter: 'corrected',
      });
    }
    await writeFile(labelPath(names[1] ?? ''), after);
    await writeFile(labelPath(names[2] ?? ''), '1 0.5 0.5 0.2 0.2\n');
    expect(await recover(engine)).toMatchObject({ written: 1, completed: 1, conflicts: 1 });
    expect(await readFile(labelPath(names[0] ?? ''), 'utf8')).toBe(after);
    expect(await readFile(labelPath(names[2] ?? ''), 'utf8')).toBe('1 0.5 0.5 0.2 0.2\n');
    expect((await engine.store.samples.get(first.id))?.verdict).toBe('corrected');
    expect((await engine.store.samples.get(second.id))?.verdict).toBe('corrected');
    expect((await engine.store.samples.get(third.id))?.verdict).toBeNull();
    expect(await recover(engine)).toMatchObject({ written: 0, completed: 0, conflicts: 0 });
  });

  test('a label that cannot be written at the next start does not keep the workspace closed', async () => {
    const { samples } = await reviewing();
    const [sample] = samples as [SampleRow];
    await engine.store.labelEvents.begin({
      imageId: sample.imageId,
      sampleId: sample.id,
      cause: 'verdict',
      before: null,
      after: '',
      verdictBefore: null,
      verdictAfter: 'rejected-background',
      stateBefore: 'unlabelled',
      stateAfter: 'labelled',
      owner: { pid: 2 ** 22 + 1, startTime: '1', nonce: 'dead' },
      undoes: null,
    });
    const full = {
      ...engine,
      labels: { ...engine.labels, write: () => Promise.reject(new Error('No space is left.')) },
    };
    expect(await recover(full)).toMatchObject({ unfinished: ['No space is left.'] });
    expect(await recover(engine)).toMatchObject({ unfinished: [], written: 1 });
  });
});

describe('bad input', () => {
  test('no labels at all: the first batch is chosen instead of a training that cannot work', async () => {
    const yaml = await makeSpotDataset(data, { a: { spots: [sure] }, b: { spots: [unsure] } });
    const { session } = await createSession(engine, source(yaml), settings);
    const iteration = await runIteration(engine, session.id);
    expect(iteration).toMatchObject({ iterationNumber: 0, status: 'reviewing' });
    expect(training.requests).toHaveLength(0);
  });

  test('one label, or labels without a box, cannot be trained on, and the message says what is missing', async () => {
    const yaml = await makeSpotDataset(data, { a: labelled, b: { spots: [unsure] } });
    const { session } = await createSession(engine, source(yaml), settings);
    await expect(runIteration(engine, session.id)).rejects.toMatchObject({
      code: 'no-labels',
      message: expect.stringContaining('Only 1'),
    });
    await writeFile(labelPath('a'), '');
    await writeFile(labelPath('b'), '');
    await expect(runIteration(engine, session.id)).rejects.toMatchObject({
      code: 'no-labels',
      message: expect.stringContaining('holds a box'),
      hint: expect.stringContaining('draw boxes'),
    });
  });

  test('unusable label rows never reach the trainer, and never turn an image into background', async () => {
    const polygon = '1 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.3';
    const mixed = `${rowOf(sure)}\n${polygon}\n7 0.5 0.5 0.1 0.1\n0 nan 0.5 0.1 0.1\n0 0.5 0.5\n`;
    const yaml = await makeSpotDataset(data, {
      a: { spots: [sure], label: mixed },
      b: { spots: [sure], label: '9 0.5 0.5 0.1 0.1\n' },
      c: labelled,
      d: labelled,
      e: { spots: [unsure] },
    });
    const { session } = await createSession(engine, source(yaml), settings);
    await runIteration(engine, session.id);
    const texts = training.requests[0]?.images.map((image) => image.labelText).toSorted();
    expect(texts).toEqual(
      [labelled.label, labelled.label, `${rowOf(sure)}\n1 0.200000 0.200000 0.200000 0.200000\n`].toSorted(),
    );
    expect(await readFile(labelPath('a'), 'utf8')).toBe(mixed);
  });

  test('an image that breaks after the scan is recorded, and the rest is scored', async () => {
    const yaml = await makeSpotDataset(data, {
      a: labelled,
      b: labelled,
      c: { spots: [unsure] },
      d: { spots: [sure] },
    });
    await writeFile(join(data, 'images', 'train', 'zero.png'), '');
    const { session, scan } = await createSession(engine, source(yaml), settings);
    expect(scan.problems.filter((problem) => problem.file?.endsWith('zero.png'))).toHaveLength(1);
    const [broken] = await engine.store.images.find({ datasetId: 1, states: ['broken'] });
    expect(broken?.relativePath).toMatch(/zero\.png$/);
    const intact = join(data, 'images', 'train', 'd.png');
    const bytes = await readFile(intact);
    const cutDuringEvaluation = async ({ step }: { step: string }): Promise<void> => {
      if (step === 'evaluate') await writeFile(intact, bytes.subarray(0, 60));
    };
    const iteration = await runIteration(engine, session.id, { report: (update) => void cutDuringEvaluation(update) });
    const samples = await engine.store.samples.list(iteration.id);
    expect(samples).toHaveLength(1);
    const [version] = await engine.store.models.list(session.id);
    const predictions = await engine.store.predictions.page(version?.id ?? 0, 0, 10);
    expect(predictions.map((row) => row.error === null).toSorted()).toEqual([false, true]);
  });

  test('a moved dataset says so, and follows when told where it is; nothing is lost', async () => {
    const { sessionId, iterationId, samples, names } = await reviewing();
    await submitVerdict(engine, samples[0]?.id ?? 0, { verdict: 'accepted' });
    await finishReview(engine, iterationId);
    const moved = join(root, 'moved here');
    await rename(data, moved);
    const gone = runIteration(engine, sessionId);
    await expect(gone).rejects.toMatchObject({
      code: 'dataset-moved',
      where: join(data, 'data.yaml'),
      hint: expect.stringContaining('where it is now'),
    });
    await expect(relocateDataset(engine, 1, join(root, 'nowhere', 'data.yaml'))).rejects.toMatchObject({
      name: 'DatasetError',
    });
    const report = await relocateDataset(engine, 1, join(moved, 'data.yaml'));
    expect(report).toMatchObject({ added: 0, missing: 0 });
    expect(await engine.store.images.find({ datasetId: 1 })).toHaveLength(8);
    expect((await runIteration(engine, sessionId)).status).toBe('reviewing');
    expect(existsSync(join(moved, 'labels', 'train', `${names[0]}.txt`))).toBe(true);
  });

  test('reordered class names stop everything; appended and renamed ones do not', async () => {
    const { iterationId, sessionId } = await reviewing();
    await finishReview(engine, iterationId);
    await writeYaml(data, ['green', 'red', 'blue']);
    await expect(runIteration(engine, sessionId)).rejects.toMatchObject({
      code: 'classes-reordered',
      message: expect.stringContaining('green'),
    });
    await writeYaml(data, ['red', 'leaf green', 'blue', 'white']);
    await rescanDataset(engine, 1);
    expect((await engine.store.datasets.get(1))?.classNames).toEqual(['red', 'leaf green', 'blue', 'white']);
  });

  test('file names with spaces, unicode, #, %, quotes and < go through the whole loop', async () => {
    const odd = ['with space', 'größe-部品', 'a#b', '100%25', `it's "quoted"`, 'a<b', '[0]'];
    const pictures = Object.fromEntries(odd.map((name, index) => [name, index < 3 ? labelled : { spots: [unsure] }]));
    const yaml = await makeSpotDataset(data, pictures);
    const { session } = await createSession(engine, source(yaml), { ...settings, maxSamplesPerIteration: 4 });
    const iteration = await runIteration(engine, session.id);
    const samples = await engine.store.samples.list(iteration.id);
    expect(samples).toHaveLength(4);
    for (const sample of samples) await submitVerdict(engine, sample.id, { verdict: 'accepted' });
    for (const name of odd.slice(3)) expect(await readFile(labelPath(name), 'utf8')).toBe(`${rowOf(unsure)}\n`);
  });
});

describe('sessions', () => {
  test('typed settings are remembered as such; a duplicate has none of the iterations', async () => {
    const { sessionId } = await reviewing();
    const edited = await editSession(engine, sessionId, { epochs: 7 });
    expect(edited).toMatchObject({ epochs: 7, typed: expect.arrayContaining(['epochs', 'imageSize']) });
    const copy = await duplicateSession(engine, sessionId, 'Second');
    expect(copy).toMatchObject({ name: 'Second', epochs: 7, datasetId: 1, currentIteration: 0 });
    expect(await engine.store.iterations.list(copy.id)).toEqual([]);
    await expect(
      createSession(engine, source(join(data, 'data.yaml')), { ...settings, name: 'X', strategy: 'best' }),
    ).rejects.toMatchObject({
      name: 'SelectionError',
    });
  });

  test('the best model is exported with its papers', async () => {
    const { sessionId } = await reviewing();
    const { files } = await exportModel(engine, sessionId, join(root, 'out'));
    expect(files.map((file) => file.slice(root.length + 5))).toEqual([
      'Spots-v1.pt',
      'Spots-v1.onnx',
      'Spots-v1.json',
      'Spots-v1-metrics.json',
      'Spots-v1-model-card.md',
    ]);
    const metrics = JSON.parse(await readFile(files[3] ?? '', 'utf8')) as Record<string, unknown>;
    expect(metrics).toMatchObject({ classNames: ['red', 'green', 'blue'], metrics: { map50: 1 }, validationImages: 1 });
  });

  test('a picture that changed is scored again, one that did not is not', async () => {
    const { sessionId, iterationId, names } = await reviewing();
    await finishReview(engine, iterationId);
    const [version] = await engine.store.models.list(sessionId);
    const upToDate = () => engine.store.predictions.keys(version?.id ?? 0, 0, Number.MAX_SAFE_INTEGER);
    expect(await upToDate()).toHaveLength(3);
    await paintSpots(join(data, 'images', 'train', `${names[0]}.png`), [faint, sure]);
    await rescanDataset(engine, 1);
    expect(await upToDate()).toHaveLength(2);
  });
});
