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

/** One that may be faster, if this machine has it. */
export interface Candidate extends NamedInference {
  /** Whether it is worth a trial. It may cost a moment, and is asked once a model. */
  available(model: ModelFiles): Promise<boolean>;
  /** Images that go through it together, 1 or more. */
  readonly batch: number;
}

export interface ChoosingSetup {
  /** What always works, and what the others are compared with. */
  readonly base: NamedInference;
  readonly candidates: readonly Candidate[];
  /** Minimum remaining time of the base for a trial. Default 20 s: some candidates need as long to start. */
  readonly worthMs?: number;
  /** A candidate must have given its first batch by then. Default 60 s: torch may be read from a cold disk. */
  readonly startMs?: number;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/** An inference that has a choice. */
export type ChoosingInference = Inference & Required<Pick<Inference, 'settle'>>;

/** Images that are looked at ahead, to know how much work is left. */
const mostAhead = 5000;

type Images = Iterable<InferenceImage> | AsyncIterable<InferenceImage>;
type Tell = (provider: Provider) => void;

interface Choice {
  readonly way: NamedInference;
  readonly notes: readonly string[];
}

/**
 * Predicts by the fastest way that works here. If the base would take long, the images that it predicted
 * first are predicted by every way there is: one that gives something else, fails, or hangs is left alone, and the
 * fastest of the rest goes on. Without enough to compare, the base goes on. If the chosen one fails later, the base
 * takes over, and no image is lost.
 */
export function createChoosingInference(setup: ChoosingSetup): ChoosingInference {
  const { base, candidates, worthMs = 20_000, startMs = 60_000, now = () => performance.now() } = setup;
  const chosen = new Map<string, NamedInference>();
  /** Candidates that hung or died, and why: they are not tried again while this process lives. */
  const unusable = new Map<Candidate, string>();

  async function* predict(
    model: ModelFiles,
    images: Images,
    options: InferenceOptions,
    signal?: AbortSignal,
    onProvider: Tell = () => undefined,
  ): AsyncGenerator<InferenceResult> {
    const source: ImageIterator =
      Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
    const task: TrialTask = { model, options, now, ...(signal === undefined ? {} : { signal }) };
    const tell = (way: NamedInference, notes: readonly string[] = []): void =>
      onProvider({ name: way.name(options), notes });
    let ended = false;
    try {
      const key = keyOf(model, options);
      let way = chosen.get(key) ?? base;
      let rest = RemainingImages.of([], source);
      tell(way);
      if (candidates.length > 0 && !chosen.has(key)) {
        const trial = yield* tryBase(base, source, task);
        const ahead = await take(source, imagesWorthIt(trial));
        rest = RemainingImages.of(ahead.images, source);
        if (!ahead.ended) {
          const choice = await choose(key, trial, task);
          way = choice.way;
          if (way !== base || choice.notes.length > 0) tell(way, choice.notes);
        }
      }
      if (way === base) yield* base.inference.predict(model, rest, options, signal);
      else yield* withFallback(way, key, rest, task, (notes) => tell(base, notes));
      ended = true;
    } finally {
      if (!ended) await source.return?.();
    }
  }

  /** The number of images that keep the base busy for `worthMs`. */
  function imagesWorthIt({ millisecondsEach }: BaseTrial): number {
    return Math.min(mostAhead, Math.ceil(worthMs / Math.max(millisecondsEach ?? 0, 1e-3)));
  }

  async function choose(key: string, trial: BaseTrial, task: TrialTask): Promise<Choice> {
    let way: NamedInference = base;
    let fastest = trial.millisecondsEach ?? Number.POSITIVE_INFINITY;
    const notes: string[] = [];
    // Asked again at the next pool, which may show more.
    if (!isEvidence(trial.results, task.options)) return { way, notes };
    for (const candidate of candidates) {
      const refusal = await trialOf(candidate, trial, task);
      if (typeof refusal === 'string') notes.push(`${candidate.name(task.options)} is not used: ${refusal}.`);
      else if (refusal !== null && refusal < fastest) [way, fastest] = [candidate, refusal];
    }
    chosen.set(key, way);
    return { way, notes };
  }

  /** Milliseconds an image, why it is not used, or null if it is not there. */
  async function trialOf(candidate: Candidate, trial: BaseTrial, task: TrialTask): Promise<number | string | null> {
    const known = unusable.get(candidate);
    if (known !== undefined) return known;
    try {
      if (!(await within(startMs, candidate.available(task.model), noStart(startMs)))) return null;
      const { pairs, millisecondsEach } = await tryCandidate(candidate, trial, startMs, task);
      const reason = disagreement(pairs, task.options);
      if (reason !== null) return reason;
      // Without enough to compare, an agreement proves nothing.
      const expected = pairs.map(([one]) => one);
      return isEvidence(expected, task.options) ? millisecondsEach : null;
    } catch (error) {
      if (task.signal?.aborted === true) throw cancelled();
      const reason = reasonOf(error);
      if (isOfTheMachine(error)) unusable.set(candidate, reason);
      return reason;
    }
  }

  async function* withFallback(
    way: NamedInference,
    key: string,
    rest: RemainingImages,
    { model, options, signal }: TrialTask,
    tellBase: (notes: readonly string[]) => void,
  ): AsyncGenerator<InferenceResult> {
    try {
      for await (const result of way.inference.predict(model, rest, options, signal)) {
        // A crash may be that of the driver: the base has its own try at that image, at the end.
        if (!result.ok && result.code === 'worker-crashed') continue;
        rest.done(result.imageId);
        yield result;
      }
    } catch (error) {
      if (signal?.aborted === true || (error instanceof InferenceError && error.code === 'closed')) throw error;
      // That the images cannot be had is no fault of what predicts them, and the base would find none left.
      rest.throwIfSourceFailed();
      chosen.set(key, base);
      const candidate = candidates.find((one) => one === way);
      if (candidate !== undefined && isOfTheMachine(error)) unusable.set(candidate, reasonOf(error));
      tellBase([`${way.name(options)} is given up: ${reasonOf(error)}.`]);
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

/** What a choice holds for: the model, and all that was compared. */
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

/** Failures of what runs a model, which no other model would escape. */
function isOfTheMachine(error: unknown): boolean {
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
