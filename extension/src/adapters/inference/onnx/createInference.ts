import { stat } from 'node:fs/promises';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../../workflow/ports/inference.ts';
import { InferenceError } from '../inferenceError.ts';
import { PredictRun } from './predictRun.ts';
import type { ExecutionProvider } from './wire.ts';
import { WorkerPool } from './workerPool.ts';

export interface InferenceSetup {
  /** The entry of a worker process: the bundled `worker.js`, or `worker.ts` if Node runs TypeScript. */
  readonly workerPath: string;
  /** The Node executable for workers. Default: the current one (Electron runs as plain Node). */
  readonly nodePath?: string;
  /** The environment of workers, from which the editor's variables are removed. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** A worker that sends no message for this long is killed, and its image is lost. Default 2 minutes. */
  readonly imageTimeoutMs?: number;
  /** The same limit while a worker starts and loads the model. Default 3 minutes. */
  readonly startTimeoutMs?: number;
  /** How many workers in a row may crash before they start on an image. Default 3. */
  readonly maxIdleDeaths?: number;
  /** Where the network runs. Default `cpu`. `webgpu` needs a GPU and uses at most two workers. */
  readonly provider?: ExecutionProvider;
  /** Workers without work keep their model loaded for this long. Default 5 minutes. */
  readonly idleMs?: number;
}

/** `Inference` in forked worker processes with ONNX Runtime. */
export interface WorkerInference extends Inference {
  /** The current worker processes, including idle ones. */
  workerPids(): readonly number[];
}

const MINUTE = 60_000;
/** Workers per GPU: while one reads its next image and decodes its last output, the other keeps the GPU busy. */
const mostOfGpu = 2;

/**
 * Predicts with ONNX Runtime in forked processes. Workers start with the first images and stay warm between calls with
 * the same model. Idle workers do not keep this process alive, and all workers exit when this process does.
 * Calls to `predict` may overlap; each has its own workers.
 */
export function createInference(setup: InferenceSetup): WorkerInference {
  const { workerPath, nodePath = process.execPath, env = process.env, idleMs = 5 * MINUTE } = setup;
  const { provider = 'cpu', imageTimeoutMs = 2 * MINUTE, startTimeoutMs = 3 * MINUTE, maxIdleDeaths = 3 } = setup;
  const pool = new WorkerPool({ workerPath, nodePath, env }, idleMs);
  const runs = new Set<PredictRun>();
  let runCount = 0;
  let closed = false;

  async function* predict(
    model: ModelFiles,
    images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
    options: InferenceOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<InferenceResult> {
    const stamp = await modelStamp(model.onnxPath);
    if (signal?.aborted === true) throw cancelled();
    if (closed) throw closedError();
    runCount += 1;
    const workers = provider === 'cpu' ? options.workers : Math.min(mostOfGpu, options.workers);
    const request = { model, stamp, options: { ...options, workers }, provider };
    const run = new PredictRun(runCount, pool, request, images, { imageTimeoutMs, startTimeoutMs, maxIdleDeaths });
    const cancel = (): void => run.fail(cancelled());
    signal?.addEventListener('abort', cancel);
    runs.add(run);
    try {
      for (let result = await run.next(); result !== null; result = await run.next()) yield result;
    } finally {
      signal?.removeEventListener('abort', cancel);
      runs.delete(run);
      await run.end();
    }
  }

  return {
    predict,
    workerPids: () => pool.pids,
    async close() {
      closed = true;
      for (const run of runs) run.fail(closedError());
      await pool.close();
    },
  };
}

/** A stamp that changes when the file changes. @throws InferenceError `model-missing`, `model-broken`. */
async function modelStamp(path: string): Promise<string> {
  try {
    const facts = await stat(path);
    if (facts.isFile()) return `${facts.size} ${facts.mtimeMs} ${facts.ino}`;
  } catch (cause) {
    throw new InferenceError(
      'model-missing',
      `There is no model at ${path}.`,
      'Export the version again from its weights, or choose another version.',
      { where: path, cause },
    );
  }
  // Reading a pipe would block the worker, and a device may have no end.
  throw new InferenceError(
    'model-broken',
    `The model ${path} cannot be used: it is a folder, pipe or device, not a file.`,
    'Export the version again from its weights, or choose another version.',
    { where: path },
  );
}

function cancelled(): InferenceError {
  return new InferenceError(
    'cancelled',
    'The prediction was cancelled.',
    'Start it again; it goes on where it stopped.',
  );
}

function closedError(): InferenceError {
  return new InferenceError('closed', 'Predictions were closed.', 'Start again.');
}
