import { createChoosingInference, type Candidate } from '../adapters/inference/provider/chooseInference.ts';
import { createInference } from '../adapters/inference/onnx/createInference.ts';
import { mayHaveWebgpu } from '../adapters/inference/provider/webgpuMachine.ts';
import { createPythonInference } from '../adapters/inference/torch/createPythonInference.ts';
import type { Inference } from '../workflow/ports/inference.ts';
import type { Trainer, TrainingEnvironment } from '../workflow/ports/trainer.ts';
import type { ProductPaths } from './productPaths.ts';

/** Images that go through the network together in torch; ONNX Runtime's workers take one each. */
const torchBatch = 16;
const webgpuBatch = 4;

/**
 * What works on a GPU has something to fall back on, so it is given up sooner: a driver that hangs or dies would do so at
 * every image.
 */
const timeouts = { startMs: 60_000, imageMs: 30_000 } as const;

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
          silenceMs: timeouts.startMs,
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

/** The ways to use a GPU, each with what it needs to be worth a trial. */
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
      // What it runs are weights: a fast model has none, and runs where it was made for.
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
