import { PacedItems } from '../../../core/pacedItems.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../../workflow/ports/inference.ts';
import { mostTelling, type Pairs } from './agreement.ts';
import { InferenceError } from '../inferenceError.ts';

/** A way to predict, and what people call it when it is run so, such as `2 CPU threads`. */
export interface NamedInference {
  readonly name: (options: InferenceOptions) => string;
  readonly inference: Inference;
}

export interface TrialTask {
  readonly model: ModelFiles;
  readonly options: InferenceOptions;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** What the base gives for the first images: results that count, and what others are measured by. */
export interface BaseTrial {
  readonly images: readonly InferenceImage[];
  /** In the order in which they came. */
  readonly results: readonly InferenceResult[];
  /** Milliseconds per image; null if there were too few images. */
  readonly millisecondsEach: number | null;
}

/** Images of the warm-up, in which all workers start; then limits of the measurement in time and images. */
const baseMeasured = { warmUpOfAWorker: 2, milliseconds: 1500, images: 8, imagesOfAWorker: 2, most: 256 } as const;
/** Batches of a candidate that are measured after the first one; single images make up at least so many. */
const measuredBatches = 3;
const fewestMeasured = 12;
/** A candidate that takes `times` as long as the base is given up, but not before `atLeastMs`. */
const slownessLimit = { times: 5, atLeastMs: 2000 } as const;

/**
 * Predicts the first images of a source by what always works, and yields each result when it is there: they count.
 * Leaves the rest in the source.
 */
export async function* tryBase(
  { inference }: NamedInference,
  source: Iterator<InferenceImage> | AsyncIterator<InferenceImage>,
  { model, options, now, signal }: TrialTask,
): AsyncGenerator<InferenceResult, BaseTrial> {
  const warmUp = baseMeasured.warmUpOfAWorker * Math.max(1, options.workers);
  const enough = Math.max(baseMeasured.images, baseMeasured.imagesOfAWorker * options.workers);
  const images: InferenceImage[] = [];
  const kept: AsyncIterator<InferenceImage> = {
    async next() {
      const step = await source.next();
      if (step.done !== true) images.push(step.value);
      return step;
    },
  };
  const more = (measured: number, ms: number): boolean =>
    measured < enough || (ms < baseMeasured.milliseconds && measured < baseMeasured.most);
  const paced = new PacedItems(kept, { warmUp, now, more });
  const results: InferenceResult[] = [];
  for await (const result of inference.predict(model, paced, options, signal)) {
    paced.arrived();
    results.push(result);
    yield result;
  }
  return { images, results, millisecondsEach: paced.millisecondsEach };
}

/** A candidate gave no answer in time. */
export class TrialTimeout extends Error {}

/**
 * Predicts the images that reveal most about a candidate, repeatedly if there are few: a batch to warm up,
 * then the measured ones.
 * @param startMs the first batch must be there by then.
 * @throws TrialTimeout when it takes too long, which also ends it; what `predict` throws.
 */
export async function tryCandidate(
  { inference, batch }: NamedInference & { readonly batch: number },
  base: BaseTrial,
  startMs: number,
  { model, options, now, signal }: TrialTask,
): Promise<{ readonly pairs: Pairs; readonly millisecondsEach: number }> {
  const measured = Math.max(fewestMeasured, measuredBatches * batch);
  const expected = mostTelling(base.results, options);
  const paths = new Map(base.images.map(({ imageId, absolutePath }) => [imageId, absolutePath]));
  // With new numbers: the same image may be predicted twice.
  const images = Array.from({ length: batch + measured }, (_, imageId) => {
    const of = expected[imageId % expected.length]?.imageId ?? -1;
    return { imageId, absolutePath: paths.get(of) ?? '' };
  });
  const paced = new PacedItems(images.values(), { warmUp: batch, now });
  const abort = new AbortController();
  const both = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]);
  const found: InferenceResult[] = [];
  const results = inference.predict(model, paced, options, both)[Symbol.asyncIterator]();
  const slowestMs = Math.max(slownessLimit.atLeastMs, slownessLimit.times * (base.millisecondsEach ?? 0) * measured);
  let deadline = performance.now() + startMs;
  try {
    for (;;) {
      const over = paced.isWarm ? `it takes more than ${slownessLimit.times} times as long` : noStart(startMs);
      const step = await within(deadline - performance.now(), results.next(), over);
      if (step.done === true) break;
      const wasWarm = paced.isWarm;
      paced.arrived();
      if (paced.isWarm && !wasWarm) deadline = performance.now() + slowestMs;
      found.push(step.value);
    }
  } catch (error) {
    abort.abort();
    // It may hang, so do not wait for it.
    Promise.resolve(results.return?.()).catch(() => undefined);
    throw error;
  }
  const { millisecondsEach } = paced;
  if (found.length < images.length || millisecondsEach === null) {
    throw new InferenceError('worker-failed', 'it left images out', 'Choose another way to run the model.');
  }
  return { pairs: pairsOf(expected, found), millisecondsEach };
}

/** What `promise` gives. @throws TrialTimeout with that message after `milliseconds`. */
export async function within<T>(milliseconds: number, promise: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TrialTimeout(message)), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    // One that fails after all is of no interest any more.
    promise.catch(() => undefined);
  }
}

export function noStart(startMs: number): string {
  return `it gave no result within ${Math.round(startMs / 1000)} s`;
}

function pairsOf(expected: readonly InferenceResult[], found: readonly InferenceResult[]): Pairs {
  return found.flatMap((result) => {
    const one = expected[result.imageId % expected.length];
    return one === undefined ? [] : [[one, result] as const];
  });
}
