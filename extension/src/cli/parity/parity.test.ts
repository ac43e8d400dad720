import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Detection, ModelInfo } from '../../core/detection/types.ts';
import { createRandom } from '../../core/random.ts';
import type { Inference, InferenceImage, InferenceResult } from '../../workflow/ports/inference.ts';
import type { Terminal } from '../command.ts';
import { parityCommand } from '../commands/parity.ts';
import { comparePredictions, isParity, parityOptions, parityWarnings } from './comparePredictions.ts';
import { modelFromPath } from './modelFromPath.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const trainerFolder = join(root, 'trainer');
const windows = process.platform === 'win32';
const python = join(trainerFolder, '.venv', ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));

const info: ModelInfo = {
  schema: 1,
  head: 'dense',
  names: ['spot'],
  stride: 32,
  imageSize: 64,
  dynamic: true,
  input: { name: 'images' },
  outputs: [{ name: 'output0', role: 'detections' }],
};
const model = { onnxPath: 'model.onnx', info };
const box = (confidence: number, x = 0): Detection => ({
  classId: 0,
  confidence,
  box: { x1: x, y1: 0, x2: x + 10, y2: 10 },
});

/** Returns these boxes for each image; null means an unreadable image. */
function answering(...answers: readonly (readonly Detection[] | null)[]): {
  inference: Inference;
  model: typeof model;
} {
  const predict: Inference['predict'] = async function* (_, images) {
    for await (const { imageId } of images) {
      const detections = answers[imageId - 1] ?? null;
      yield await Promise.resolve<InferenceResult>(
        detections === null
          ? { imageId, ok: false, code: 'image-unreadable', message: `image ${imageId} is damaged` }
          : { imageId, ok: true, width: 64, height: 64, detections, bestScore: detections[0]?.confidence ?? 0 },
      );
    }
  };
  return { inference: { predict, close: () => Promise.resolve() }, model };
}

const images = (count: number): InferenceImage[] =>
  Array.from({ length: count }, (_, i) => ({ imageId: i + 1, absolutePath: `/${i + 1}.jpg` }));
const options = { ...parityOptions, imageSize: 64, workers: 1 };

function compare(...sides: [theirs: (readonly Detection[] | null)[], ours: (readonly Detection[] | null)[]]) {
  const [theirs, ours] = sides;
  return comparePredictions(answering(...theirs), answering(...ours), images(theirs.length), options);
}

describe('comparing two sides', () => {
  test('sums up all images, with the five figures first', async () => {
    const report = await compare([[box(0.9)], [box(0.6)]], [[box(0.9)], [box(0.607)]]);
    expect(Object.keys(report).slice(0, 5)).toEqual(['images', 'boxes', 'unmatched', 'maxDeltaConfidence', 'minIou']);
    expect(report).toMatchObject({ images: 2, boxes: 4, unmatched: 0, minIou: 1, differing: [], unreadableImages: 0 });
    expect(report.maxDeltaConfidence).toBeCloseTo(0.007, 10);
    expect(isParity(report)).toBe(true);
    expect(parityWarnings(report)).toEqual([]);
  });

  test('lists the images that differ, and by how much', async () => {
    const report = await compare([[box(0.9)], [box(0.6)]], [[box(0.9)], [box(0.4, 2)]]);
    expect(report).toMatchObject({ unmatched: 2, differing: ['/2.jpg'] });
    expect(report.maxDeltaConfidence).toBeCloseTo(0.2, 10);
    expect(report.minIou).toBeCloseTo(8 / 12, 10);
    expect(isParity(report)).toBe(false);
  });

  test('an image that only one side can read differs; one that neither side can read is left out with a warning', async () => {
    const report = await compare([[box(0.9)], null, [box(0.9)]], [[box(0.9)], null, null]);
    expect(report).toMatchObject({ images: 2, differing: ['/3.jpg'], unreadableImages: 1 });
    expect(report.unreadable).toEqual([{ file: '/2.jpg', reason: 'image 2 is damaged' }]);
    expect(parityWarnings(report).join('\n')).toContain('/2.jpg: image 2 is damaged');
    expect(isParity(await compare([[box(0.9)], null], [[box(0.9)], null]))).toBe(true);
  });

  test('no boxes means no parity, with a warning', async () => {
    const report = await compare([[box(0.22)]], [[box(0.22)]]);
    expect(report).toMatchObject({ images: 1, boxes: 0, unmatched: 0, allScoresZero: false });
    expect(isParity(report)).toBe(false);
    expect(parityWarnings(report)).toEqual([expect.stringContaining('nothing was compared')]);
    const silent = await compare([[]], [[]]);
    expect(parityWarnings(silent)[0]).toContain('Every score is 0');
    expect(isParity(silent)).toBe(false);
  });
});

describe('a model from a path', () => {
  const source = { python, trainerFolder, workFolder: tmpdir(), imageSize: 64, threads: 1 };

  test('refuses a file that is not a model', async () => {
    await expect(modelFromPath({ ...source, path: 'photo.jpg' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/photo\.jpg is not a model/),
    });
  });

  test('reads the description beside an ONNX file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parity-'));
    writeFileSync(join(folder, 'model.json'), JSON.stringify(info));
    const onnxPath = join(folder, 'model.onnx');
    expect(await modelFromPath({ ...source, path: onnxPath })).toEqual({ onnxPath, info });
    rmSync(folder, { recursive: true });
  });
});

// Skipped without the trainer's environment, which brings torch and Ultralytics.
describe.skipIf(!existsSync(python))('the command', { timeout: 5 * 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'));
  const full = join(folder, 'full');
  const blank = join(folder, 'blank');
  const notes: string[] = [];
  const printed: string[] = [];
  const terminal: Terminal = {
    print: (text) => void printed.push(text),
    note: (text) => void notes.push(text),
    signal: new AbortController().signal,
  };

  beforeAll(async () => {
    for (const place of [full, blank]) mkdirSync(place);
    const random = createRandom(1);
    for (const name of ['a.png', 'b.png']) {
      const noise = Uint8Array.from({ length: 160 * 120 * 3 }, () => Math.floor(random() * 256));
      await sharp(noise, { raw: { width: 160, height: 120, channels: 3 } })
        .png()
        .toFile(join(full, name));
    }
    writeFileSync(join(full, 'damaged.png'), 'no image');
    writeFileSync(join(blank, 'damaged.png'), 'no image');
    const maker = join(root, 'extension', 'src', 'adapters', 'inference', 'torch', 'testing', 'makeHeads.py');
    await promisify(execFile)(python, [maker, folder, 'model', 'yolov8n.yaml', 'dense']);
  }, 5 * 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function parity(place: string): Promise<{ code: number; report: Record<string, unknown> }> {
    notes.length = 0;
    const flags = { model: join(folder, 'model.onnx'), images: place, imgsz: '160', json: true };
    const code = await parityCommand.run(flags, [], terminal);
    return { code, report: JSON.parse(printed.at(-1) ?? '') as Record<string, unknown> };
  }

  test('succeeds if both sides agree, and lists images that neither can read', async () => {
    const { code, report } = await parity(full);
    expect(report).toMatchObject({ images: 2, unmatched: 0, unreadableImages: 1 });
    expect(report['boxes']).toBeGreaterThan(0);
    expect(notes.join('\n')).toContain('damaged.png');
    expect(code).toBe(0);
  });

  test('fails if there is nothing to compare', async () => {
    const { code, report } = await parity(blank);
    expect([report['boxes'], code]).toEqual([0, 1]);
    expect(notes.join('\n')).toContain('nothing was compared');
  });
});
