import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addParity, compareDetections, noParity } from '../../../core/detection/parity.ts';
import { createRandom } from '../../../core/random.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
} from '../../../workflow/ports/inference.ts';
import { createInference } from '../onnx/createInference.ts';
import { createPythonInference } from './createPythonInference.ts';
import type { PythonInferenceSetup } from './pythonRun.ts';
import { describeModel } from './describeModel.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..', '..');
const trainerFolder = join(root, 'trainer');
const windows = process.platform === 'win32';
const python = join(trainerFolder, '.venv', ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
const maker = join(import.meta.dirname, 'testing', 'makeHeads.py');
const minutes = 60_000;

const options: InferenceOptions = {
  imageSize: 160,
  minConfidence: 0.2,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: 0.05,
  embedding: false,
  flip: true,
  workers: 1,
};

// Needs torch and Ultralytics of the trainer's environment.
describe.skipIf(!existsSync(python))('every head, compared with Ultralytics', { timeout: 5 * minutes }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'heads-'));
  const images: InferenceImage[] = [];
  const opened: Inference[] = [];

  beforeAll(async () => {
    for (const [index, [width, height]] of [
      [160, 160],
      [240, 131],
      [97, 190],
      [320, 200],
    ].entries()) {
      images.push({
        imageId: index,
        absolutePath: await scene(join(folder, `${index}.png`), width ?? 0, height ?? 0, index),
      });
    }
  });
  afterAll(async () => {
    await Promise.all(opened.map((inference) => inference.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  function byPython(setup: Partial<PythonInferenceSetup> = {}): Inference {
    const inference = createPythonInference({
      python: () => Promise.resolve(python),
      trainerFolder,
      runsFolder: join(folder, 'runs'),
      device: 'cpu',
      ...setup,
    });
    opened.push(inference);
    return inference;
  }

  test.each([
    ['26 with full class scores', 'yolo26n.yaml', 'dense'],
    ['26 end to end', 'yolo26n.yaml', 'end2end'],
    ['v10 with full class scores', 'yolov10n.yaml', 'dense'],
    ['v10 end to end', 'yolov10n.yaml', 'end2end'],
    ['v9', 'yolov9t.yaml', 'dense'],
    ['12', 'yolo12n.yaml', 'dense'],
    ['RT-DETR', 'yolov8n-rtdetr.yaml', 'rtdetr'],
  ])('%s', async (_, architecture, head) => {
    // The file name does not reveal the head.
    await promisify(execFile)(python, [maker, folder, 'model', architecture, head]);
    const onnxPath = join(folder, 'model.onnx');
    const info = await describeModel(onnxPath, python, trainerFolder);
    expect(info.head).toBe(head);
    const model = { onnxPath, info };
    const workers = createInference({ workerPath: join(import.meta.dirname, '..', 'onnx', 'worker.ts') });
    opened.push(workers);
    const theirs = await byId(
      byPython({ predictor: 'ultralytics' }).predict(model, images, { ...options, flip: false }),
    );
    const ours = await byId(workers.predict(model, images, options));
    const ownPython = await byId(byPython({ batch: 2 }).predict(model, images, options));

    let [fromWorker, fromPython, mirrored] = [noParity, noParity, noParity];
    for (const { imageId } of images) {
      const [expected, worker, other] = [theirs[imageId], ours[imageId], ownPython[imageId]];
      if (!expected?.ok || !worker?.ok || !other?.ok) throw new Error(`image ${imageId} has no result`);
      fromWorker = addParity(fromWorker, compareDetections(expected.detections, worker.detections));
      fromPython = addParity(fromPython, compareDetections(expected.detections, other.detections));
      mirrored = addParity(mirrored, compareDetections(worker.flipped ?? [], other.flipped ?? []));
      expect(other.bestScore).toBeCloseTo(worker.bestScore, 3);
      for (const [index, { classScores }] of worker.detections.entries()) {
        expect(classScores !== undefined).toBe(head === 'dense');
        expect(other.detections[index]?.classScores !== undefined).toBe(head === 'dense');
      }
    }
    expect(fromWorker.boxes).toBeGreaterThan(20);
    expect(fromWorker.unmatched).toBe(0);
    expect(fromPython.unmatched).toBe(0);
    expect(mirrored.boxes).toBeGreaterThan(10);
    expect(mirrored.unmatched).toBe(0);
  });
});

async function byId(results: AsyncIterable<InferenceResult>): Promise<InferenceResult[]> {
  const all: InferenceResult[] = [];
  for await (const result of results) all[result.imageId] = result;
  return all;
}

/** Noise with flat rectangles; a PNG, so that decoders cannot differ in rounding. */
async function scene(path: string, width: number, height: number, seed: number): Promise<string> {
  const random = createRandom(seed + 1);
  const data = Uint8Array.from({ length: width * height * 3 }, () => Math.floor(random() * 77));
  for (let i = 0; i < 12; i++) {
    const [w, h] = [8 + Math.floor(random() * 32), 8 + Math.floor(random() * 32)];
    const [x, y] = [Math.floor(random() * (width - w)), Math.floor(random() * (height - h))];
    const colour = [random() * 255, random() * 255, random() * 255];
    for (let row = y; row < y + h; row++) {
      for (let column = x; column < x + w; column++) {
        for (let c = 0; c < 3; c++) data[(row * width + column) * 3 + c] = colour[c] ?? 0;
      }
    }
  }
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
  return path;
}
