import { PacedItems } from '../../../core/pacedItems.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../../workflow/ports/inference.ts';
import { mostInformative, type Pairs } from './agreement.ts';
import { InferenceError } from '../inferenceError.ts';

/** An inference and its name for the user with these options, such as `2 CPU threads`. */
export interface NamedInference {
  readonly name: (options: InferenceOptions) => string;
  readonly inference: Inference;
}

export interface TrialTask {
  readonly model: ModelFiles;
  readonly options: InferenceOptions;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** The base's results for the first images, which candidates must match, and its speed. */
export interface BaseTrial {
  readonly images: readonly InferenceImage[];
  /** In the order of arrival. */
  readonly results: readonly InferenceResult[];
  /** Milliseconds per image; null if there were too few images. */
  readonly millisecondsEach: number | null;
}

/** Images of the warm-up, in which all workers start, and limits of the measurement in time and images. */
const baseMeasured = { warmUpOfAWorker: 2, milliseconds: 1500, images: 8, imagesOfAWorker: 2, most: 256 } as const;
/** Batches of a candidate to measure after the first one, but at least `fewestMeasured` images. */
const measuredBatches = 3;
const fewestMeasured = 12;
/** A trial stops if the candidate takes `times` as long as the base, but not before `atLeastMs`. */
const slownessLimit = { times: 5, atLeastMs: 2000 } as const;

/**
 * Predicts the first images of a source with the base and yields each result, since these are final results. Leaves the
 * rest of the images in the source.
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

/** A candidate did not respond in time. */
export class TrialTimeout extends Error {}

/**
 * Predicts with a candidate the images with the most boxes, repeatedly if there are few: one batch of warm-up, then
 * the measured ones.
 * @param startMs time limit for the first batch.
 * @throws TrialTimeout if the candidate takes too long, which also cancels it; errors of `predict`.
 */
export async function tryCandidate(
  { inference, batch }: NamedInference & { readonly batch: number },
  base: BaseTrial,
  startMs: number,
  { model, options, now, signal }: TrialTask,
): Promise<{ readonly pairs: Pairs; readonly millisecondsEach: number }> {
  const measured = Math.max(fewestMeasured, measuredBatches * batch);
  const expected = mostInformative(base.results, options);
  const paths = new Map(base.images.map(({ imageId, absolutePath }) => [imageId, absolutePath]));
  // Renumbered, because the same image may be predicted twice.
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
    // Don't wait: the candidate may hang.
    Promise.resolve(results.return?.()).catch(() => undefined);
    throw error;
  }
  const { millisecondsEach } = paced;
  if (found.length < images.length || millisecondsEach === null) {
    throw new InferenceError('worker-failed', 'it left images out', 'Choose another way to run the model.');
  }
  return { pairs: pairsOf(expected, found), millisecondsEach };
}

/** The value of `promise`. @throws TrialTimeout with this message after `milliseconds`. */
export async function within<T>(milliseconds: number, promise: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TrialTimeout(message)), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    // Ignore a failure after the timeout.
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
