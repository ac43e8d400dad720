import { iou } from '../detection/iou.ts';
import type { Detection, PixelBox } from '../detection/types.ts';
import { EvaluationError } from './errors.ts';

/** A labelled object, in the same pixels as the detections. */
export interface GroundTruthBox {
  readonly classId: number;
  readonly box: PixelBox;
}

/** One image of the validation set: its labels, and the detections with a confidence of at least 0.001. */
export interface EvaluationImage {
  readonly imageId: number;
  readonly truth: readonly GroundTruthBox[];
  readonly detections: readonly Detection[];
}

export interface MatchOptions {
  /** Number of classes of the dataset. */
  readonly classCount: number;
  /** Maximum number of detections per image and class, those with the highest confidence. Default 300. */
  readonly maxDetections?: number;
}

/** IoU 0.50, 0.55, …, 0.95, with the rounding of numpy's `linspace`, so that a box exactly at a threshold is treated the same way. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) =>
  i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9),
);

/** Which detections of one class found an object. Detections are sorted by descending confidence over all images. */
export interface ClassMatches {
  readonly classId: number;
  readonly confidences: Float64Array;
  /** Image of each detection: an index into `Matches.imageIds`. */
  readonly images: Int32Array;
  /** Bit t of each detection: it found an object at `IOU_THRESHOLDS[t]`. */
  readonly hits: Uint16Array;
  /** Number of detections up to the last hit; later ones do not change the average precision. */
  readonly relevant: number;
  /** Objects of the class and their images: `truthCounts[i]` of them in image `truthImages[i]`. */
  readonly truthBoxes: number;
  readonly truthImages: Int32Array;
  readonly truthCounts: Int32Array;
}

/** The result of matching. Every figure of an evaluation is computed from it. */
export interface BoxMatches {
  /** Ascending. */
  readonly imageIds: readonly number[];
  /** By class id. */
  readonly classes: readonly ClassMatches[];
}

/**
 * Matches detections to objects as COCO does (pycocotools, `COCOeval.evaluateImg`, area "all", no crowds): per image
 * and class, in order of descending confidence, each detection takes the free object with the highest IoU at or above the
 * threshold, the later one of ties. The order of `images` does not matter; equal confidences keep the order within
 * their image, and images go by id.
 * @throws EvaluationError `duplicate-image`, `class-out-of-range`, `invalid-confidence`, `options-invalid`.
 */
export function matchDetections(images: readonly EvaluationImage[], options: MatchOptions): BoxMatches {
  const { classCount, maxDetections = 300 } = options;
  if (!(Number.isInteger(maxDetections) && maxDetections > 0 && Number.isInteger(classCount) && classCount > 0)) {
    throw new EvaluationError(
      'options-invalid',
      `${classCount} classes and ${maxDetections} detections: both must be whole numbers above 0.`,
      'Please report this with the log.',
    );
  }
  const sorted = images.toSorted((a, b) => a.imageId - b.imageId);
  const builders = Array.from({ length: classCount }, (_, classId) => new ClassBuilder(classId));
  for (const [index, image] of sorted.entries()) {
    if (image.imageId === sorted[index - 1]?.imageId) {
      throw new EvaluationError(
        'duplicate-image',
        `Image ${image.imageId} occurs twice in the validation set.`,
        'Please report this with the log.',
      );
    }
    const byClass = groupByClass(image, builders);
    for (const [classId, { truth, detections }] of byClass) {
      builders[classId]?.add(index, truth, detections, maxDetections);
    }
  }
  return { imageIds: sorted.map((image) => image.imageId), classes: builders.map((builder) => builder.build()) };
}

interface ImageClass {
  readonly truth: PixelBox[];
  readonly detections: Detection[];
}

function groupByClass(image: EvaluationImage, classes: readonly unknown[]): Map<number, ImageClass> {
  const groups = new Map<number, ImageClass>();
  const groupOf = (classId: number, kind: string): ImageClass => {
    const known = groups.get(classId);
    if (known !== undefined) return known;
    if (classes[classId] === undefined) {
      throw new EvaluationError(
        'class-out-of-range',
        `Image ${image.imageId} has a ${kind} of class ${classId}, but there are only ${classes.length} classes (the first is 0).`,
        'Check the class names of the dataset, and that the model was trained on them.',
      );
    }
    const group = { truth: [], detections: [] };
    groups.set(classId, group);
    return group;
  };
  for (const { classId, box } of image.truth) groupOf(classId, 'label').truth.push(box);
  for (const detection of image.detections) {
    if (!Number.isFinite(detection.confidence)) {
      throw new EvaluationError(
        'invalid-confidence',
        `Image ${image.imageId} has a detection with confidence ${detection.confidence}.`,
        'The model file is damaged or badly quantised; export it again.',
      );
    }
    groupOf(detection.classId, 'detection').detections.push(detection);
  }
  return groups;
}

class ClassBuilder {
  readonly #classId: number;
  readonly #found: { confidence: number; image: number; hits: number }[] = [];
  readonly #truthImages: number[] = [];
  readonly #truthCounts: number[] = [];

  constructor(classId: number) {
    this.#classId = classId;
  }

  add(image: number, truth: readonly PixelBox[], detections: readonly Detection[], maxDetections: number): void {
    if (truth.length > 0) {
      this.#truthImages.push(image);
      this.#truthCounts.push(truth.length);
    }
    const counted = detections.toSorted((a, b) => b.confidence - a.confidence).slice(0, maxDetections);
    const hits = matchImage(
      counted.map((detection) => detection.box),
      truth,
    );
    for (const [i, { confidence }] of counted.entries()) {
      this.#found.push({ confidence, image, hits: hits[i] ?? 0 });
    }
  }

  build(): ClassMatches {
    // A stable sort, so that equal confidences stay in the order of their images.
    const found = this.#found.toSorted((a, b) => b.confidence - a.confidence);
    return {
      classId: this.#classId,
      confidences: Float64Array.from(found, (one) => one.confidence),
      images: Int32Array.from(found, (one) => one.image),
      hits: Uint16Array.from(found, (one) => one.hits),
      relevant: found.findLastIndex((one) => one.hits !== 0) + 1,
      truthBoxes: this.#truthCounts.reduce((sum, count) => sum + count, 0),
      truthImages: Int32Array.from(this.#truthImages),
      truthCounts: Int32Array.from(this.#truthCounts),
    };
  }
}

/** Bit masks over `IOU_THRESHOLDS` for the detections of one image and class, sorted by descending confidence. */
function matchImage(detections: readonly PixelBox[], truth: readonly PixelBox[]): Uint16Array {
  const hits = new Uint16Array(detections.length);
  if (truth.length === 0) return hits;
  const overlaps = new Float64Array(detections.length * truth.length);
  /** Best IoU of each detection: if even that is too low, there is nothing to match. */
  const best = new Float64Array(detections.length);
  for (const [d, detection] of detections.entries()) {
    for (const [g, box] of truth.entries()) {
      const overlap = iou(detection, box);
      overlaps[d * truth.length + g] = overlap;
      if (overlap > (best[d] as number)) best[d] = overlap;
    }
  }
  for (const [t, threshold] of IOU_THRESHOLDS.entries()) {
    const free = new Uint8Array(truth.length).fill(1);
    for (let d = 0; d < detections.length; d++) {
      if ((best[d] as number) < threshold) continue;
      let highest = threshold;
      let match = -1;
      for (let g = 0; g < truth.length; g++) {
        const overlap = overlaps[d * truth.length + g] as number;
        if (free[g] === 0 || overlap < highest) continue;
        highest = overlap;
        match = g;
      }
      if (match < 0) continue;
      free[match] = 0;
      hits[d] = (hits[d] as number) | (1 << t);
    }
  }
  return hits;
}
