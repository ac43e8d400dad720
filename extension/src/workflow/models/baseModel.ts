import type { ModelInfo } from '../../core/detection/types.ts';
import { AppError } from '../../core/errors.ts';
import { TrainingError, trainingErrorFromReport } from '../../core/session/errors.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { WorkflowError, throwIfCancelled } from '../shared/errors.ts';
import type { ModelFiles } from '../ports/inference.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { ExportJob } from '../ports/job.ts';
import type { RunResult } from '../ports/trainer.ts';
import { runTrainerJob } from './runTrainerJob.ts';

/** Base weights that exist as such; a bare architecture has none. */
export function isBareArchitecture(baseModel: string): boolean {
  return /\.ya?ml$/i.test(baseModel);
}

/** What the base weights are, in a few letters: their content, or their name where they are not a file of this machine. */
export async function baseIdentity(ports: Pick<Ports, 'artifacts' | 'system'>, session: SessionRow): Promise<string> {
  const { baseModel } = session;
  const content = (await ports.artifacts.exists(baseModel)) ? await ports.artifacts.digest(baseModel) : baseModel;
  return ports.system.digest(content).slice(0, 16);
}

/** Of no session's own settings: two sessions with one base may wait for the same export. */
const exportSize = 640;

/** After a failed export, the next call tries again in a new folder, up to this number of times. */
const mostAttempts = 5;

/**
 * The base weights as ONNX with their embedding output, exported by the trainer at the first call: `runs/base-<identity>-<n>`.
 * @throws TrainingError when the trainer cannot export them; WorkflowError `cancelled`.
 */
export async function exportedBase(ports: Ports, session: SessionRow, options: RunOptions): Promise<ModelFiles> {
  const identity = await baseIdentity(ports, session);
  let last: AppError | null = null;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    throwIfCancelled(options.signal);
    const runId = `base-${identity}-${attempt}`;
    const { result, fresh } = await resultOf(ports, session, runId, options);
    if (result === null) continue;
    if (result.status === 'cancelled') {
      if (fresh) throw new WorkflowError('cancelled', 'Stopped on request.', 'Run the same step again.');
      continue;
    }
    if (result.status === 'finished' && result.onnxPath !== undefined && result.modelInfo !== undefined) {
      const weights = result.exportedFrom ?? session.baseModel;
      // A name stands for a file in the user's own folder of weights, where the trainer found it.
      if (fresh && result.exportedFrom !== undefined && (await ports.artifacts.exists(weights))) {
        await ports.knownFiles.remember(weights, 'user');
      }
      return filesOf(ports, weights, result.onnxPath, result.modelInfo);
    }
    last = trainingErrorFromReport(
      result.error ?? {
        name: 'TrainingError',
        code: 'unexpected',
        message: 'The export failed.',
        hint: 'See its log.',
      },
    );
    if (fresh) throw last;
  }
  throw (
    last ?? new WorkflowError('no-model', 'The base weights could not be exported.', 'Check the Python environment.')
  );
}

/** With the weights that were exported, where they are still a file of this machine: torch on a GPU runs these. */
async function filesOf(ports: Ports, weights: string, onnxPath: string, info: ModelInfo): Promise<ModelFiles> {
  const { artifacts } = ports;
  return {
    onnxPath,
    info,
    sizeMb: (await artifacts.sizeBytes(onnxPath)) / 1024 ** 2,
    ...((await mayLoad(ports, weights)) ? { weightsPath: weights } : {}),
  };
}

/** Weights that need to run code are loaded by the export alone: the exported model does without. */
async function mayLoad({ artifacts, knownFiles }: Ports, weights: string): Promise<boolean> {
  if (!(await artifacts.exists(weights)) || !(await knownFiles.isKnown(weights))) return false;
  return !(await knownFiles.isKnown(weights, 'code'));
}

interface Outcome {
  readonly result: RunResult | null;
  /** Whether this call made it. */
  readonly fresh: boolean;
}

async function resultOf(
  ports: Pick<Ports, 'system' | 'trainer'>,
  session: SessionRow,
  runId: string,
  options: RunOptions,
): Promise<Outcome> {
  try {
    const earlier = await ports.trainer.result(runId);
    if (earlier !== null) return { result: earlier, fresh: false };
  } catch (error) {
    // Somebody removed a part of it: the next attempt makes it again.
    if (error instanceof AppError && error.code === 'result-invalid') return { result: null, fresh: false };
    throw error;
  }
  reportProgress(options, 'embed', 'Exporting the base weights, once');
  const job: ExportJob = {
    kind: 'export',
    runId,
    weights: session.baseModel,
    allowDownload: options.allowDownload === true,
    imageSize: exportSize,
    threads: ports.system.threads,
  };
  try {
    return { result: await runTrainerJob(ports, job, options.signal), fresh: true };
  } catch (error) {
    // An export with this id was interrupted that had other settings, such as one of an older version.
    if (error instanceof TrainingError && error.code === 'run-conflict') return { result: null, fresh: false };
    throw error;
  }
}
