import { extname, join, resolve } from 'node:path';
import { createTrainer } from '../../adapters/training/trainer.ts';
import { describeModel } from '../../adapters/inference/torch/describeModel.ts';
import { trainingErrorFromReport } from '../../core/session/errors.ts';
import type { ModelFiles } from '../../workflow/ports/inference.ts';
import { UsageError } from '../../workflow/operations/operation.ts';

export interface ModelSource {
  /** An ONNX file, weights (`.pt`) or an architecture (`.yaml`). */
  readonly path: string;
  /** The interpreter that has the trainer's packages. */
  readonly python: string;
  readonly trainerFolder: string;
  /** The folder for an export. */
  readonly workFolder: string;
  /** Side of the input, pixels, for an export. */
  readonly imageSize: number;
  readonly threads: number;
}

/**
 * A model as the workers take it: an ONNX file is described, anything else is exported first, as the trainer always
 * exports (symbolic sizes, full class scores, embedding).
 * @throws UsageError, DetectionError, TrainingError.
 */
export async function modelFromPath(source: ModelSource): Promise<ModelFiles> {
  const path = resolve(source.path);
  const suffix = extname(path).toLowerCase();
  if (suffix === '.onnx') {
    return { onnxPath: path, info: await describeModel(path, source.python, source.trainerFolder) };
  }
  if (!['.pt', '.yaml', '.yml'].includes(suffix)) {
    throw new UsageError(`${path} is not a model.`, 'Give an .onnx file, .pt weights or a .yaml architecture.');
  }
  return exportWeights(source, path);
}

async function exportWeights(source: ModelSource, path: string): Promise<ModelFiles> {
  const trainer = createTrainer({
    runsFolder: join(source.workFolder, 'runs'),
    python: source.python,
    trainerFolder: source.trainerFolder,
  });
  const runId = 'export';
  await trainer.prepare({
    kind: 'export',
    runId,
    weights: path,
    allowDownload: false,
    imageSize: source.imageSize,
    threads: source.threads,
  });
  await trainer.start(runId);
  const result = await trainer.follow(runId, { afterSequence: 0, onEvent: () => undefined });
  const { onnxPath, modelInfo } = result;
  if (result.error !== undefined) throw trainingErrorFromReport(result.error);
  if (onnxPath === undefined || modelInfo === undefined) throw new UsageError(`${path} could not be exported.`);
  return { onnxPath, info: modelInfo, ...(path.endsWith('.pt') ? { weightsPath: path } : {}) };
}
