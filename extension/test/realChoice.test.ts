import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { disagreement, isEvidence, type Pairs } from '../src/adapters/inference/provider/agreement.ts';
import { createInference } from '../src/adapters/inference/onnx/createInference.ts';
import { createPythonInference } from '../src/adapters/inference/torch/createPythonInference.ts';
import { modelFromPath } from '../src/cli/parity/modelFromPath.ts';
import type { Inference, InferenceResult } from '../src/workflow/ports/inference.ts';

const data = process.env['AL_TEST_DATA'] ?? '';
const weights = join(data, 'models', 'yolov8n-coco.pt');
const photographs = join(data, 'data', 'raccoon-voc', 'images');
const trainerFolder = join(import.meta.dirname, '..', '..', 'trainer');
const windows = process.platform === 'win32';
const python = join(trainerFolder, '.venv', ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
const folder = mkdtempSync(join(tmpdir(), 'choice-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asked = {
  imageSize: 320,
  minConfidence: 0.05,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: 0.05,
  embedding: true,
  localisation: true,
  flip: true,
  workers: 2,
};

// What is compared in a trial, with the real arithmetic of both: limits that are too narrow would never let a GPU win.
test.skipIf(!existsSync(weights) || !existsSync(python))(
  'torch and ONNX Runtime agree on photographs, in everything that is asked of them',
  { timeout: 15 * 60_000 },
  async () => {
    const found = await modelFromPath({
      path: weights,
      python,
      trainerFolder,
      workFolder: folder,
      threads: 2,
      imageSize: 320,
    });
    const images = readdirSync(photographs)
      .toSorted()
      .slice(0, 16)
      .map((name, imageId) => ({ imageId, absolutePath: join(photographs, name) }));
    const byId = async (inference: Inference): Promise<InferenceResult[]> => {
      const all: InferenceResult[] = [];
      for await (const result of inference.predict(found, images, asked)) all[result.imageId] = result;
      await inference.close();
      return all;
    };
    const workerPath = join(import.meta.dirname, '..', 'src', 'adapters', 'inference', 'onnx', 'worker.ts');
    const expected = await byId(createInference({ workerPath }));
    const setup = { python: () => Promise.resolve(python), trainerFolder, runsFolder: folder, device: 'cpu', batch: 4 };
    const other = await byId(createPythonInference(setup));
    const pairs: Pairs = images.map(({ imageId }) => {
      const [one, two] = [expected[imageId], other[imageId]];
      if (one === undefined || two === undefined) throw new Error(`image ${imageId} has no result`);
      return [one, two];
    });
    expect(isEvidence(expected, asked)).toBe(true);
    expect(disagreement(pairs, asked)).toBeNull();
    // Each picture with the next one's result.
    const mixed = pairs.map(([one], at): Pairs[number] => [one, other[(at + 1) % other.length] ?? one]);
    expect(disagreement(mixed, asked)).not.toBeNull();
  },
);
