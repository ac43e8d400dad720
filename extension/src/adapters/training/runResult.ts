import { dirname, isAbsolute } from 'node:path';
import { z } from 'zod';
import type { ModelInfo } from '../../core/detection/types.ts';
import { schemaIssue } from '../../core/text/schemaIssue.ts';
import { TrainingError } from '../../core/session/errors.ts';
import type { RunResult } from '../../workflow/ports/trainer.ts';
import { errorReport } from './events.ts';
import type { FileOps } from '../python/fileOps.ts';
import { fileInRun, readRunText } from '../python/runFiles.ts';

const resultFile = z.object({
  schema: z.literal(1),
  status: z.enum(['finished', 'cancelled', 'failed']),
  weights: z.string().nullish(),
  model: z.string().nullish(),
  modelInfo: z.string().nullish(),
  exportedFrom: z.string().nullish(),
  epochsCompleted: z.number().int().min(0).default(0),
  trainingSeconds: z.number().min(0).default(0),
  finalLoss: z.number().nullish(),
  optimizer: z.record(z.string(), z.unknown()).nullish(),
  dataset: z
    .object({
      trainImages: z.number().int().min(0).nullable(),
      trainBoxes: z.number().int().min(0).nullable(),
      leftOut: z.array(z.object({ image: z.number().int(), split: z.enum(['train', 'val']), reason: z.string() })),
    })
    .nullish(),
  packages: z.record(z.string(), z.string()).default({}),
  device: z.string().nullish(),
  error: errorReport.nullish(),
});

const modelInfoFile = z.object({
  schema: z.literal(1),
  head: z.enum(['dense', 'end2end', 'rtdetr']),
  names: z.array(z.string()),
  stride: z.number().positive(),
  imageSize: z.number().int().positive(),
  dynamic: z.boolean(),
  input: z.object({ name: z.string() }),
  outputs: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['detections', 'embedding', 'dfl', 'feature']),
      dimensions: z.number().int().positive().optional(),
    }),
  ),
});

/**
 * Reads `result.json`; `null` until the run has ended. The error of a failure is named `TrainingError` and keeps the
 * trainer's code and hint.
 * @throws TrainingError `result-invalid` if it, or a file that it names, is missing or malformed.
 */
export async function readResult(files: FileOps, path: string): Promise<RunResult | null> {
  const text = await readRunText(files, path);
  if (text === null) return null;
  const raw = parse(resultFile, text, path);
  const within = async (named: string): Promise<string> => {
    const found = isAbsolute(named) ? null : await fileInRun(files, dirname(path), named);
    if (found === null) throw invalid(path, `names ${named}, which is not a file of this run`);
    return found;
  };
  const modelInfo = raw.modelInfo ? await readModelInfo(files, await within(raw.modelInfo)) : undefined;
  const result: RunResult = {
    status: raw.status,
    epochsCompleted: raw.epochsCompleted,
    trainingSeconds: raw.trainingSeconds,
    packages: raw.packages,
    device: raw.device ?? 'unknown',
    ...(raw.weights ? { weightsPath: await within(raw.weights) } : {}),
    ...(raw.exportedFrom ? { exportedFrom: raw.exportedFrom } : {}),
    ...(raw.model ? { onnxPath: await within(raw.model) } : {}),
    ...(modelInfo === undefined ? {} : { modelInfo }),
    ...(typeof raw.finalLoss === 'number' ? { finalLoss: raw.finalLoss } : {}),
    ...(raw.dataset ? { dataset: raw.dataset } : {}),
    ...(raw.optimizer ? { optimizer: raw.optimizer } : {}),
    ...(raw.error ? { error: { ...raw.error, name: 'TrainingError' } } : {}),
  };
  if (raw.status === 'failed' && !raw.error) throw invalid(path, 'reports a failure without an error');
  if (raw.status === 'finished' && (result.onnxPath === undefined || result.modelInfo === undefined)) {
    throw invalid(path, 'names no exported model');
  }
  return result;
}

async function readModelInfo(files: FileOps, path: string): Promise<ModelInfo> {
  const text = await readRunText(files, path);
  if (text === null) throw invalid(path, 'is missing');
  const { outputs, ...info } = parse(modelInfoFile, text, path);
  return {
    ...info,
    outputs: outputs.map(({ dimensions, ...output }) => ({
      ...output,
      ...(dimensions === undefined ? {} : { dimensions }),
    })),
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string, path: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    throw invalid(
      path,
      issue
        ? `is damaged${issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`}: it ${schemaIssue(issue.message)}`
        : 'is not JSON',
      error,
    );
  }
}

function invalid(path: string, what: string, cause?: unknown): TrainingError {
  return new TrainingError(
    'result-invalid',
    `${path} ${what}.`,
    'Train this iteration again; update the trainer if its version differs from that of the extension.',
    { where: path, ...(cause === undefined ? {} : { cause }) },
  );
}
