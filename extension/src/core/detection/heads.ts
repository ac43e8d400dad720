import { DetectionError } from './errors.ts';
import { clip, toImageBox, type Letterbox } from './letterbox.ts';
import { localisationEntropy, type SideDistributions } from './localisation.ts';
import { nonMaxSuppression } from './nms.ts';
import type { Detection, Head, PixelBox, SparseScores } from './types.ts';

export interface DecodeOptions {
  /** Where the image is in the model's input, to map boxes back to image pixels. */
  readonly letterbox: Letterbox;
  /** Number of classes of the model. Further channels of a dense output (masks, key points) are ignored. */
  readonly classCount: number;
  /** Only boxes with a higher confidence are kept, 0…1. */
  readonly minConfidence: number;
  /** IoU above which the weaker box of a class is suppressed. Heads without duplicates ignore this option. */
  readonly iouThreshold: number;
  readonly maxDetections: number;
  /** Minimum class score in `Detection.classScores`; `null` leaves the vectors out. */
  readonly classScoresAbove: number | null;
  /** Which image of the batch. Default 0. */
  readonly image?: number;
  /** The input was mirrored horizontally: boxes are mapped back. */
  readonly mirrored?: boolean;
  /** The head's distributions, to compute `Detection.localisationEntropy` (dense heads). */
  readonly sides?: SideDistributions;
}

export interface Decoded {
  /** Highest confidence first. Boxes entirely outside the image are left out. */
  readonly detections: Detection[];
  /** Best score of any box, also below `minConfidence`. 0 for a whole set of images means a broken model. */
  readonly bestScore: number;
}

/** Decodes the detections of any head; see `decodeDense`, `decodeEndToEnd` and `decodeRtdetr`. */
export function decodeOutput(
  head: Head,
  output: Float32Array,
  dims: readonly number[],
  options: DecodeOptions,
): Decoded {
  if (head === 'dense') return decodeDense(output, dims, options);
  return head === 'end2end' ? decodeEndToEnd(output, dims, options) : decodeRtdetr(output, dims, options);
}

/**
 * Dense head, `[batch, 4 + classes (+ extra), anchors]`: cx, cy, w, h in pixels of the input, sigmoid class scores.
 * Best class per anchor, confidence filter, per-class NMS, clipping, as Ultralytics' `predict`.
 * @throws DetectionError `output-mismatch` if the tensor does not fit `classCount`.
 */
export function decodeDense(output: Float32Array, dims: readonly number[], options: DecodeOptions): Decoded {
  const { classCount, letterbox } = options;
  const [, channels = 0, anchors = 0] = dims;
  const start = imageOffset(output, dims, options);
  if (channels < 4 + classCount) {
    throw mismatch(dims, `a model with ${classCount} classes must have at least ${4 + classCount} channels`);
  }

  const { confidences, classIds, bestScore, candidates } = bestClasses(
    output,
    start + 4 * anchors,
    anchors,
    classCount,
    Math.fround(options.minConfidence),
  );
  const columns = {
    x1: new Float32Array(candidates),
    y1: new Float32Array(candidates),
    x2: new Float32Array(candidates),
    y2: new Float32Array(candidates),
    scores: new Float32Array(candidates),
    classIds: new Int32Array(candidates),
  };
  const anchorOf = new Int32Array(candidates);
  let next = 0;
  for (let anchor = 0; anchor < anchors; anchor++) {
    if (confidences[anchor] === 0) continue;
    const x = output[start + anchor] as number;
    const cx = options.mirrored === true ? letterbox.width - x : x;
    const cy = output[start + anchors + anchor] as number;
    const halfWidth = (output[start + 2 * anchors + anchor] as number) / 2;
    const halfHeight = (output[start + 3 * anchors + anchor] as number) / 2;
    columns.x1[next] = cx - halfWidth;
    columns.y1[next] = cy - halfHeight;
    columns.x2[next] = cx + halfWidth;
    columns.y2[next] = cy + halfHeight;
    columns.scores[next] = confidences[anchor] as number;
    columns.classIds[next] = classIds[anchor] as number;
    anchorOf[next++] = anchor;
  }

  const detections: Detection[] = [];
  for (const i of nonMaxSuppression(columns, options)) {
    const box = toImageBox(
      letterbox,
      columns.x1[i] as number,
      columns.y1[i] as number,
      columns.x2[i] as number,
      columns.y2[i] as number,
    );
    if (!hasExtent(box)) continue;
    const anchor = anchorOf[i] as number;
    const entropy = options.sides && localisationEntropy(options.sides, anchor, options.image);
    const detection = {
      classId: columns.classIds[i] as number,
      confidence: columns.scores[i] as number,
      box,
      ...(entropy === undefined ? {} : { localisationEntropy: entropy }),
    };
    if (options.classScoresAbove === null) {
      detections.push(detection);
      continue;
    }
    const scoresStart = start + 4 * anchors + anchor;
    const classScores = sparseScores(output, scoresStart, anchors, classCount, options.classScoresAbove);
    detections.push({ ...detection, classScores });
  }
  return { detections, bestScore };
}

/**
 * End-to-end head, `[batch, boxes, 6]`: x1, y1, x2, y2 in pixels of the input (they may lie outside), score, class.
 * It has no duplicates, so there is no NMS, and no class vectors.
 * @throws DetectionError `output-mismatch` if the tensor has other columns or a class that does not exist.
 */
export function decodeEndToEnd(output: Float32Array, dims: readonly number[], options: DecodeOptions): Decoded {
  const { letterbox, mirrored = false } = options;
  return decodeRows(output, dims, options, (at) => {
    const left = output[at] as number;
    const right = output[at + 2] as number;
    const x1 = mirrored ? letterbox.width - right : left;
    const x2 = mirrored ? letterbox.width - left : right;
    return toImageBox(letterbox, x1, output[at + 1] as number, x2, output[at + 3] as number);
  });
}

/**
 * RT-DETR, `[batch, boxes, 6]`: cx, cy, w, h relative to the stretched input, 0…1, score, class.
 * @throws DetectionError `output-mismatch`, as `decodeEndToEnd`.
 */
export function decodeRtdetr(output: Float32Array, dims: readonly number[], options: DecodeOptions): Decoded {
  const { imageWidth, imageHeight } = options.letterbox;
  return decodeRows(output, dims, options, (at) => {
    const cx = options.mirrored === true ? 1 - (output[at] as number) : (output[at] as number);
    const cy = output[at + 1] as number;
    const halfWidth = (output[at + 2] as number) / 2;
    const halfHeight = (output[at + 3] as number) / 2;
    return {
      x1: clip((cx - halfWidth) * imageWidth, imageWidth),
      y1: clip((cy - halfHeight) * imageHeight, imageHeight),
      x2: clip((cx + halfWidth) * imageWidth, imageWidth),
      y2: clip((cy + halfHeight) * imageHeight, imageHeight),
    };
  });
}

function decodeRows(
  output: Float32Array,
  dims: readonly number[],
  options: DecodeOptions,
  boxAt: (offset: number) => PixelBox,
): Decoded {
  const start = imageOffset(output, dims, options);
  const [, rows = 0, columns = 0] = dims;
  if (columns !== 6) throw mismatch(dims, 'an end-to-end output must have 6 columns: four of the box, score, class');
  const threshold = Math.fround(options.minConfidence);
  const found: { detection: Detection; row: number }[] = [];
  let bestScore = 0;
  for (let row = 0; row < rows; row++) {
    const at = start + row * 6;
    const confidence = output[at + 4] as number;
    if (confidence > bestScore) bestScore = confidence;
    if (!(confidence > threshold) || found.length >= options.maxDetections) continue;
    const classId = output[at + 5] as number;
    if (!(Number.isInteger(classId) && classId >= 0 && classId < options.classCount)) {
      throw mismatch(dims, `box ${row} has class ${classId}, but the model has ${options.classCount} classes`);
    }
    found.push({ detection: { classId, confidence, box: boxAt(at) }, row });
  }
  found.sort((a, b) => b.detection.confidence - a.detection.confidence || a.row - b.row);
  return { detections: found.map(({ detection }) => detection).filter(({ box }) => hasExtent(box)), bestScore };
}

/**
 * One pass over class-major memory. Almost every score is below the threshold, so both branches are rarely taken and
 * per-anchor memory is rarely touched. A NaN takes neither branch.
 */
function bestClasses(
  output: Float32Array,
  start: number,
  anchors: number,
  classCount: number,
  threshold: number,
): { confidences: Float32Array; classIds: Int32Array; bestScore: number; candidates: number } {
  const confidences = new Float32Array(anchors);
  const classIds = new Int32Array(anchors);
  let candidates = 0;
  let bestScore = 0;
  for (let classId = 0; classId < classCount; classId++) {
    const row = start + classId * anchors;
    for (let anchor = 0; anchor < anchors; anchor++) {
      const score = output[row + anchor] as number;
      if (score > threshold) {
        const before = confidences[anchor] as number;
        if (score > before) {
          if (before === 0) candidates++;
          confidences[anchor] = score;
          classIds[anchor] = classId;
          if (score > bestScore) bestScore = score;
        }
      } else if (score > bestScore) {
        bestScore = score;
      }
    }
  }
  return { confidences, classIds, bestScore, candidates };
}

function sparseScores(
  output: Float32Array,
  start: number,
  stride: number,
  classCount: number,
  floor: number,
): SparseScores {
  const least = Math.fround(floor);
  const classIds: number[] = [];
  const scores: number[] = [];
  for (let classId = 0, at = start; classId < classCount; classId++, at += stride) {
    const score = output[at] as number;
    if (score >= least) {
      classIds.push(classId);
      scores.push(score);
    }
  }
  return { classIds, scores };
}

/** Offset of the requested image's values. */
function imageOffset(output: Float32Array, dims: readonly number[], options: DecodeOptions): number {
  const [batch = 0, second = 0, third = 0] = dims;
  const image = options.image ?? 0;
  if (dims.length !== 3 || output.length < batch * second * third) {
    throw mismatch(dims, `it must have three dimensions that agree with its ${output.length} values`);
  }
  if (!(Number.isInteger(image) && image >= 0 && image < batch)) {
    throw mismatch(dims, `the batch has no image ${image}`);
  }
  return image * second * third;
}

function hasExtent(box: PixelBox): boolean {
  return box.x2 > box.x1 && box.y2 > box.y1;
}

function mismatch(dims: readonly number[], detail: string): DetectionError {
  return new DetectionError(
    'output-mismatch',
    `The model's output [${dims.join(', ')}] does not fit its description: ${detail}.`,
    'Export the model again, so that model.onnx and model.json belong together.',
  );
}
