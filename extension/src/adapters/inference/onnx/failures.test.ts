import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelFiles } from '../../../workflow/ports/inference.ts';
import { collect, dynamicModel, fixedModel, options, repeated } from '../testing/predictions.ts';
import { paint, testFolder, testInference, workerPath } from '../testing/testBed.ts';
import { InferenceError } from '../inferenceError.ts';

const folder = testFolder();
const inference = testInference();
const black = await paint(join(folder, 'black.png'), 64, 64, 'black');
const yellow = await paint(join(folder, 'yellow.png'), 64, 64, 'yellow');

/** The error of a prediction with this model. */
async function failure(model: ModelFiles, using = inference): Promise<InferenceError> {
  try {
    await collect(using.predict(model, repeated(black, 3), options));
  } catch (error) {
    if (error instanceof InferenceError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

describe('models that cannot be used', () => {
  it('a missing file', async () => {
    const onnxPath = join(folder, 'gone', 'model.onnx');
    const error = await failure({ ...dynamicModel, onnxPath });
    expect(error).toMatchObject({ code: 'model-missing', where: onnxPath });
    expect(error.message).toContain(onnxPath);
  });

  it('a file that is not a model', async () => {
    const onnxPath = join(folder, 'broken model ü.onnx');
    writeFileSync(onnxPath, 'not a model');
    const error = await failure({ ...dynamicModel, onnxPath });
    expect(error).toMatchObject({ code: 'model-broken', where: onnxPath });
    expect(error.message).toContain(onnxPath);
    expect(error.hint).not.toBe('');
  });

  it.each([
    ['other classes', { names: ['a', 'b', 'c', 'd'] }, /4 classes/],
    ['another head', { head: 'end2end' as const }, /6 columns/],
    ['another input', { input: { name: 'pixels' } }, /images.*pixels/],
    ['another output', { outputs: [{ name: 'boxes', role: 'detections' as const }] }, /output0.*boxes/],
  ])('a model.json of a model with %s', async (_, change, message) => {
    const error = await failure({ ...dynamicModel, info: { ...dynamicModel.info, ...change } });
    expect(error.code).toBe('model-broken');
    expect(error.message).toMatch(message);
  });

  it('workers continue with the next model after a broken one', async () => {
    const results = await collect(inference.predict(fixedModel, repeated(black, 3), options));
    expect(results.map(({ ok }) => ok)).toStrictEqual([true, true, true]);
  });
});

describe('workers that do not start', () => {
  it('reports their output', async () => {
    const path = join(folder, 'brokenWorker.ts');
    writeFileSync(path, 'throw new Error("The shared library libmissing.so is not there.");');
    const error = await failure(dynamicModel, testInference({ workerPath: path }));
    expect(error.code).toBe('worker-failed');
    expect(error.message).toContain('exit code 1');
    expect(error.message).toContain('libmissing.so');
  });

  it('reports a missing worker file', async () => {
    const path = join(folder, 'noWorker.js');
    const error = await failure(dynamicModel, testInference({ workerPath: path }));
    expect(error.code).toBe('worker-failed');
    expect(error.message).toContain(path);
  });

  it('reports a missing Node executable', async () => {
    const nodePath = join(folder, 'no-node');
    const error = await failure(dynamicModel, testInference({ nodePath }));
    expect(error.code).toBe('worker-failed');
    expect(error.message).toContain(nodePath);
  });

  it('kills a worker that never responds', async () => {
    const path = join(folder, 'silentWorker.ts');
    writeFileSync(path, 'process.on("message", () => undefined); process.on("disconnect", () => process.exit());');
    const error = await failure(dynamicModel, testInference({ workerPath: path, startTimeoutMs: 300 }));
    expect(error.code).toBe('worker-failed');
    expect(error.message).toContain('did not answer');
  });
});

describe('workers of a GPU', () => {
  const answering = join(folder, 'answeringWorker.ts');
  writeFileSync(
    answering,
    `process.on('disconnect', () => process.exit());
     process.on('message', ({ kind, run, job, imageId, provider }) => {
       if (kind === 'open') process.send(provider === 'webgpu' ? { kind: 'opened', run } : { kind: 'refused', run });
       if (kind === 'image') setTimeout(() => process.send({
         kind: 'result', run, job,
         result: { ok: true, imageId, width: 1, height: 1, detections: [], bestScore: 0 },
       }), 20);
     });`,
  );

  it.each([
    [8, 2],
    [1, 1],
  ])('are at most two, and no more than allowed: %i allowed, %i started', async (workers, expected) => {
    const gpu = testInference({ workerPath: answering, provider: 'webgpu' });
    const results = await collect(gpu.predict(dynamicModel, repeated(black, 40), { ...options, workers }));
    expect(results).toHaveLength(40);
    expect(gpu.workerPids()).toHaveLength(expected);
  });

  it('are not retried after the first hangs during its start', async () => {
    const path = join(folder, 'hangingWorker.ts');
    const starts = join(folder, 'starts');
    writeFileSync(
      path,
      `import { appendFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(starts)}, '.');
       process.on('message', () => undefined);
       process.on('disconnect', () => process.exit());`,
    );
    const gpu = testInference({ workerPath: path, provider: 'webgpu', startTimeoutMs: 3000, maxIdleDeaths: 1 });
    const error = await failure(dynamicModel, gpu);
    expect(error).toMatchObject({ code: 'worker-failed' });
    expect(error.message).toContain('did not answer for 3 s and was ended before it began with an image. It wrote');
    expect(readFileSync(starts, 'utf8')).toBe('.');
  });
});

describe('cancelling', () => {
  it('throws immediately, and the next call works', async () => {
    const controller = new AbortController();
    let results = 0;
    const run = async (): Promise<void> => {
      for await (const { ok } of inference.predict(dynamicModel, repeated(yellow, 500), options, controller.signal)) {
        expect(ok).toBe(true);
        results += 1;
        if (results === 3) controller.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ name: 'InferenceError', code: 'cancelled' });
    expect(results).toBe(3);
    await expect(collect(inference.predict(dynamicModel, repeated(black, 4), options))).resolves.toHaveLength(4);
  });

  it('does not wait for a busy worker or a blocked source', async () => {
    const stuck = testInference();
    const magenta = await paint(join(folder, 'magenta.png'), 64, 64, 'magenta');
    const controller = new AbortController();
    async function* source(): AsyncGenerator<{ imageId: number; absolutePath: string }> {
      yield { imageId: 1, absolutePath: magenta };
      setTimeout(() => controller.abort(), 300);
      await new Promise(() => undefined);
    }
    const results = collect(stuck.predict(dynamicModel, source(), options, controller.signal));
    await expect(results).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('starts no worker if the signal has already fired', async () => {
    const quiet = testInference();
    const results = collect(quiet.predict(dynamicModel, repeated(black, 4), options, AbortSignal.abort()));
    await expect(results).rejects.toMatchObject({ code: 'cancelled' });
    expect(quiet.workerPids()).toStrictEqual([]);
  });
});

describe('the lifetime of workers', () => {
  it('continues into the next call, with the same or another model', async () => {
    const warm = testInference();
    await collect(warm.predict(dynamicModel, repeated(black, 2), options));
    const before = warm.workerPids();
    await collect(warm.predict(dynamicModel, repeated(black, 2), options));
    const [other] = await collect(warm.predict(fixedModel, repeated(yellow, 1), options));
    expect(other).toMatchObject({ ok: true, bestScore: 1 });
    expect(warm.workerPids()).toStrictEqual(before);
    expect(before).toHaveLength(1);
  });

  it('includes loading a model again after its file changed', async () => {
    const onnxPath = join(folder, 'changing.onnx');
    copyFileSync(dynamicModel.onnxPath, onnxPath);
    const model = { ...dynamicModel, onnxPath };
    await collect(inference.predict(model, repeated(black, 1), options));
    writeFileSync(onnxPath, 'overwritten');
    await expect(failure(model)).resolves.toMatchObject({ code: 'model-broken' });
  });

  it('allows nested calls', async () => {
    const nested = testInference();
    const inner: boolean[] = [];
    for await (const { ok } of nested.predict(dynamicModel, repeated(black, 3), options)) {
      expect(ok).toBe(true);
      for await (const result of nested.predict(fixedModel, repeated(black, 1), options)) inner.push(result.ok);
    }
    expect(inner).toStrictEqual([true, true, true]);
  });

  it('ends after a time without work', async () => {
    const short = testInference({ idleMs: 50 });
    await collect(short.predict(dynamicModel, repeated(black, 1), options));
    while (short.workerPids().length > 0) await delay(20);
    await expect(collect(short.predict(dynamicModel, repeated(black, 1), options))).resolves.toHaveLength(1);
  });

  it('ends with close, and a call in progress throws `closed`', async () => {
    const closing = testInference({ workerPath });
    const run = async (): Promise<void> => {
      for await (const { ok } of closing.predict(dynamicModel, repeated(yellow, 100), options)) {
        expect(ok).toBe(true);
        await closing.close();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'closed' });
    expect(closing.workerPids()).toStrictEqual([]);
    await expect(collect(closing.predict(dynamicModel, [], options))).rejects.toMatchObject({ code: 'closed' });
  });
});
