import { addParity, compareDetections, noParity, type Parity } from '../../core/detection/parity.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../workflow/ports/inference.ts';

export interface ParityReport extends Parity {
  /** Images that at least one side could read: those that were compared. */
  readonly images: number;
  /** Whether no box of any image has a score above 0: such a model is broken, mostly by its quantisation. */
  readonly allScoresZero: boolean;
  /** Images with an unmatched box, and those that only one side could read; the first few. */
  readonly differing: readonly string[];
  /** Images that neither side could read, with what was said; the first few. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
  readonly unreadableImages: number;
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
      unreadable.push({ file: absolutePath, reason: here?.message ?? there?.message ?? 'no side gave a result' });
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
    differing: differing.slice(0, fewest),
    unreadable: unreadable.slice(0, fewest),
    unreadableImages: unreadable.length,
  };
}

/** Whether the comparison shows that both sides say the same: it must have compared something. */
export function isParity({ boxes, unmatched, differing, allScoresZero }: ParityReport): boolean {
  return boxes > 0 && unmatched === 0 && differing.length === 0 && !allScoresZero;
}

/** What a person should know before trusting the figures. */
export function parityWarnings({ boxes, allScoresZero, unreadable, unreadableImages }: ParityReport): string[] {
  return [
    ...(allScoresZero ? ['Every score is 0: the model is broken, mostly by its quantisation.'] : []),
    ...(boxes === 0
      ? ['No side found a box above 0.25, so that nothing was compared. Give images that show what the model detects.']
      : []),
    ...(unreadableImages > 0 ? [`${unreadableImages} images could be read by neither side and are left out:`] : []),
    ...unreadable.map(({ file, reason }) => `${file}: ${reason}`),
  ];
}

async function byImage(results: AsyncIterable<InferenceResult>): Promise<Map<number, InferenceResult>> {
  const all = new Map<number, InferenceResult>();
  for await (const result of results) all.set(result.imageId, result);
  return all;
}
