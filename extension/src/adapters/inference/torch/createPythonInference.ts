import { stat } from 'node:fs/promises';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../../workflow/ports/inference.ts';
import { InferenceError } from '../inferenceError.ts';
import { PythonRun, type PythonInferenceSetup } from './pythonRun.ts';

/**
 * Predicts with the trainer's Python: for torch on a GPU, and for platforms without ONNX Runtime for Node. Uses the
 * model's weights if they exist, otherwise its ONNX file. If an image crashes the process, only that image is lost.
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

/** The weights if they exist, otherwise the exported model. */
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
