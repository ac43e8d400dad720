import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { InferenceError } from '../src/adapters/inference/inferenceError.ts';
import { TrainingError } from '../src/core/session/errors.ts';
import { rescanDataset } from '../src/workflow/dataset/datasets.ts';
import { embeddingsFor } from '../src/workflow/similarity/embedImages.ts';
import { evaluateModels } from '../src/workflow/iteration/evaluate.ts';
import type { InferenceResult } from '../src/workflow/ports/inference.ts';
import type { ModelJob } from '../src/workflow/ports/job.ts';
import { paintObjects } from './support/fakePorts.ts';
import { FastBench, spot } from './support/fastBench.ts';

let bench: FastBench | undefined;
afterEach(async () => {
  await bench?.its.close();
  bench = undefined;
});

async function opened(...args: Parameters<typeof FastBench.open>): Promise<FastBench> {
  bench = await FastBench.open(...args);
  return bench;
}

const byFull = ['full', 'full', 'full'];
const byFast = ['fast', 'fast', 'fast'];

describe('the model that scores a pool', () => {
  test('is the full one where fast scoring is off', async () => {
    const its = await opened(24, { fastScoring: false });
    expect(await its.score()).toEqual(byFull);
    expect(its.jobs).toEqual([]);
    expect(its.told()).not.toContain('Fast scoring');
  });

  test('is the full one without validation images, and that is reported', async () => {
    const its = await opened(0);
    expect(await its.score()).toEqual(byFull);
    expect(its.jobs).toEqual([]);
    expect(its.told()).toContain('Fast scoring is not used: there are no validation images to judge it on.');
  });

  test('is the int8 one if it ranks alike and is faster; the measurement is reported and stored', async () => {
    const its = await opened(24);
    expect(await its.score()).toEqual(byFast);
    expect(its.jobs).toMatchObject([{ kind: 'quantise', model: join(its.its.folder, 'model.onnx') }]);
    // Calibrated on the pool, never on the images that it is judged by.
    expect(its.jobs[0]?.calibrationImages.map((path) => path.replace(/.*\/|\.png/g, '')).toSorted()).toEqual([
      'sure',
      'two',
      'unsure',
    ]);
    expect(its.told()).toMatch(/Fast scoring is used: 3\.00 times the speed, ranking agrees to 1\.000\./);
    expect(its.settled).toEqual([join(its.its.folder, 'model.onnx'), expect.stringContaining('fast-')]);
    const first = await its.stored();
    expect(first).toMatchObject({ used: true, images: 24, map5095Delta: 0, imageSize: 64 });
    expect(first?.ratioToFp32).toBeCloseTo(3, 6);

    // The next scoring neither makes nor measures it again; its weights stay out of the way of the int8 file.
    await paintObjects(join(its.its.data, 'images', 'train', 'sure.png'), [spot(100)]);
    await rescanDataset(its.its.ports, 1);
    await its.score();
    expect(its.runs.map(({ model, weights }) => [model, weights])).toEqual([['fast', false]]);
    expect(its.jobs).toHaveLength(1);
    expect(its.told()).toContain('Fast scoring is used');
  });

  test('is one that keeps more in float where the first ranks otherwise', async () => {
    const its = await opened(24);
    its.alter = (result, careful) => (careful ? result : upsideDown(result));
    expect(await its.score()).toEqual(byFast);
    expect(its.jobs.map(({ careful }) => careful)).toEqual([false, true]);
    expect(its.told()).toMatch(/The int8 copy is too rough: its ranking of the images agrees to/);
    expect(its.told()).toMatch(/Fast scoring is used: 3\.00 times the speed/);
    expect(await its.stored()).toMatchObject({ used: true, modelPath: expect.stringContaining('-careful') });
    await its.score();
    expect(its.jobs).toHaveLength(2);
  });

  test('is the full one, with the first reason kept, where one that keeps more in float cannot be made', async () => {
    const its = await opened(24);
    its.alter = upsideDown;
    its.endings.push('finished', 'failed');
    expect(await its.score()).toEqual(byFull);
    expect(its.told()).toContain('One that keeps more in float failed: No memory is left.');
    expect(its.told()).toMatch(/Fast scoring is not used: its ranking of the images agrees to/);
    await its.score();
    expect(its.runs).toEqual([]);
    expect(its.jobs).toHaveLength(2);
  });

  test.each([
    ['is no faster', 24, 31, (result: InferenceResult) => result, /not faster on this machine \(0\.97 times/],
    ['ranks otherwise', 24, 10, upsideDown, /Fast scoring is not used: its ranking of the images agrees to -?0\.\d+/],
    ['cannot be judged', 19, 10, (result: InferenceResult) => result, /only 19 validation images; 20 are needed/],
  ])('is the full one where the int8 one %s, with the reason told and kept', async (_, images, ms, alter, reason) => {
    const its = await opened(images);
    its.fastMs = ms;
    its.alter = alter;
    expect(await its.score()).toEqual(byFull);
    expect(its.told()).toMatch(reason);
    expect(await its.stored()).toMatchObject({ used: false, reason: expect.any(String) });
    // One that keeps more in float would be no faster, nor be judged.
    expect(its.jobs).toHaveLength(alter === upsideDown ? 2 : 1);
    // It is not measured again.
    await its.score();
    expect(its.runs).toEqual([]);
    expect(its.told()).toMatch(reason);
  });

  test('is judged again after the validation images changed', async () => {
    const its = await opened(24);
    await its.score();
    const { datasets } = its.its.ports.store;
    const members = (await datasets.latestRevision(1))?.members ?? [];
    const { id } = await datasets.addRevision(1, members.slice(0, 21));
    await evaluateModels(its.its.ports, await its.its.session(), id, {});
    await its.score();
    expect(await its.stored()).toMatchObject({ used: true, images: 21, revisionId: id });
    expect(its.jobs).toHaveLength(1);
  });
});

describe('a fast model that fails', () => {
  test('to be made twice is let be, and the full one scores; once may be chance', async () => {
    const its = await opened(24);
    its.endings.push('failed', 'failed');
    expect(await its.score()).toEqual(byFull);
    expect(its.told()).toContain('Fast scoring is not used: No memory is left.');
    await its.score();
    expect(its.jobs).toHaveLength(2);
    await its.score();
    expect(its.jobs).toHaveLength(2);
    expect(its.told()).toContain('Fast scoring is not used: No memory is left.');
  });

  test('to be made because it was stopped is made the next time', async () => {
    const its = await opened(24);
    its.endings.push('cancelled');
    expect(await its.score()).toEqual(byFull);
    expect(its.told()).toContain('Fast scoring is not used: The quantisation ended without a model.');
    await its.score();
    expect(await its.stored()).toMatchObject({ used: true });
    expect(new Set(its.jobs.map(({ runId }) => runId)).size).toBe(2);
  });

  test('to be made under a name that another try has begun otherwise is made under the next one', async () => {
    const its = await opened(24);
    const { trainer } = its.its.ports;
    let conflicts = 1;
    const prepare = (job: ModelJob): ReturnType<typeof trainer.prepare> =>
      conflicts-- > 0
        ? Promise.reject(new TrainingError('run-conflict', 'It has begun with other settings.', 'Use another.'))
        : trainer.prepare(job);
    Object.assign(its.its.ports, { trainer: { ...trainer, prepare } });
    expect(await its.score()).toEqual(byFast);
    expect(its.jobs.map(({ runId }) => runId)).toEqual([expect.stringMatching(/-2$/)]);
  });

  test('at the pool is given up: the full one scores all of it, now and from then on', async () => {
    const its = await opened(24);
    const names = new Set(
      (await its.its.ports.store.images.find({ datasetId: 1, states: ['unlabelled'] })).map(({ id }) => id),
    );
    let seen = 0;
    its.alter = (result) => {
      if (names.has(result.imageId) && ++seen === 2) throw new InferenceError('model-broken', 'It broke.', 'None.');
      return result;
    };
    const models = await its.score();
    expect(models.filter((model) => model === 'full')).toHaveLength(3);
    expect(its.told()).toContain('Fast scoring is given up, and the full model scores: It broke.');
    expect(new Set((await its.its.rows()).map(({ inferenceKey }) => inferenceKey)).size).toBe(1);
    expect(await its.stored()).toMatchObject({ used: false, reason: 'It broke.' });
    expect(await its.score()).toEqual([]);
    expect(its.told()).toContain('Fast scoring is not used: It broke.');
  });

  test('is not what the full one takes the blame for', async () => {
    const its = await opened(0);
    const { inference } = its.its.ports;
    Object.assign(its.its.ports, {
      inference: {
        ...inference,
        predict: () => {
          throw new InferenceError('model-broken', 'It broke.', 'None.');
        },
      },
    });
    await expect(its.its.score()).rejects.toMatchObject({ code: 'model-broken' });
  });
});

test("a fast model gives none of the session's vectors: they all lie where the version itself puts them", async () => {
  const its = await opened(24, { baseModel: 'yolov8n.yaml' });
  // Vectors of another model: twice as long, and turned.
  its.alter = (result) =>
    result.ok && result.embedding !== undefined
      ? { ...result, embedding: result.embedding.map((value, i) => -2 * value + i) }
      : result;
  expect(await its.score()).toEqual(byFast);
  expect(its.runs.filter(({ vector }) => vector)).toEqual([]);
  const fast = await embeddingsFor(its.its.ports, await its.its.session());
  expect(its.runs.filter(({ vector }) => vector).map(({ model }) => model)).toEqual(Array(27).fill('full'));

  await its.its.close();
  const plain = await opened(24, { baseModel: 'yolov8n.yaml', fastScoring: false });
  expect(await plain.score()).toEqual(byFull);
  // Only those that the same pass did not give.
  const full = await embeddingsFor(plain.its.ports, await plain.its.session());
  expect(plain.runs.filter(({ vector }) => vector)).toHaveLength(27);
  expect(fast?.vectors).toEqual(full?.vectors);
});

/** The surest are the least sure. */
function upsideDown(result: InferenceResult): InferenceResult {
  if (!result.ok) return result;
  const detections = result.detections.map((detection) => ({ ...detection, confidence: 1 - detection.confidence }));
  return { ...result, detections };
}
