import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inference, InferenceImage, InferenceResult, ModelFiles } from '../../../workflow/ports/inference.ts';
import { createPythonInference } from './createPythonInference.ts';
import type { PythonInferenceSetup } from './pythonRun.ts';

const options = {
  imageSize: 64,
  minConfidence: 0.05,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: null,
  embedding: false,
  workers: 1,
};

let folder = '';
let inference: Inference;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'predict-'));
  writeFileSync(join(folder, 'best.pt'), 'weights');
  const fake = join(import.meta.dirname, 'testing', 'fakePredict.mjs');
  writeFileSync(join(folder, 'python'), `#!/bin/sh\nexec "${process.execPath}" "${fake}" "$@"\n`);
  chmodSync(join(folder, 'python'), 0o755);
  inference = open();
});
afterEach(async () => {
  await inference.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(setup: Partial<PythonInferenceSetup> = {}): Inference {
  return createPythonInference({
    python: () => Promise.resolve(join(folder, 'python')),
    trainerFolder: folder,
    runsFolder: join(folder, 'runs'),
    batch: 4,
    ...setup,
  });
}

/** A pool of 30 images, with these names at these positions. */
function poolWith(names: Readonly<Record<number, string>>): InferenceImage[] {
  return Array.from({ length: 30 }, (_, index) => ({
    imageId: 100 + index,
    absolutePath: join(folder, `${names[index] ?? 'fine'}-${index}.png`),
  }));
}

function predict(images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>): AsyncIterable<InferenceResult> {
  const model = { onnxPath: join(folder, 'model.onnx'), weightsPath: join(folder, 'best.pt') };
  return inference.predict(model as ModelFiles, images, options);
}

async function collect(images: readonly InferenceImage[]): Promise<InferenceResult[]> {
  const results: InferenceResult[] = [];
  for await (const result of predict(images)) results.push(result);
  return results;
}

/** Eight images, one of them delayed. */
async function* slow(): AsyncGenerator<InferenceImage> {
  for (const image of poolWith({}).slice(0, 8)) {
    if (image.imageId === 106) await sleep(1500);
    yield image;
  }
}

async function* broken(): AsyncGenerator<InferenceImage> {
  yield* poolWith({}).slice(0, 2);
  await Promise.resolve();
  throw new Error('The source broke.');
}

const starts = (): number => readFileSync(join(folder, 'starts'), 'utf8').split('\n').length - 1;
const idsOf = (results: readonly InferenceResult[]): number[] =>
  results.map(({ imageId }) => imageId).toSorted((a, b) => a - b);
const everyId = Array.from({ length: 30 }, (_, index) => 100 + index);
const failed = (results: readonly InferenceResult[]) => results.filter(({ ok }) => !ok);

// A shell script in place of Python starts the fake.
describe.skipIf(process.platform === 'win32')('a Python process', () => {
  it.each([
    ['in the middle', 13],
    ['at the first image', 0],
    ['at the last one', 29],
  ])('that crashes %s loses only that image, and its output is reported', async (_, place) => {
    const results = await collect(poolWith({ [place]: 'die' }));
    expect(idsOf(results)).toEqual(everyId);
    expect(failed(results)).toEqual([
      {
        ok: false,
        imageId: 100 + place,
        code: 'worker-crashed',
        message: expect.stringMatching(
          new RegExp(`die-${place}\\.png, the Python process was ended by signal SIGKILL.*no memory for die-${place}`),
        ),
      },
    ]);
    // No run folder remains.
    expect(readdirSync(join(folder, 'runs'))).toEqual([]);
  });

  it('that crashes at consecutive images, also in the middle of a line, loses only those', async () => {
    const bad = { 3: 'die', 4: 'half', 5: 'die', 6: 'half', 7: 'half', 8: 'die', 27: 'die', 29: 'half' };
    const results = await collect(poolWith(bad));
    expect(idsOf(results)).toEqual(everyId);
    expect(failed(results).map(({ imageId }) => imageId - 100)).toEqual([3, 4, 5, 6, 7, 8, 27, 29]);
  });

  it('that stops working ends the run, but its earlier results remain', async () => {
    const gone = Object.fromEntries(everyId.slice(5).map((_, index) => [index + 5, 'half']));
    const results: InferenceResult[] = [];
    await expect(
      (async () => {
        for await (const result of predict(poolWith(gone))) results.push(result);
      })(),
    ).rejects.toMatchObject({ code: 'worker-failed', message: expect.stringContaining('21 times in a row') });
    expect(results.filter(({ ok }) => ok).map(({ imageId }) => imageId)).toEqual([100, 101, 102, 103, 104]);
  });

  it('that crashes after it wrote a result loses nothing, even if the line is long', async () => {
    const [only] = poolWith({ 0: 'big' });
    if (only === undefined) throw new Error('no image');
    const results = await collect([only]);
    expect(results).toMatchObject([{ ok: true, imageId: 100 }]);
    expect(results[0]?.ok === true && results[0].detections.length).toBe(8000);
  });

  it('that hangs is killed and reported, and only its current image is lost', async () => {
    inference = open({ responseTimeoutMs: 1500 });
    const results = await collect(poolWith({ 7: 'hang' }));
    expect(idsOf(results)).toEqual(everyId);
    expect(failed(results)).toMatchObject([
      { imageId: 107, code: 'worker-crashed', message: expect.stringContaining('said nothing for 2 s and was ended') },
    ]);
  });

  it('that sends invalid data is killed and reported, and only its current image is lost', async () => {
    const results = await collect(poolWith({ 11: 'rubbish' }));
    expect(idsOf(results)).toEqual(everyId);
    expect(failed(results)).toMatchObject([
      {
        imageId: 111,
        code: 'worker-crashed',
        message: expect.stringContaining('wrote what is no prediction and was ended: Ultralytics says hello'),
      },
    ]);
  });

  it('that keeps crashing without a result ends the run, with the reason', async () => {
    const all = Object.fromEntries(everyId.map((_, index) => [index, 'die']));
    await expect(collect(poolWith(all))).rejects.toMatchObject({
      name: 'InferenceError',
      code: 'worker-failed',
      message: expect.stringMatching(/4 times in a row.*no memory/s),
    });
    expect(starts()).toBe(4);
    expect(readdirSync(join(folder, 'runs'))).toEqual([]);
  });

  it('is not killed while the caller pauses or the images arrive slowly', async () => {
    inference = open({ responseTimeoutMs: 1000, batch: 1 });
    let asked = 0;
    for await (const { ok } of predict(slow())) {
      expect(ok).toBe(true);
      asked += 1;
      if (asked === 4) await sleep(1500);
    }
    expect(asked).toBe(8);
    expect(starts()).toBe(1);
  });

  it('yields its results while the source waits for them', async () => {
    let back = 0;
    const waiting: (() => void)[] = [];
    async function* source(): AsyncGenerator<InferenceImage> {
      for (const [index, image] of poolWith({}).entries()) {
        if (index === 5 && back < 5) await new Promise<void>((resolve) => waiting.push(resolve));
        yield image;
      }
    }
    for await (const { ok } of predict(source())) {
      expect(ok).toBe(true);
      back += 1;
      if (back === 5) for (const goOn of waiting) goOn();
    }
    expect(back).toBe(30);
    expect(starts()).toBe(1);
  });

  it('yields to the event loop after every few results, even if many are available', async () => {
    let turns = 0;
    const inTurn = new Map<number, number>();
    let going = true;
    const count = (): void => {
      turns += 1;
      if (going) setImmediate(count);
    };
    count();
    for await (const { imageId } of predict(poolWith({}))) {
      // Long enough for the process to write all its results.
      if (imageId === 100) await sleep(500);
      inTurn.set(turns, (inTurn.get(turns) ?? 0) + 1);
    }
    going = false;
    expect(Math.max(...inTurn.values())).toBeLessThanOrEqual(4);
  });

  it('with a fallback is given up at its first crash or timeout', async () => {
    const retryLimits = { atFirst: 0, later: 0 };
    inference = open({ retryLimits });
    await expect(collect(poolWith({ 0: 'die' }))).rejects.toMatchObject({ code: 'worker-failed' });
    expect(starts()).toBe(1);
    inference = open({ retryLimits, responseTimeoutMs: 500 });
    await expect(collect(poolWith({ 2: 'hang' }))).rejects.toMatchObject({
      code: 'worker-failed',
      message: expect.stringContaining('said nothing for 1 s and was ended. It printed'),
    });
    expect(starts()).toBe(2);
  });

  it('rethrows an error of the source of images', async () => {
    await expect(async () => {
      for await (const { ok } of predict(broken())) expect(ok).toBe(true);
    }).rejects.toThrow('The source broke.');
  });

  it('ends if the caller stops in the middle', async () => {
    for await (const { imageId } of predict(poolWith({}))) if (imageId === 110) break;
    expect(existsSync(join(folder, 'runs')) && readdirSync(join(folder, 'runs'))).toEqual([]);
    const pid = Number(readFileSync(join(folder, 'starts'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('that does not exit on request is killed after a time limit', { timeout: 30_000 }, async () => {
    await inference.close();
    inference = open({ endMs: 1000 });
    const results = await collect(poolWith({ 2: 'stay' }));
    expect(idsOf(results)).toEqual(everyId);
    expect(readdirSync(join(folder, 'runs'))).toEqual([]);
  });
});
