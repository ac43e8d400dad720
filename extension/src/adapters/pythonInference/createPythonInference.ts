import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../workflow/ports/inference.ts';
import { InferenceError, type InferenceErrorCode } from '../inference/inferenceError.ts';
import { parsePrediction, type PredictionLine } from './predictionLines.ts';
import { PythonProcess, type PythonCommand, type PythonEnd } from './pythonProcess.ts';

export interface PythonInferenceSetup {
  /** The interpreter that has the trainer's packages. @throws TrainingError when there is none. */
  readonly python: () => Promise<string>;
  readonly trainerFolder: string;
  /** Holds a run folder while a prediction runs. */
  readonly runsFolder: string;
  /** `auto` (default), `cpu`, `mps` or a CUDA index. */
  readonly device?: string;
  /** Images of one shape that go through the network together. Default 1; a GPU wants more. */
  readonly batch?: number;
  /** `ultralytics` lets Ultralytics' own `predict` decode, for comparisons. Default `own`. */
  readonly predictor?: 'own' | 'ultralytics';
  /** A process that says nothing for this long, although it has images, is ended. Default 5 minutes. */
  readonly silenceMs?: number;
}

/** A process that was told to end has so long to do it. */
const goodbyeMs = 10_000;

/** So many processes in a row may die without a single result: before the first one of a run, and after it. */
const mostDeaths = { atFirst: 3, later: 20 } as const;

/**
 * Predictions by the trainer's Python: torch on a GPU, or platforms without ONNX Runtime for Node. The model's weights
 * are used where they are known, otherwise its ONNX file. One image that takes the process along costs itself alone.
 */
export function createPythonInference(setup: PythonInferenceSetup): Inference {
  const running = new Set<PythonRun>();
  let closed = false;

  async function* predict(
    model: ModelFiles,
    images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
    options: InferenceOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<InferenceResult> {
    const source = await chooseSource(model);
    if (closed) throw new InferenceError('closed', 'Predictions were closed.', 'Start again.');
    const python = await setup.python();
    const run = new PythonRun(setup, python, source, options, images);
    const cancel = (): void => run.cancel();
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    running.add(run);
    try {
      yield* run.results();
    } finally {
      running.delete(run);
      signal?.removeEventListener('abort', cancel);
      await run.close();
    }
  }

  return {
    predict,
    async close() {
      closed = true;
      for (const run of running) run.cancel();
      await Promise.all([...running].map((run) => run.close()));
    },
  };
}

interface OpenImage {
  readonly job: number;
  readonly image: InferenceImage;
}

class PythonRun {
  readonly #setup: PythonInferenceSetup;
  readonly #python: string;
  readonly #source: string;
  readonly #options: InferenceOptions;
  readonly #images: Iterator<InferenceImage> | AsyncIterator<InferenceImage>;
  readonly #open = new Map<number, OpenImage>();
  #process: PythonProcess | null = null;
  #retry: OpenImage[] = [];
  /** Images that were under way when a process died: they are tried one by one. */
  #alone = 0;
  #nextJob = 1;
  #exhausted = false;
  #cancelled = false;
  #deaths = 0;
  /** Whether any image had a result: then the process works, and bad images may well lie side by side. */
  #works = false;
  #heard = 0;

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
  }

  async close(): Promise<void> {
    await this.#process?.close();
    this.#process = null;
    if (!this.#exhausted) await this.#images.return?.();
  }

  async *results(): AsyncGenerator<InferenceResult> {
    for (;;) {
      this.#throwIfCancelled();
      await this.#fill();
      if (this.#open.size === 0) break;
      const process = (this.#process ??= await PythonProcess.start(this.#command()));
      const over = process.ended;
      for (const line of await process.read()) {
        const parsed = tryParse(line);
        if (parsed === null) {
          process.kill(`wrote what is no prediction and was ended: ${line.slice(0, 100)}`);
          continue;
        }
        const entry = this.#open.get(parsed.job);
        if (entry === undefined) continue;
        this.#open.delete(parsed.job);
        this.#alone = Math.max(0, this.#alone - 1);
        this.#deaths = 0;
        this.#works = true;
        yield parsed.result(entry.image.imageId);
        // After the caller had its time with it, which is not the process's.
        this.#heard = performance.now();
      }
      this.#throwIfCancelled();
      if (over) yield* this.#bury(process);
      else this.#endWhenSilent(process);
    }
    await this.#process?.send([{ end: true }]);
    await this.#process?.finished(goodbyeMs);
  }

  #endWhenSilent(process: PythonProcess): void {
    const { silenceMs = 300_000 } = this.#setup;
    if (performance.now() - this.#heard <= silenceMs) return;
    process.kill(`said nothing for ${Math.round(silenceMs / 1000)} s and was ended`);
  }

  /** Takes images from the source while there is room for them. */
  async #fill(): Promise<void> {
    const room = this.#alone > 0 ? 1 : 4 * (this.#setup.batch ?? 1);
    const added: OpenImage[] = [];
    while (this.#open.size < room) {
      const next = this.#retry.shift() ?? (await this.#take());
      if (next === null) break;
      this.#open.set(next.job, next);
      added.push(next);
    }
    if (added.length === 0) return;
    this.#process ??= await PythonProcess.start(this.#command());
    // Waiting for the images to come was no silence of its.
    this.#heard = performance.now();
    await this.#process.send(added.map(({ job, image }) => ({ id: job, path: image.absolutePath })));
  }

  async #take(): Promise<OpenImage | null> {
    if (this.#exhausted) return null;
    const step = await this.#images.next();
    if (step.done === true) {
      this.#exhausted = true;
      return null;
    }
    return { job: this.#nextJob++, image: step.value };
  }

  /** The process is gone: its one image is given up, several are tried again one by one. */
  async *#bury(process: PythonProcess): AsyncGenerator<InferenceResult> {
    const end = await process.end();
    await process.close();
    this.#process = null;
    this.#deaths += 1;
    if (end.error !== null) throw failed(end.error.code, end.error.message, end.error.hint, this.#source);
    const most = this.#works ? mostDeaths.later : mostDeaths.atFirst;
    if (this.#deaths > most) throw keepsDying(end, this.#deaths, this.#source);
    const left = [...this.#open.values()];
    this.#open.clear();
    const [only] = left;
    if (only !== undefined && left.length === 1) {
      this.#alone = Math.max(0, this.#alone - 1);
      const { imageId, absolutePath } = only.image;
      const message = `While it worked on ${absolutePath}, the Python process ${end.how}.${end.log === '' ? '' : ` It printed: ${end.log}`}`;
      yield { ok: false, imageId, code: 'worker-crashed', message };
      return;
    }
    this.#retry = [...left, ...this.#retry];
    this.#alone = this.#retry.length;
  }

  #command(): PythonCommand {
    const { runsFolder, trainerFolder, device = 'auto', batch = 1, predictor = 'own' } = this.#setup;
    const { imageSize, minConfidence, iouThreshold, maxDetections, classScoresAbove, embedding } = this.#options;
    const run = `predict-${randomBytes(6).toString('hex')}`;
    return {
      python: this.#python,
      trainerFolder,
      folder: join(runsFolder, run),
      config: {
        schema: 1,
        run,
        nonce: randomBytes(16).toString('hex'),
        job: 'predict',
        weights: { source: this.#source, allowDownload: false },
        plan: { imageSize, threads: this.#options.workers },
        seed: 0,
        device,
        predict: {
          predictor,
          minConfidence,
          iouThreshold,
          maxDetections,
          classScoresAbove,
          embedding,
          localisation: this.#options.localisation === true,
          flip: this.#options.flip === true,
          batch,
          endWithInput: true,
        },
      },
    };
  }

  #throwIfCancelled(): void {
    if (!this.#cancelled) return;
    throw new InferenceError(
      'cancelled',
      'The prediction was cancelled.',
      'Start it again; it goes on where it stopped.',
    );
  }
}

function tryParse(line: string): PredictionLine | null {
  try {
    return parsePrediction(line);
  } catch {
    return null;
  }
}

/** The weights where they are there, otherwise the exported model. */
async function chooseSource({ weightsPath, onnxPath }: ModelFiles): Promise<string> {
  if (weightsPath !== undefined && (await stat(weightsPath).catch(() => null)) !== null) return weightsPath;
  const path = onnxPath;
  try {
    await stat(path);
    return path;
  } catch (cause) {
    const hint = 'Export the version again from its weights, or choose another version.';
    throw new InferenceError('model-missing', `There is no model at ${path}.`, hint, { where: path, cause });
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

function keepsDying(end: PythonEnd, deaths: number, where: string): InferenceError {
  return new InferenceError(
    'worker-failed',
    `The Python process for predictions ${end.how}, ${deaths} times in a row. It printed: ${end.log}`,
    'Free memory, choose another device, or check the Python environment; the text above names the cause.',
    { where },
  );
}
