import { describe, expect, test } from 'vitest';
import { DetectionError } from './errors.ts';
import { decodeDense, decodeEndToEnd, decodeOutput, decodeRtdetr, type DecodeOptions } from './heads.ts';
import { planLetterbox } from './letterbox.ts';

const options: DecodeOptions = {
  letterbox: planLetterbox(320, 320, 320),
  classCount: 3,
  minConfidence: 0.05,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: 0.05,
};

/** A dense tensor from rows of one anchor each: cx, cy, w, h, then class scores. */
function dense(...images: number[][][]): { output: Float32Array; dims: number[] } {
  const channels = images[0]?.[0]?.length ?? 0;
  const anchors = images[0]?.length ?? 0;
  const output = images.flatMap((rows) => Array.from({ length: channels }, (_, c) => rows.map((row) => row[c] ?? 0)));
  return { output: Float32Array.from(output.flat()), dims: [images.length, channels, anchors] };
}

describe('decodeDense', () => {
  test('boxes, best classes and the class scores worth keeping', () => {
    const { output, dims } = dense([
      [100, 100, 40, 20, 0.01, 0.75, 0.5],
      [101, 100, 40, 20, 0.02, 0.7, 0.01],
      [200, 200, 10, 10, 0.04, 0.03, 0.02],
      [250, 50, 20, 20, 0.25, 0.25, 0.01],
    ]);
    const { detections, bestScore } = decodeDense(output, dims, options);
    expect(bestScore).toBe(0.75);
    expect(detections).toEqual([
      {
        classId: 1,
        confidence: 0.75,
        box: { x1: 80, y1: 90, x2: 120, y2: 110 },
        classScores: { classIds: [1, 2], scores: [0.75, 0.5] },
      },
      {
        classId: 0,
        confidence: 0.25,
        box: { x1: 240, y1: 40, x2: 260, y2: 60 },
        classScores: { classIds: [0, 1], scores: [0.25, 0.25] },
      },
    ]);
  });

  test('the confidence threshold is exclusive, in 32 bits as in torch', () => {
    const { output, dims } = dense([[100, 100, 40, 20, 0.05, 0, 0]]);
    expect(decodeDense(output, dims, options)).toEqual({ detections: [], bestScore: Math.fround(0.05) });
  });

  test('bestScore shows boxes below the threshold, and a model without any score', () => {
    const below = dense([[100, 100, 40, 20, 0.01, 0.03, 0]]);
    expect(decodeDense(below.output, below.dims, options).bestScore).toBe(Math.fround(0.03));
    const dead = dense([[100, 100, 40, 20, 0, 0, 0]]);
    expect(decodeDense(dead.output, dead.dims, options)).toEqual({ detections: [], bestScore: 0 });
    const notANumber = dense([[100, 100, 40, 20, Number.NaN, Number.NaN, Number.NaN]]);
    expect(decodeDense(notANumber.output, notANumber.dims, options)).toEqual({ detections: [], bestScore: 0 });
  });

  test('each image of a batch', () => {
    const { output, dims } = dense([[100, 100, 40, 20, 0.9, 0, 0]], [[50, 60, 10, 10, 0, 0, 0.25]]);
    expect(decodeDense(output, dims, { ...options, image: 0 }).detections.map((d) => d.classId)).toEqual([0]);
    expect(decodeDense(output, dims, { ...options, image: 1 }).detections).toEqual([
      {
        classId: 2,
        confidence: 0.25,
        box: { x1: 45, y1: 55, x2: 55, y2: 65 },
        classScores: { classIds: [2], scores: [0.25] },
      },
    ]);
  });

  test('further channels are no classes; vectors can be left out', () => {
    const { output, dims } = dense([[100, 100, 40, 20, 0.5, 0, 0, 0.99, -7]]);
    const { detections, bestScore } = decodeDense(output, dims, { ...options, classScoresAbove: null });
    expect(bestScore).toBe(0.5);
    expect(detections).toEqual([{ classId: 0, confidence: 0.5, box: { x1: 80, y1: 90, x2: 120, y2: 110 } }]);
  });

  test('a box in the padding is no box of the image', () => {
    const letterbox = planLetterbox(320, 160, 320, { mode: 'square' });
    const { output, dims } = dense([
      [100, 20, 40, 20, 0.9, 0, 0],
      [100, 85, 40, 30, 0.5, 0, 0],
    ]);
    const { detections, bestScore } = decodeDense(output, dims, { ...options, letterbox });
    expect(bestScore).toBeCloseTo(0.9, 6);
    expect(detections.map((d) => d.box)).toEqual([{ x1: 80, y1: 0, x2: 120, y2: 20 }]);
  });

  test('a tensor that does not fit is refused with a reason', () => {
    const { output, dims } = dense([[100, 100, 40, 20, 0.5, 0.1, 0.1]]);
    expect(() => decodeDense(output, dims, { ...options, classCount: 80 })).toThrow(/80 classes/);
    expect(() => decodeDense(output, [1, 7, 2], options)).toThrow(DetectionError);
    expect(() => decodeDense(output, [7, 1], options)).toThrow(DetectionError);
    expect(() => decodeDense(output, dims, { ...options, image: 1 })).toThrow(DetectionError);
  });
});

describe('heads of six columns', () => {
  test('end-to-end boxes are pixels of the input, clipped, and are not suppressed', () => {
    const letterbox = planLetterbox(640, 640, 320);
    const rows = [-5, 10, 100, 110, 0.875, 2, 0, 10, 100, 110, 0.75, 2, 10, 10, 20, 20, 0.03125, 0];
    const result = decodeEndToEnd(Float32Array.from(rows), [1, 3, 6], { ...options, letterbox });
    expect(result).toEqual({
      bestScore: 0.875,
      detections: [
        { classId: 2, confidence: 0.875, box: { x1: 0, y1: 20, x2: 200, y2: 220 } },
        { classId: 2, confidence: 0.75, box: { x1: 0, y1: 20, x2: 200, y2: 220 } },
      ],
    });
  });

  test('RT-DETR boxes are relative to the image, whatever the input', () => {
    const letterbox = planLetterbox(400, 200, 640, { mode: 'stretch' });
    const rows = [0.5, 0.5, 0.5, 0.5, 0.25, 1, 0.95, 0.5, 0.2, 0.5, 0.5, 0];
    const result = decodeRtdetr(Float32Array.from(rows), [1, 2, 6], { ...options, letterbox });
    expect(result.detections.map((d) => [d.classId, d.confidence])).toEqual([
      [0, 0.5],
      [1, 0.25],
    ]);
    expect(result.detections[0]?.box.x2).toBe(400);
    expect(result.detections[0]?.box.x1).toBeCloseTo(340, 4);
    expect(result.detections[1]?.box).toEqual({ x1: 100, y1: 50, x2: 300, y2: 150 });
  });

  test('zero rows of padding are no boxes; the limit counts in the order of the output', () => {
    const rows = [...Array.from({ length: 4 }, (_, i) => [0, 0, 10 + i, 10, 0.5 + i / 8, 0]).flat(), 0, 0, 0, 0, 0, 0];
    const result = decodeEndToEnd(Float32Array.from(rows), [1, 5, 6], { ...options, maxDetections: 2 });
    expect(result.detections.map((d) => d.confidence)).toEqual([0.625, 0.5]);
    expect(result.bestScore).toBe(0.875);
  });

  test('a class that the model does not have is an error, not a box', () => {
    const rows = Float32Array.from([0, 0, 10, 10, 0.9, 3]);
    expect(() => decodeEndToEnd(rows, [1, 1, 6], options)).toThrow(/class 3.*3 classes/);
    expect(() => decodeRtdetr(Float32Array.from([0, 0, 1, 1, 0.9, 0.5]), [1, 1, 6], options)).toThrow(DetectionError);
    expect(() => decodeEndToEnd(new Float32Array(7), [1, 1, 7], options)).toThrow(/6 columns/);
  });

  test('decodeOutput takes the decoder of the head', () => {
    const rows = Float32Array.from([0.5, 0.5, 0.25, 0.25, 0.5, 1]);
    expect(decodeOutput('rtdetr', rows, [1, 1, 6], options).detections[0]?.box.x2).toBe(200);
    expect(decodeOutput('end2end', rows, [1, 1, 6], options).detections).toEqual([]);
    const tensor = dense([[100, 100, 40, 20, 0.5, 0, 0]]);
    expect(decodeOutput('dense', tensor.output, tensor.dims, options).detections).toHaveLength(1);
  });
});
