import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InferenceImage, InferenceOptions, InferenceResult } from '../../../workflow/ports/inference.ts';
import { jobConfig } from '../../python/jobConfig.ts';
import { InferenceError, type InferenceErrorCode } from '../inferenceError.ts';
import { parsePrediction, type PredictionLine } from './predictionLines.ts';
import { PythonProcess, type PythonCommand, type PythonEnd } from './pythonProcess.ts';

export interface PythonInferenceSetup {
  /** The interpreter with the trainer's packages. @throws TrainingError if there is none. */
  readonly python: () => Promise<string>;
  readonly trainerFolder: string;
  /** Contains a run folder during a prediction. */
  readonly runsFolder: string;
  /** `auto` (default), `cpu`, `mps` or a CUDA index. */
  readonly device?: string;
  /** Images of one shape per batch. Default 1; larger batches suit a GPU. */
  readonly batch?: number;
  /** `ultralytics` decodes with Ultralytics' own `predict`, for comparisons. Default `own`. */
  readonly predictor?: 'own' | 'ultralytics';
  /** A process that has images but writes nothing for this long is killed. Default 5 minutes. */
  readonly responseTimeoutMs?: number;
  /**
   * How many processes in a row may crash without a result: before the first result of a run (default 3), and after it
   * (default 20).
   */
  readonly retryLimits?: { readonly atFirst: number; readonly later: number };
  /** How long a process may take to exit on request. Default 10 seconds. */
  readonly endMs?: number;
}

const defaultRetryLimits = { atFirst: 3, later: 20 } as const;
/** Lines to process before yielding to the event loop, which the editor shares. */
const linesAtOnce = 4;
/** Open images, as a multiple of the batch: the process decodes some while others are in the network. */
const underWay = 4;

interface OpenImage {
  readonly job: number;
  readonly image: InferenceImage;
}

/** One `predict` call: its process, which is replaced after a crash, and the open images. */
export class PythonRun {
  readonly #setup: PythonInferenceSetup;
  readonly #python: string;
  readonly #source: string;
  readonly #options: InferenceOptions;
  readonly #images: Iterator<InferenceImage> | AsyncIterator<InferenceImage>;
  readonly #open = new Map<number, OpenImage>();
  #process: PythonProcess | null = null;
  #waiting: OpenImage[] = [];
  #retry: OpenImage[] = [];
  /** Number of images to retry one by one, because they were open when a process crashed. */
  #retryAlone = 0;
  #nextJob = 1;
  #pulling = false;
  #exhausted = false;
  #cancelled = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;
  #crashes = 0;
  /** Whether any image had a result: then the process works, and consecutive crashes may come from bad images. */
  #works = false;
  #lastActivity = 0;
  #lines = 0;

  /** @param source the model: weights, or an ONNX file. */
  constructor(
    setup: PythonInferenceSetup,
    python: string,
    source: string,
    options: InferenceOptions,
    images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
  ) {
    this.#setup = setup;
    this.#python = python;
    this.#source = source;
    this.#options = options;
    this.#images = Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#process?.kill();
    this.#wake();
  }

  async close(): Promise<void> {
    this.#cancelled = true;
    await this.#process?.close();
    this.#process = null;
    if (this.#exhausted) return;
    const returned = Promise.resolve(this.#images.return?.()).catch(() => undefined);
    // A busy source responds to `return` only after its next image, which may never come.
    if (!this.#pulling) await returned;
  }

  /** @throws InferenceError; errors of the source of images. */
  async *results(): AsyncGenerator<InferenceResult> {
    for (;;) {
      this.#throwIfStopped();
      void this.#pull();
      await this.#sendWaiting();
      if (this.#open.size === 0) {
        if (this.#waiting.length > 0 || this.#retry.length > 0) continue;
        if (this.#exhausted) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const process = (this.#process ??= await PythonProcess.start(this.#command()));
      const over = process.ended;
      for (const line of await process.read()) {
        const result = this.#take(process, line);
        if (result !== null) yield result;
        // Don't count the time that the caller spent on the result.
        this.#lastActivity = performance.now();
        this.#lines += 1;
        if (this.#lines % linesAtOnce === 0) await nextTurn();
      }
      this.#throwIfStopped();
      if (over) yield* this.#handleExit(process);
      else this.#killIfUnresponsive(process);
    }
    this.#throwIfStopped();
    await this.#process?.send([{ end: true }]);
    await this.#process?.finished(this.#setup.endMs ?? 10_000);
  }

  get #capacity(): number {
    return underWay * (this.#setup.batch ?? 1);
  }

  /** Reads images from the source up to the limit, in the background: results arrive meanwhile. */
  async #pull(): Promise<void> {
    if (this.#pulling || this.#exhausted) return;
    this.#pulling = true;
    try {
      while (!this.#cancelled && this.#open.size + this.#waiting.length + this.#retry.length < this.#capacity) {
        const step = await this.#images.next();
        if (step.done === true) {
          this.#exhausted = true;
          break;
        }
        this.#waiting.push({ job: this.#nextJob++, image: step.value });
        this.#wake();
      }
    } catch (error) {
      this.#exhausted = true;
      this.#failure ??= { error };
    }
    this.#pulling = false;
    this.#wake();
  }

  /** Sends waiting images to the process, up to the limit. */
  async #sendWaiting(): Promise<void> {
    const capacity = this.#retryAlone > 0 ? 1 : this.#capacity;
    const added: OpenImage[] = [];
    while (this.#open.size < capacity) {
      const next = this.#retry.shift() ?? this.#waiting.shift();
      if (next === undefined) break;
      this.#open.set(next.job, next);
      added.push(next);
    }
    if (added.length === 0) return;
    // The process was idle until now, so the timeout starts now.
    if (added.length === this.#open.size) this.#lastActivity = performance.now();
    this.#process ??= await PythonProcess.start(this.#command());
    await this.#process.send(added.map(({ job, image }) => ({ id: job, path: image.absolutePath })));
  }

  /** The result in a line; null if it is not about an open image. */
  #take(process: PythonProcess, line: string): InferenceResult | null {
    const parsed = tryParse(line);
    if (parsed === null) {
      process.kill(`wrote what is no prediction and was ended: ${line.slice(0, 100)}`);
      return null;
    }
    const entry = this.#open.get(parsed.job);
    if (entry === undefined) return null;
    this.#open.delete(parsed.job);
    this.#retryAlone = Math.max(0, this.#retryAlone - 1);
    this.#crashes = 0;
    this.#works = true;
    return parsed.result(entry.image.imageId);
  }

  #killIfUnresponsive(process: PythonProcess): void {
    const { responseTimeoutMs = 300_000 } = this.#setup;
    if (performance.now() - this.#lastActivity <= responseTimeoutMs) return;
    process.kill(`said nothing for ${Math.round(responseTimeoutMs / 1000)} s and was ended`);
  }

  /** After a crash: a single open image is lost; several are retried one by one. */
  async *#handleExit(process: PythonProcess): AsyncGenerator<InferenceResult> {
    const end = await process.end();
    await process.close();
    this.#process = null;
    this.#crashes += 1;
    if (end.error !== null) throw failed(end.error.code, end.error.message, end.error.hint, this.#source);
    const { atFirst, later } = this.#setup.retryLimits ?? defaultRetryLimits;
    if (this.#crashes > (this.#works ? later : atFirst)) throw crashesRepeatedly(end, this.#crashes, this.#source);
    const left = [...this.#open.values()];
    this.#open.clear();
    const [only] = left;
    if (only !== undefined && left.length === 1) {
      this.#retryAlone = Math.max(0, this.#retryAlone - 1);
      const { imageId, absolutePath } = only.image;
      const message = `While it worked on ${absolutePath}, the Python process ${end.how}.${end.log === '' ? '' : ` It printed: ${end.log}`}`;
      yield { ok: false, imageId, code: 'worker-crashed', message };
      return;
    }
    this.#retry = [...left, ...this.#retry];
    this.#retryAlone = this.#retry.length;
  }

  #command(): PythonCommand {
    const { runsFolder, trainerFolder, device = 'auto', batch = 1, predictor = 'own' } = this.#setup;
    const { imageSize, minConfidence, iouThreshold, maxDetections, classScoresAbove, embedding } = this.#options;
    const runId = `predict-${randomBytes(6).toString('hex')}`;
    return {
      python: this.#python,
      trainerFolder,
      folder: join(runsFolder, runId),
      config: jobConfig(
        {
          kind: 'predict',
          runId,
          model: this.#source,
          imageSize,
          threads: this.#options.workers,
          device,
          predictor,
          minConfidence,
          iouThreshold,
          maxDetections,
          classScoresAbove,
          embedding,
          localisation: this.#options.localisation === true,
          flip: this.#options.flip === true,
          batch,
        },
        randomBytes(16).toString('hex'),
      ),
    };
  }

  #throwIfStopped(): void {
    if (this.#failure !== null) throw this.#failure.error;
    if (!this.#cancelled) return;
    const hint = 'Start it again; it goes on where it stopped.';
    throw new InferenceError('cancelled', 'The prediction was cancelled.', hint);
  }
}

function tryParse(line: string): PredictionLine | null {
  try {
    return parsePrediction(line);
  } catch {
    return null;
  }
}

const codes: Readonly<Record<string, InferenceErrorCode>> = {
  'weights-missing': 'model-missing',
  'weights-broken': 'model-broken',
  'packages-missing': 'runtime-missing',
};

function failed(code: string, message: string, hint: string, where: string): InferenceError {
  return new InferenceError(codes[code] ?? 'worker-failed', message, hint, { where });
}

function crashesRepeatedly(end: PythonEnd, deaths: number, where: string): InferenceError {
  const times = deaths > 1 ? `, ${deaths} times in a row` : '';
  return new InferenceError(
    'worker-failed',
    `The Python process for predictions ${end.how}${times}. It printed: ${end.log}`,
    'Free memory, choose another device, or check the Python environment; the text above names the cause.',
    { where },
  );
}
