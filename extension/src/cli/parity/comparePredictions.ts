import { addParity, compareDetections, noParity, type Parity } from '../../core/detection/parity.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../workflow/ports/inference.ts';

export interface ParityReport extends Parity {
  readonly images: number;
  /** Whether no box of any image has a score above 0: such a model is broken, mostly by its quantisation. */
  readonly allScoresZero: boolean;
  /** Images with an unmatched box, and those that only one side could read; the first few. */
  readonly differing: readonly string[];
}

/** Candidates for the comparison: a little below the lowest confidence that counts. */
export const parityOptions = {
  minConfidence: 0.2,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: null,
  embedding: false,
} as const;

const fewest = 10;

/** Predicts the images on both sides and compares box by box. */
export async function comparePredictions(
  theirs: { readonly inference: Inference; readonly model: ModelFiles },
  ours: { readonly inference: Inference; readonly model: ModelFiles },
  images: readonly InferenceImage[],
  options: InferenceOptions,
  signal?: AbortSignal,
): Promise<ParityReport> {
  const expected = await byImage(theirs.inference.predict(theirs.model, images, options, signal));
  const found = await byImage(ours.inference.predict(ours.model, images, options, signal));
  let sum = noParity;
  let allScoresZero = true;
  const differing: string[] = [];
  for (const { imageId, absolutePath } of images) {
    const there = expected.get(imageId);
    const here = found.get(imageId);
    if (here?.ok === true && here.bestScore > 0) allScoresZero = false;
    if (there?.ok !== true && here?.ok !== true) continue;
    const parity = compareDetections(
      there?.ok === true ? there.detections : [],
      here?.ok === true ? here.detections : [],
    );
    sum = addParity(sum, parity);
    if (parity.unmatched > 0 || there?.ok !== here?.ok) differing.push(absolutePath);
  }
  return { images: images.length, ...sum, allScoresZero, differing: differing.slice(0, fewest) };
}

async function byImage(results: AsyncIterable<InferenceResult>): Promise<Map<number, InferenceResult>> {
  const all = new Map<number, InferenceResult>();
  for await (const result of results) all.set(result.imageId, result);
  return all;
}
