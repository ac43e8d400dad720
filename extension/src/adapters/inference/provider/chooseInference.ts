import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
  Provider,
} from '../../../workflow/ports/inference.ts';
import { disagreement, isEvidence } from './agreement.ts';
import { InferenceError } from '../inferenceError.ts';
import { RemainingImages, type ImageIterator } from './remaining.ts';
import {
  TrialTimeout,
  noStart,
  tryBase,
  tryCandidate,
  within,
  type BaseTrial,
  type NamedInference,
  type TrialTask,
} from './trial.ts';

/** An alternative to the base that may be faster, if it is available on this machine. */
export interface Candidate extends NamedInference {
  /** Whether a trial makes sense on this machine. May be slow; called once per model. */
  available(model: ModelFiles): Promise<boolean>;
  /** Images per batch, 1 or more. */
  readonly batch: number;
}

export interface ChoosingSetup {
  /** The reliable inference with which candidates are compared. */
  readonly base: NamedInference;
  readonly candidates: readonly Candidate[];
  /** A trial is made only if the base would need at least this long. Default 20 s: some candidates start that slowly. */
  readonly worthMs?: number;
  /** Time limit for a candidate's first batch. Default 60 s: torch may have to be read from a cold disk. */
  readonly startMs?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** An inference that chooses among several. */
export type ChoosingInference = Inference & Required<Pick<Inference, 'settle'>>;

/** Maximum number of images to read ahead, to estimate the remaining work. */
const mostAhead = 5000;

type Images = Iterable<InferenceImage> | AsyncIterable<InferenceImage>;
type OnProvider = (provider: Provider) => void;

interface Choice {
  readonly way: NamedInference;
  readonly notes: readonly string[];
}

/**
 * Predicts with the fastest inference that works on this machine. If the base would take long, each candidate predicts
 * the first images of the base again. Candidates that differ, fail or hang are rejected, and the fastest of the rest
 * continues. Without enough results to compare, the base continues. If the chosen candidate fails later, the base takes
 * over, and no image is lost.
 */
export function createChoosingInference(setup: ChoosingSetup): ChoosingInference {
  const { base, candidates, worthMs = 20_000, startMs = 60_000, now = () => performance.now() } = setup;
  const chosen = new Map<string, NamedInference>();
  /** Candidates that hung or crashed, with the reason. They are not tried again in this process. */
  const unusable = new Map<Candidate, string>();

  async function* predict(
    model: ModelFiles,
    images: Images,
    options: InferenceOptions,
    signal?: AbortSignal,
    onProvider: OnProvider = () => undefined,
  ): AsyncGenerator<InferenceResult> {
    const source: ImageIterator =
      Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
    const task: TrialTask = { model, options, now, ...(signal === undefined ? {} : { signal }) };
    const report = (way: NamedInference, notes: readonly string[] = []): void =>
      onProvider({ name: way.name(options), notes });
    let ended = false;
    try {
      const key = keyOf(model, options);
      let way = chosen.get(key) ?? base;
      let rest = RemainingImages.of([], source);
      report(way);
      if (candidates.length > 0 && !chosen.has(key)) {
        const trial = yield* tryBase(base, source, task);
        const ahead = await take(source, imagesWorthIt(trial));
        rest = RemainingImages.of(ahead.images, source);
        if (!ahead.ended) {
          const choice = await choose(key, trial, task);
          way = choice.way;
          if (way !== base || choice.notes.length > 0) report(way, choice.notes);
        }
      }
      if (way === base) yield* base.inference.predict(model, rest, options, signal);
      else yield* withFallback(way, key, rest, task, (notes) => report(base, notes));
      ended = true;
    } finally {
      if (!ended) await source.return?.();
    }
  }

  /** The number of images for which the base needs `worthMs`. */
  function imagesWorthIt({ millisecondsEach }: BaseTrial): number {
    return Math.min(mostAhead, Math.ceil(worthMs / Math.max(millisecondsEach ?? 0, 1e-3)));
  }

  async function choose(key: string, trial: BaseTrial, task: TrialTask): Promise<Choice> {
    let way: NamedInference = base;
    let fastest = trial.millisecondsEach ?? Number.POSITIVE_INFINITY;
    const notes: string[] = [];
    // Don't store a choice: the next pool may contain enough to compare.
    if (!isEvidence(trial.results, task.options)) return { way, notes };
    for (const candidate of candidates) {
      const refusal = await trialOf(candidate, trial, task);
      if (typeof refusal === 'string') notes.push(`${candidate.name(task.options)} is not used: ${refusal}.`);
      else if (refusal !== null && refusal < fastest) [way, fastest] = [candidate, refusal];
    }
    chosen.set(key, way);
    return { way, notes };
  }

  /** Milliseconds per image, the reason for a rejection, or null if the candidate is unavailable. */
  async function trialOf(candidate: Candidate, trial: BaseTrial, task: TrialTask): Promise<number | string | null> {
    const known = unusable.get(candidate);
    if (known !== undefined) return known;
    try {
      if (!(await within(startMs, candidate.available(task.model), noStart(startMs)))) return null;
      const { pairs, millisecondsEach } = await tryCandidate(candidate, trial, startMs, task);
      const reason = disagreement(pairs, task.options);
      if (reason !== null) return reason;
      // With too few results, agreement proves nothing.
      const expected = pairs.map(([one]) => one);
      return isEvidence(expected, task.options) ? millisecondsEach : null;
    } catch (error) {
      if (task.signal?.aborted === true) throw cancelled();
      const reason = reasonOf(error);
      if (isMachineFailure(error)) unusable.set(candidate, reason);
      return reason;
    }
  }

  async function* withFallback(
    way: NamedInference,
    key: string,
    rest: RemainingImages,
    { model, options, signal }: TrialTask,
    reportBase: (notes: readonly string[]) => void,
  ): AsyncGenerator<InferenceResult> {
    try {
      for await (const result of way.inference.predict(model, rest, options, signal)) {
        // The driver may have crashed: the base predicts that image at the end.
        if (!result.ok && result.code === 'worker-crashed') continue;
        rest.done(result.imageId);
        yield result;
      }
    } catch (error) {
      if (signal?.aborted === true || (error instanceof InferenceError && error.code === 'closed')) throw error;
      // If the source of images failed, the provider is not at fault, and the base would get no images either.
      rest.throwIfSourceFailed();
      chosen.set(key, base);
      const candidate = candidates.find((one) => one === way);
      if (candidate !== undefined && isMachineFailure(error)) unusable.set(candidate, reasonOf(error));
      reportBase([`${way.name(options)} is given up: ${reasonOf(error)}.`]);
    }
    if (!rest.isOver) yield* base.inference.predict(model, rest.again(), options, signal);
  }

  return {
    predict,
    async settle(model, images, options, signal) {
      const key = keyOf(model, options);
      if (candidates.length === 0 || images.length === 0 || chosen.has(key)) return;
      const task: TrialTask = { model, options, now, ...(signal === undefined ? {} : { signal }) };
      const trial = tryBase(base, images.values(), task);
      for (let step = await trial.next(); ; step = await trial.next()) {
        if (step.done === true) return void (await choose(key, step.value, task));
      }
    },
    async close() {
      await Promise.all([base, ...candidates].map(({ inference }) => inference.close()));
    },
  };
}

/** Identifies what a choice is valid for: the model, the image size and the requested outputs. */
function keyOf({ onnxPath, weightsPath }: ModelFiles, options: InferenceOptions): string {
  const { imageSize, minConfidence, classScoresAbove, embedding, flip = false, localisation = false } = options;
  const asked = [minConfidence < 1, classScoresAbove !== null, embedding, flip, localisation];
  return JSON.stringify([onnxPath, weightsPath, imageSize, asked]);
}

async function take(source: ImageIterator, count: number): Promise<{ images: InferenceImage[]; ended: boolean }> {
  const images: InferenceImage[] = [];
  while (images.length < count) {
    const step = await source.next();
    if (step.done === true) return { images, ended: true };
    images.push(step.value);
  }
  return { images, ended: false };
}

/** Whether an error comes from the runtime or machine, so that it would affect every model. */
function isMachineFailure(error: unknown): boolean {
  if (error instanceof TrialTimeout) return true;
  return error instanceof InferenceError && (error.code === 'worker-failed' || error.code === 'runtime-missing');
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/[.\s]+$/, '');
}

function cancelled(): InferenceError {
  const hint = 'Start it again; it goes on where it stopped.';
  return new InferenceError('cancelled', 'The prediction was cancelled.', hint);
}
