import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { iou } from '../../../core/detection/iou.ts';
import { averageMirrored } from '../../../core/detection/mirrorAverage.ts';
import type { ModelFiles } from '../../../workflow/ports/inference.ts';
import { collect, options } from '../testing/predictions.ts';
import { python, testInference } from '../testing/testBed.ts';

const data = process.env['AL_TEST_DATA'] ?? '';
const onnxPath = join(data, 'models', 'yolov8n-coco-int8.onnx');
const imageFolder = join(data, 'data', 'raccoon-voc', 'images');

/** Prints, for each image, the anchors above 0.05 as [x1, y1, x2, y2, score, class] in pixels of the image, unclipped. */
const reference = `
import json, sys
import cv2, numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
found = []
for path in sys.argv[2:]:
    image = cv2.imread(path)
    height, width = image.shape[:2]
    ratio = min(640 / height, 640 / width)
    to_width, to_height = round(width * ratio), round(height * ratio)
    left, top = round((640 - to_width) / 2 - 0.1), round((640 - to_height) / 2 - 0.1)
    canvas = numpy.full((640, 640, 3), 114, numpy.uint8)
    canvas[top:top + to_height, left:left + to_width] = cv2.resize(image, (to_width, to_height), interpolation=cv2.INTER_LINEAR)
    tensor = canvas[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(numpy.float32) / 255
    rows = session.run(None, {"images": tensor})[0][0].T
    rows = rows[rows[:, 4:].max(axis=1) > 0.05]
    mid, half = rows[:, :2], rows[:, 2:4] / 2
    boxes = (numpy.hstack([mid - half, mid + half]) - [left, top, left, top]) / ratio
    scores = rows[:, 4:]
    found.append(numpy.column_stack([boxes, scores.max(axis=1), scores.argmax(axis=1)]).tolist())
print(json.dumps(found))
`;

// Skipped without the folder of test data that AL_TEST_DATA names.
describe.skipIf(!existsSync(onnxPath))('YOLOv8n, INT8, 640 × 640', () => {
  const model: ModelFiles = {
    onnxPath,
    info: {
      schema: 1,
      head: 'dense',
      names: Array.from({ length: 80 }, (_, id) => `class ${id}`),
      stride: 32,
      imageSize: 640,
      dynamic: false,
      input: { name: 'images' },
      outputs: [{ name: 'output0', role: 'detections' }],
    },
  };
  const inference = testInference();
  const paths = existsSync(imageFolder)
    ? readdirSync(imageFolder)
        .toSorted()
        .slice(0, 4)
        .map((name) => join(imageFolder, name))
    : [];

  it('finds the same in a photograph and in its mirror image, once it averages both', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mirrored-'));
    try {
      const [path = ''] = paths;
      const turned = join(folder, 'turned.png');
      await sharp(path).flop().toFile(turned);
      const plain = join(folder, 'plain.png');
      await sharp(path).toFile(plain);
      const images = [plain, turned].map((absolutePath, imageId) => ({ imageId, absolutePath }));
      const results = await collect(inference.predict(model, images, { ...options, minConfidence: 0.05, flip: true }));
      const [here = [], there = []] = results
        .toSorted((a, b) => a.imageId - b.imageId)
        .map((result) => (result.ok ? averageMirrored(result.detections, result.flipped ?? [], 0.05) : []));
      const [first] = results;
      const width = first?.ok === true ? first.width : 0;
      const sure = here.filter(({ confidence }) => confidence >= 0.25);
      expect(sure.length).toBeGreaterThan(0);
      for (const { box, classId, confidence } of sure) {
        const mirrored = { ...box, x1: width - box.x2, x2: width - box.x1 };
        const same = there.find((one) => one.classId === classId && iou(one.box, mirrored) > 0.9);
        expect(Math.abs((same?.confidence ?? 0) - confidence)).toBeLessThan(0.05);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  async function predict() {
    const images = paths.map((absolutePath, imageId) => ({ imageId, absolutePath }));
    const results = await collect(inference.predict(model, images, { ...options, minConfidence: 0.05 }));
    return results
      .toSorted((a, b) => a.imageId - b.imageId)
      .map((result) => {
        if (!result.ok) throw new Error(result.message);
        return result;
      });
  }

  it('finds something in each photograph, with class vectors', async () => {
    const results = await predict();
    expect(results).toHaveLength(4);
    for (const { detections, bestScore, width, height } of results) {
      expect(bestScore).toBeGreaterThan(0.3);
      expect(detections[0]?.confidence).toBe(bestScore);
      for (const { box, classId, confidence, classScores } of detections) {
        expect(box.x1 >= 0 && box.y1 >= 0 && box.x2 <= width && box.y2 <= height).toBe(true);
        expect(box.x1 < box.x2 && box.y1 < box.y2).toBe(true);
        const place = classScores?.classIds.indexOf(classId) ?? -1;
        expect(classScores?.scores[place]).toBe(confidence);
      }
    }
  });

  // Needs cv2 and onnxruntime of the trainer's environment.
  it.skipIf(!existsSync(python))('finds what Python finds', async () => {
    const printed = execFileSync(python, ['-c', reference, onnxPath, ...paths], { encoding: 'utf8' });
    const theirs = JSON.parse(printed) as number[][][];
    const ours = await predict();
    for (const { imageId, detections, bestScore, width, height } of ours) {
      const anchors = theirs[imageId] ?? [];
      expect(bestScore).toBeCloseTo(Math.max(...anchors.map((row) => row[4] ?? 0)), 5);
      for (const { box, confidence, classId } of detections) {
        // INT8 scores have few levels, so many boxes tie and any of them may survive NMS. Each survivor must be among
        // Python's boxes before NMS.
        const same = anchors.some(([x1 = 0, y1 = 0, x2 = 0, y2 = 0, score = 0, anchorClass = 0]) => {
          const differences = [
            Math.max(x1, 0) - box.x1,
            Math.max(y1, 0) - box.y1,
            Math.min(x2, width) - box.x2,
            Math.min(y2, height) - box.y2,
          ];
          // Ultralytics scales back from the rounded size, which differs by less than a pixel of the image.
          return (
            anchorClass === classId &&
            Math.abs(score - confidence) < 1e-5 &&
            differences.every((difference) => Math.abs(difference) < 1)
          );
        });
        expect(same).toBe(true);
      }
    }
  });
});
