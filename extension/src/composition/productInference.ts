import { createChoosingInference, type Candidate } from '../adapters/inference/provider/chooseInference.ts';
import { createInference } from '../adapters/inference/onnx/createInference.ts';
import { mayHaveWebgpu } from '../adapters/inference/provider/webgpuMachine.ts';
import { createPythonInference } from '../adapters/inference/torch/createPythonInference.ts';
import type { Inference } from '../workflow/ports/inference.ts';
import type { Trainer, TrainingEnvironment } from '../workflow/ports/trainer.ts';
import type { ProductPaths } from './productPaths.ts';

/** Images per batch in torch; workers of ONNX Runtime process one image at a time. */
const torchBatch = 16;
const webgpuBatch = 4;

/**
 * Providers on a GPU have a fallback, so they are given up sooner: a driver that hangs or dies would do so for every
 * image.
 */
const timeouts = { startMs: 60_000, imageMs: 30_000 } as const;

export interface ProductInferenceSetup {
  readonly paths: Pick<ProductPaths, 'inferenceWorker' | 'trainer'>;
  readonly runsFolder: string;
  /** Finds the Python and the devices that torch sees. */
  readonly trainer: Pick<Trainer, 'checkEnvironment'>;
}

/**
 * Predicts with the fastest provider of this machine: ONNX Runtime on the CPU, ONNX Runtime on a GPU through WebGPU, or
 * torch on a GPU through the trainer's Python. A trial on the first images of a large pool decides.
 */
export function createProductInference({ paths, runsFolder, trainer }: ProductInferenceSetup): Inference {
  const workerPath = paths.inferenceWorker;
  let asked: Promise<TrainingEnvironment | null> | null = null;
  const environment = (): Promise<TrainingEnvironment | null> =>
    (asked ??= trainer.checkEnvironment().catch(() => null));
  return createChoosingInference({
    base: {
      name: ({ workers }) => (workers === 1 ? '1 CPU thread' : `${workers} CPU threads`),
      inference: createInference({ workerPath }),
    },
    candidates: gpuCandidates(
      environment,
      {
        torch: createPythonInference({
          python: async () => (await environment())?.python ?? '',
          trainerFolder: paths.trainer,
          runsFolder,
          batch: torchBatch,
          responseTimeoutMs: timeouts.startMs,
          retryLimits: { atFirst: 0, later: 2 },
        }),
        webgpu: createInference({
          workerPath,
          provider: 'webgpu',
          startTimeoutMs: timeouts.startMs,
          imageTimeoutMs: timeouts.imageMs,
          maxIdleDeaths: 1,
        }),
      },
      mayHaveWebgpu,
    ),
    startMs: timeouts.startMs,
  });
}

/** The providers that use a GPU, each with the conditions for a trial. */
export function gpuCandidates(
  environment: () => Promise<Pick<TrainingEnvironment, 'devices'> | null>,
  ways: { readonly torch: Inference; readonly webgpu: Inference },
  webgpuIsLikely: () => Promise<boolean>,
): Candidate[] {
  return [
    {
      name: () => 'GPU (torch)',
      inference: ways.torch,
      batch: torchBatch,
      // Torch runs weights; a fast model has none and runs only on the CPU.
      available: async ({ weightsPath }) => {
        if (weightsPath?.endsWith('.pt') !== true) return false;
        return (await environment())?.devices.some((device) => device !== 'cpu') ?? false;
      },
    },
    {
      name: () => 'GPU (WebGPU)',
      inference: ways.webgpu,
      batch: webgpuBatch,
      available: webgpuIsLikely,
    },
  ];
}
