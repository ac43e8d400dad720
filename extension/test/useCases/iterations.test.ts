import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evaluateModels } from '../../src/workflow/iteration/evaluate.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { finishReview } from '../../src/workflow/review/finishReview.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { createSession, editSession } from '../../src/workflow/session/sessions.ts';
import { sessionStatus } from '../../src/workflow/session/status.ts';
import { makePaintedDataset, rowOf } from '../support/fakePorts.ts';
import {
  bench,
  faint,
  imageName,
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

describe('an iteration', () => {
  test('trains on labelled images alone, freezes validation, and ranks the unsure image first', async () => {
    const { ports, training } = bench();
    const { sessionId, samples, names } = await reviewing();
    const [request] = training.trainings;
    expect(request?.images.filter((image) => image.split === 'train')).toHaveLength(4);
    expect(request?.images.filter((image) => image.split === 'val')).toHaveLength(1);
    expect(request?.images.every((image) => image.labelText === labelled.label)).toBe(true);
    expect(names[0]).toBe('pool unsure');
    expect(samples[0]).toMatchObject({
      maxConfidence: expect.closeTo(128 / 255, 2),
      entropyScore: expect.closeTo(1, 2),
    });
    expect(samples[0]?.predictedBoxes).toHaveLength(1);
    const status = await sessionStatus(ports, sessionId);
    // The model answers these pictures exactly.
    expect(status.iterations[0]?.iteration).toMatchObject({
      status: 'reviewing',
      validationImagesCount: 1,
      map50: 1,
      map5095: 1,
    });
    expect(status.images).toEqual({ labelled: 5, unlabelled: 3, later: 0, unusable: 0, broken: 0, missing: 0 });
  });

  test('keeps its validation images when labels grow, and never trains on them', async () => {
    const { ports, training } = bench();
    const { sessionId, iterationId, samples } = await reviewing();
    for (const sample of samples) await submitVerdict(ports, sample.id, { verdict: 'rejected-background' });
    await finishReview(ports, iterationId);
    const before = await ports.store.datasets.latestRevision(1);
    await runIteration(ports, sessionId);
    const after = await ports.store.datasets.latestRevision(1);
    expect(after?.id).toBe(before?.id);
    const trained = training.trainings[1]?.images
      .filter((image) => image.split === 'train')
      .map((image) => image.imageId);
    expect(trained).toHaveLength(7);
    expect(trained).not.toContain(before?.members[0]?.imageId);
  });

  test('evaluates every version again when a validation label was repaired', async () => {
    const { ports } = bench();
    const { sessionId, iterationId, samples } = await reviewing();
    const member = (await ports.store.datasets.latestRevision(1))?.members[0];
    const image = await ports.store.images.get(member?.imageId ?? 0);
    await writeFile(labelPath(image ? imageName(image) : ''), `${rowOf(sure)}\n${rowOf(unsure)}\n`);
    for (const sample of samples) await submitVerdict(ports, sample.id, { verdict: 'skipped' });
    await finishReview(ports, iterationId);
    await runIteration(ports, sessionId);
    const revision = await ports.store.datasets.latestRevision(1);
    expect(revision?.number).toBe(2);
    const versions = await ports.store.models.list(sessionId);
    expect(versions.map((version) => version.performanceMetrics['revisionId'])).toEqual([revision?.id, revision?.id]);
    expect(versions[0]?.performanceMetrics['map50']).toBeCloseTo(0.5);
  });

  test('keeps what each version detects on validation images, and runs only on new or changed ones', async () => {
    const { ports } = bench();
    const { sessionId } = await reviewing();
    const session = await ports.store.sessions.get(sessionId);
    const [version] = await ports.store.models.list(sessionId);
    const revision = await ports.store.datasets.latestRevision(1);
    const [member] = revision?.members ?? [];
    if (session === null || version === undefined || member === undefined) throw new Error('nothing was trained');
    const [kept] = await ports.store.validationDetections.list(version.id, [member.imageId]);
    // The model gives every cell: those from 0.001 on are kept, the class scores from 0.05 on.
    expect(kept?.detections[0]).toMatchObject({ classId: 0, confidence: expect.closeTo(250 / 255, 2) });
    expect(kept?.detections[0]?.classScores?.classIds).toEqual([0]);
    expect(kept?.detections.every(({ confidence }) => confidence >= 0.001)).toBe(true);

    const predicted: string[] = [];
    const { predict } = ports.inference;
    const counted: typeof ports = {
      ...ports,
      inference: {
        ...ports.inference,
        predict: (model, images, ...rest) =>
          predict.call(
            ports.inference,
            model,
            [...(images as Iterable<{ imageId: number; absolutePath: string }>)].map((image) => {
              predicted.push(image.absolutePath.replace(/.*\//, ''));
              return image;
            }),
            ...rest,
          ),
      },
    };
    // A repaired label is a new revision; the images stay, so that no model runs.
    const other = (await ports.store.images.find({ datasetId: 1, states: ['labelled'] })).find(
      ({ id }) => id !== member.imageId,
    );
    if (other?.labelHash === undefined || other.labelHash === null) throw new Error('no other labelled image');
    const repaired = await ports.store.datasets.addRevision(1, [{ ...member, labelHash: 'repaired' }]);
    const again = await evaluateModels(counted, session, repaired.id, {});
    expect(predicted).toEqual([]);
    expect(again.map5095).toBe(version.performanceMetrics['map5095']);
    const grown = await ports.store.datasets.addRevision(1, [
      member,
      { imageId: other.id, labelHash: other.labelHash },
    ]);
    await evaluateModels(counted, session, grown.id, {});
    expect(predicted).toEqual([other.relativePath.replace(/.*\//, '')]);
    expect(await ports.store.validationDetections.keys(version.id)).toHaveLength(2);
    await ports.store.images.update([{ id: other.id, contentHash: 'changed' }]);
    const changed = await ports.store.datasets.addRevision(1, [member, { imageId: other.id, labelHash: 'changed' }]);
    await evaluateModels(counted, session, changed.id, {});
    expect(predicted).toHaveLength(2);
  });

  test('measures the decision threshold and class qualities with the version, and ranks by them', async () => {
    const { ports } = bench();
    const { sessionId, samples } = await reviewing();
    const [version] = await ports.store.models.list(sessionId);
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
    // A version that was evaluated before these were measured is evaluated again.
    const session = await ports.store.sessions.get(sessionId);
    if (session === null) throw new Error('The session is gone.');
    for (const figure of ['decisionThreshold', 'objectQualities']) {
      const { [figure]: _, ...older } = version?.performanceMetrics ?? {};
      await ports.store.models.updateMetrics(version?.id ?? 0, older);
      const again = await evaluateModels(ports, session, Number(older['revisionId']), {});
      expect(again.decisionThreshold).toBe(decisionThreshold);
      expect((await ports.store.models.list(sessionId))[0]?.performanceMetrics).toEqual(version?.performanceMetrics);
    }
  });

  test('goes on when the files of an older version were removed', async () => {
    const { ports } = bench();
    const { sessionId, iterationId, samples } = await reviewing();
    const [old] = await ports.store.models.list(sessionId);
    await rm(old?.modelPath ?? '');
    const member = (await ports.store.datasets.latestRevision(1))?.members[0];
    const image = await ports.store.images.get(member?.imageId ?? 0);
    await writeFile(labelPath(image ? imageName(image) : ''), `${rowOf(sure)}\n${rowOf(unsure)}\n`);
    for (const sample of samples) await submitVerdict(ports, sample.id, { verdict: 'skipped' });
    await finishReview(ports, iterationId);
    expect((await runIteration(ports, sessionId)).status).toBe('reviewing');
    const versions = await ports.store.models.list(sessionId);
    expect(versions.map((version) => version.isBest)).toEqual([false, true]);
    // Its detections were kept, and only a label changed: its metrics are those of the new revision too.
    expect(versions[0]?.performanceMetrics['revisionId']).toBe(versions[1]?.performanceMetrics['revisionId']);
    expect(versions[0]?.performanceMetrics['map50']).toBeCloseTo(0.5);
  });

  test('a failed training is kept with its message, and trained again', async () => {
    const { ports, training, data } = bench();
    const yaml = await makePaintedDataset(data, { a: labelled, b: labelled, c: { spots: [unsure] } });
    const { session } = await createSession(ports, source(yaml), settings);
    training.nextError = {
      name: 'TrainingError',
      code: 'out-of-memory',
      message: 'The GPU is full.',
      hint: 'Take a smaller batch.',
    };
    await expect(runIteration(ports, session.id)).rejects.toMatchObject({
      code: 'out-of-memory',
      hint: 'Take a smaller batch.',
    });
    const [failed] = await ports.store.iterations.list(session.id);
    expect(failed).toMatchObject({
      status: 'failed',
      resumeFrom: 'training',
      error: 'The GPU is full. Take a smaller batch.',
    });
    const again = await runIteration(ports, session.id);
    expect(again).toMatchObject({ id: failed?.id, status: 'reviewing', error: null });
    expect(training.jobs).toHaveLength(2);
    expect(training.jobs[1]?.runId).not.toBe(training.jobs[0]?.runId);
  });

  test('a stopped scoring goes on where it was', async () => {
    const { ports, training, data } = bench();
    const yaml = await makePaintedDataset(data, {
      a: labelled,
      b: labelled,
      c: { spots: [unsure] },
      d: { spots: [faint] },
    });
    const { session } = await createSession(ports, source(yaml), settings);
    const abort = new AbortController();
    const stopAtScoring = {
      signal: abort.signal,
      report: ({ step }: { step: string }) => step === 'evaluate' && abort.abort(),
    };
    await expect(runIteration(ports, session.id, stopAtScoring)).rejects.toMatchObject({ code: 'cancelled' });
    const [stopped] = await ports.store.iterations.list(session.id);
    expect(stopped?.status).toBe('cancelled');
    expect((await runIteration(ports, session.id)).status).toBe('reviewing');
    expect(training.jobs).toHaveLength(1);
    expect(await ports.store.models.list(session.id)).toHaveLength(1);
  });

  test('after the last iteration one training on all labels is offered, and then nothing', async () => {
    const { ports } = bench();
    const { sessionId, iterationId } = await reviewing();
    await editSession(ports, sessionId, { maxIterations: 1 });
    await finishReview(ports, iterationId);
    const offered = (await sessionStatus(ports, sessionId)).actions.filter((action) => action.enabled);
    expect(offered.map((action) => action.action)).toContain('train-final');
    const last = await runIteration(ports, sessionId);
    expect(last).toMatchObject({ iterationNumber: 2, status: 'completed' });
    await expect(runIteration(ports, sessionId)).rejects.toMatchObject({
      code: 'not-now',
      message: 'The last training on all labels was made already.',
    });
  });

  test('two owners: the second gets a report of who works, and a dead owner does not block', async () => {
    const { ports } = bench();
    const { sessionId, iterationId } = await reviewing();
    await finishReview(ports, iterationId);
    const alive = { pid: process.ppid, startTime: '', nonce: 'other window' };
    await ports.store.leases.acquire('training', alive);
    const elsewhere = { ...ports, system: { ...ports.system, isAlive: () => Promise.resolve(true) } };
    await expect(runIteration(elsewhere, sessionId)).rejects.toMatchObject({
      code: 'busy-elsewhere',
      hint: expect.stringContaining(String(process.ppid)),
    });
    const dead = { ...ports, system: { ...ports.system, isAlive: () => Promise.resolve(false) } };
    expect((await runIteration(dead, sessionId)).status).toBe('reviewing');
  });
});

describe('base weights', () => {
  test('that the user did not choose are reported before the iteration is stored', async () => {
    const { ports, training, root, data } = bench();
    const base = join(root, 'base.pt');
    await writeFile(base, 'chosen');
    const { session } = await createSession(
      ports,
      source(await makePaintedDataset(data, { a: labelled, b: labelled })),
      {
        ...settings,
        baseModel: base,
      },
    );
    await writeFile(base, 'of somebody else');
    await expect(runIteration(ports, session.id)).rejects.toMatchObject({ code: 'weights-unknown', where: base });
    expect(await ports.store.iterations.list(session.id)).toEqual([]);
    expect(await ports.store.runs.list()).toEqual([]);
    expect((await ports.store.sessions.get(session.id))?.status).toBe('created');
    expect(training.jobs).toEqual([]);
    // An iteration that failed by something else stays what it was.
    await ports.knownFiles.remember(base, 'user');
    training.nextError = { name: 'TrainingError', code: 'out-of-memory', message: 'No memory.', hint: 'Less.' };
    await expect(runIteration(ports, session.id)).rejects.toMatchObject({ code: 'out-of-memory' });
    const [failed] = await ports.store.iterations.list(session.id);
    await writeFile(base, 'of another stranger');
    await expect(runIteration(ports, session.id)).rejects.toMatchObject({ code: 'weights-unknown' });
    expect(await ports.store.iterations.list(session.id)).toEqual([failed]);
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('No memory.') });
  });

  test('are downloaded only where the person agreed', async () => {
    const { ports, training } = bench();
    const { sessionId, iterationId } = await reviewing();
    expect(training.trainings[0]?.allowDownload).toBe(false);
    await finishReview(ports, iterationId);
    await runIteration(ports, sessionId, { allowDownload: true });
    expect(training.trainings[1]?.allowDownload).toBe(true);
  });
});
