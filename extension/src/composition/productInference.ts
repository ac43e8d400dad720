import { createChoosingInference } from '../adapters/inference/chooseInference.ts';
import { createInference } from '../adapters/inference/createInference.ts';
import { createPythonInference } from '../adapters/pythonInference/createPythonInference.ts';
import type { Inference } from '../workflow/ports/inference.ts';
import type { Trainer, TrainingEnvironment } from '../workflow/ports/trainer.ts';
import type { ProductPaths } from './productPaths.ts';

const gpuBatch = 16;

export interface ProductInferenceSetup {
  readonly paths: Pick<ProductPaths, 'inferenceWorker' | 'trainer'>;
  readonly runsFolder: string;
  /** Knows the Python, and the devices that torch sees. */
  readonly trainer: Pick<Trainer, 'checkEnvironment'>;
}

/**
 * Predictions by the fastest way that this machine has: ONNX Runtime on the processor, on a GPU through WebGPU, or torch
 * on a GPU through the trainer's Python, chosen by a trial on the first images of a large pool.
 */
export function createProductInference({ paths, runsFolder, trainer }: ProductInferenceSetup): Inference {
  const workerPath = paths.inferenceWorker;
  let asked: Promise<TrainingEnvironment | null> | null = null;
  const environment = (): Promise<TrainingEnvironment | null> =>
    (asked ??= trainer.checkEnvironment().catch(() => null));
  return createChoosingInference({
    base: { name: 'CPU', inference: createInference({ workerPath }) },
    candidates: [
      {
        name: 'GPU (torch)',
        inference: createPythonInference({
          python: async () => (await environment())?.python ?? '',
          trainerFolder: paths.trainer,
          runsFolder,
          batch: gpuBatch,
        }),
        available: async ({ weightsPath }) => {
          if (weightsPath?.endsWith('.pt') !== true) return false;
          return (await environment())?.devices.some((device) => device !== 'cpu') ?? false;
        },
      },
      {
        name: 'GPU (WebGPU)',
        inference: createInference({ workerPath, provider: 'webgpu' }),
        available: () => Promise.resolve(process.platform !== 'linux' || process.arch === 'x64'),
      },
    ],
  });
}
