import { addParity, compareDetections, noParity, type Parity } from '../../core/detection/parity.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../workflow/ports/inference.ts';
import { InferenceError } from './inferenceError.ts';

/** A way to predict, and what people call it. */
export interface NamedInference {
  readonly name: string;
  readonly inference: Inference;
}

/** One that may be faster, where this machine has it. */
export interface Candidate extends NamedInference {
  /** Whether it is worth a trial. It may cost a moment, and is asked once a model. */
  available(model: ModelFiles): Promise<boolean>;
}

export interface ChoosingSetup {
  /** What always works, and what the others are compared with. */
  readonly base: NamedInference;
  readonly candidates: readonly Candidate[];
  /** Pools below this many images are not worth a trial. Default 500. */
  readonly fewest?: number;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/** An inference that has a choice. */
export type ChoosingInference = Inference & Required<Pick<Inference, 'settle' | 'provider'>>;

const trialImages = 16;
/** Of the boxes of a trial; other arithmetic may turn a tie the other way. */
const mostUnmatched = 0.02;

type Images = Iterable<InferenceImage> | AsyncIterable<InferenceImage>;
type Source = Iterator<InferenceImage> | AsyncIterator<InferenceImage>;

/**
 * Predicts by the fastest way that works here. On a model's first large pool, the first images are predicted by every
 * way there is: one whose boxes are others than the base's, or that fails, is left alone, and the fastest of the rest
 * goes on. Where it fails later, the base takes over, and no image is lost.
 */
export function createChoosingInference(setup: ChoosingSetup): ChoosingInference {
  const { base, candidates, fewest = 500, now = () => performance.now() } = setup;
  const chosen = new Map<string, NamedInference>();
  let last = base.name;

  async function* predict(
    model: ModelFiles,
    images: Images,
    options: InferenceOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<InferenceResult> {
    const source: Source = Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
    let ended = false;
    try {
      const key = keyOf(model, options);
      let way = chosen.get(key);
      let ahead: InferenceImage[] = [];
      if (way === undefined && candidates.length > 0) {
        ahead = await take(source, fewest);
        if (ahead.length < fewest) way = base;
      }
      if (way === undefined) {
        const trial = ahead.splice(0, trialImages);
        const { winner, results } = await choose(model, trial, options, signal);
        chosen.set(key, winner);
        way = winner;
        yield* results;
      }
      last = way.name;
      const rest = new Remaining(ahead, source);
      if (way === base) {
        yield* base.inference.predict(model, rest, options, signal);
      } else {
        yield* withFallback(way, key, rest, model, options, signal);
      }
      ended = true;
    } finally {
      if (!ended) await source.return?.();
    }
  }

  /** The base's results count, whoever wins. */
  async function choose(
    model: ModelFiles,
    trial: readonly InferenceImage[],
    options: InferenceOptions,
    signal?: AbortSignal,
  ): Promise<{ winner: NamedInference; results: readonly InferenceResult[] }> {
    const reference = await timed(base, model, trial, options, now, signal);
    let winner: NamedInference = base;
    let fastest = reference.seconds;
    for (const candidate of candidates) {
      try {
        if (!(await candidate.available(model))) continue;
        const found = await timed(candidate, model, trial, options, now, signal);
        if (!agrees(reference.results, found.results) || found.seconds >= fastest) continue;
        winner = candidate;
        fastest = found.seconds;
      } catch {
        if (signal?.aborted === true) throw cancelled();
      }
    }
    return { winner, results: reference.results };
  }

  async function* withFallback(
    way: NamedInference,
    key: string,
    rest: Remaining,
    model: ModelFiles,
    options: InferenceOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<InferenceResult> {
    try {
      for await (const result of way.inference.predict(model, rest, options, signal)) {
        rest.done(result.imageId);
        yield result;
      }
    } catch (error) {
      if (signal?.aborted === true || (error instanceof InferenceError && error.code === 'closed')) throw error;
      chosen.set(key, base);
      last = base.name;
      yield* base.inference.predict(model, rest.again(), options, signal);
    }
  }

  return {
    predict,
    async settle(model, images, options, signal) {
      const key = keyOf(model, options);
      if (candidates.length === 0 || images.length === 0 || chosen.has(key)) return;
      const { winner } = await choose(model, images.slice(0, trialImages), options, signal);
      chosen.set(key, winner);
    },
    provider: () => last,
    async close() {
      await Promise.all([base, ...candidates].map(({ inference }) => inference.close()));
    },
  };
}

function keyOf({ onnxPath, weightsPath }: ModelFiles, { imageSize }: InferenceOptions): string {
  return JSON.stringify([onnxPath, weightsPath, imageSize]);
}

/** What is left of a source, with the images that were handed out and have no result. Never closes the source. */
class Remaining implements AsyncIterable<InferenceImage> {
  readonly #ahead: InferenceImage[];
  readonly #source: Source;
  readonly #out = new Map<number, InferenceImage>();

  constructor(ahead: readonly InferenceImage[], source: Source) {
    this.#ahead = [...ahead];
    this.#source = source;
  }

  done(imageId: number): void {
    this.#out.delete(imageId);
  }

  /** From the images without a result on. */
  again(): Remaining {
    return new Remaining([...this.#out.values(), ...this.#ahead], this.#source);
  }

  [Symbol.asyncIterator](): AsyncIterator<InferenceImage> {
    return {
      next: async () => {
        const image = this.#ahead.shift();
        const step = image === undefined ? await this.#source.next() : { done: false as const, value: image };
        if (step.done !== true) this.#out.set(step.value.imageId, step.value);
        return step;
      },
    };
  }
}

async function take(source: Source, count: number): Promise<InferenceImage[]> {
  const images: InferenceImage[] = [];
  while (images.length < count) {
    const step = await source.next();
    if (step.done === true) break;
    images.push(step.value);
  }
  return images;
}

/** `seconds` from the first result on: a pool is long, the start is paid once. */
async function timed(
  { inference }: NamedInference,
  model: ModelFiles,
  images: readonly InferenceImage[],
  options: InferenceOptions,
  now: () => number,
  signal?: AbortSignal,
): Promise<{ results: InferenceResult[]; seconds: number }> {
  const results: InferenceResult[] = [];
  let first = 0;
  for await (const result of inference.predict(model, images, options, signal)) {
    if (results.length === 0) first = now();
    results.push(result);
  }
  return { results, seconds: (now() - first) / 1000 };
}

function agrees(reference: readonly InferenceResult[], found: readonly InferenceResult[]): boolean {
  const byId = new Map(found.map((result) => [result.imageId, result]));
  let sum: Parity = noParity;
  for (const expected of reference) {
    const other = byId.get(expected.imageId);
    if (other?.ok !== expected.ok) return false;
    if (!expected.ok || !other.ok) continue;
    if (other.width !== expected.width || other.height !== expected.height) return false;
    sum = addParity(sum, compareDetections(expected.detections, other.detections));
  }
  return sum.unmatched <= sum.boxes * mostUnmatched;
}

function cancelled(): InferenceError {
  const hint = 'Start it again; it goes on where it stopped.';
  return new InferenceError('cancelled', 'The prediction was cancelled.', hint);
}
