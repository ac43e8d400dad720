import { addParity, compareDetections, noParity, type Parity } from '../../core/detection/parity.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../workflow/ports/inference.ts';

export interface ParityReport extends Parity {
  /** Images that at least one side could read. */
  readonly images: number;
  /** Whether no box has a score above 0: the model is broken, usually by quantisation. */
  readonly allScoresZero: boolean;
  /** The first images with an unmatched box, or that only one side could read. */
  readonly differing: readonly string[];
  /** The first images that neither side could read, and why. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
  readonly unreadableImages: number;
}

/** Options of both predictions; the confidence is slightly below the limit of the comparison. */
export const parityOptions = {
  minConfidence: 0.2,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: null,
  embedding: false,
} as const;

const maxListed = 10;

/** Predicts the images on both sides and compares box by box; `copies` are the images as they are trained on. */
export async function comparePredictions(
  theirs: { readonly inference: Inference; readonly model: ModelFiles; readonly copies?: readonly InferenceImage[] },
  ours: { readonly inference: Inference; readonly model: ModelFiles },
  images: readonly InferenceImage[],
  options: InferenceOptions,
  signal?: AbortSignal,
): Promise<ParityReport> {
  const expected = await byImage(theirs.inference.predict(theirs.model, theirs.copies ?? images, options, signal));
  const found = await byImage(ours.inference.predict(ours.model, images, options, signal));
  let sum = noParity;
  let allScoresZero = true;
  const differing: string[] = [];
  const unreadable: { file: string; reason: string }[] = [];
  for (const { imageId, absolutePath } of images) {
    const there = expected.get(imageId);
    const here = found.get(imageId);
    if (here?.ok === true && here.bestScore > 0) allScoresZero = false;
    if (there?.ok !== true && here?.ok !== true) {
      unreadable.push({
        file: absolutePath,
        reason: here?.message ?? there?.message ?? 'neither side returned a result',
      });
      continue;
    }
    const parity = compareDetections(
      there?.ok === true ? there.detections : [],
      here?.ok === true ? here.detections : [],
    );
    sum = addParity(sum, parity);
    if (parity.unmatched > 0 || there?.ok !== here?.ok) differing.push(absolutePath);
  }
  const { boxes, unmatched, maxDeltaConfidence, minIou } = sum;
  return {
    images: images.length - unreadable.length,
    boxes,
    unmatched,
    maxDeltaConfidence,
    minIou,
    allScoresZero,
    differing: differing.slice(0, maxListed),
    unreadable: unreadable.slice(0, maxListed),
    unreadableImages: unreadable.length,
  };
}

/** Whether both sides agree. A comparison without boxes does not count. */
export function isParity({ boxes, unmatched, differing, allScoresZero }: ParityReport): boolean {
  return boxes > 0 && unmatched === 0 && differing.length === 0 && !allScoresZero;
}

/** Warnings that limit what the figures mean. */
export function parityWarnings({ boxes, allScoresZero, unreadable, unreadableImages }: ParityReport): string[] {
  return [
    ...(allScoresZero ? ['Every score is 0: the model is broken, usually by quantisation.'] : []),
    ...(boxes === 0
      ? [
          'Neither side found a box above 0.25, so nothing was compared. Choose images with objects that the model detects.',
        ]
      : []),
    ...(unreadableImages > 0 ? [`Neither side could read ${unreadableImages} images:`] : []),
    ...unreadable.map(({ file, reason }) => `${file}: ${reason}`),
  ];
}

async function byImage(results: AsyncIterable<InferenceResult>): Promise<Map<number, InferenceResult>> {
  const all = new Map<number, InferenceResult>();
  for await (const result of results) all.set(result.imageId, result);
  return all;
}
