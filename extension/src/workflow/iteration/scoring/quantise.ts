import type { ModelInfo } from '../../../core/detection/types.ts';
import { TrainingError, trainingErrorFromReport } from '../../../core/session/errors.ts';
import { reportProgress, type Ports, type RunOptions } from '../../ports/ports.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import { eachImage, ImageLocator } from '../../dataset/images.ts';
import { poolFilter, poolSize } from '../../dataset/pool.ts';
import type { ModelFiles } from '../../ports/inference.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import type { QuantiseJob } from '../../ports/job.ts';
import type { RunResult } from '../../ports/trainer.ts';
import { runTrainerJob } from '../../models/runTrainerJob.ts';

const calibrationImages = 64;
/** Failed attempts after which a version gets no fast model; a stopped attempt does not count. */
const mostFailures = 2;

/**
 * The files of a fast copy. Leaves the weights out, because torch would run them in full precision. Keeps the size of the
 * full model, whose activations are as large.
 */
export function fastFiles(full: ModelFiles, onnxPath: string, info: ModelInfo = full.info): ModelFiles {
  return { onnxPath, info, ...(full.sizeMb === undefined ? {} : { sizeMb: full.sizeMb }) };
}

/**
 * Makes the trainer create an int8 copy, in a separate run folder.
 * @param careful keeps more layers in float: closer to the full model, but slower.
 * @throws TrainingError, WorkflowError `cancelled`.
 */
export async function quantise(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  full: ModelFiles,
  careful: boolean,
  options: RunOptions,
): Promise<ModelFiles> {
  // Named after its inputs, so that an interrupted run is found again.
  const content = await ports.artifacts.digest(full.onnxPath);
  const name = `fast-${version.id}-${session.imageSize}-${content.slice(0, 8)}${careful ? '-careful' : ''}`;
  let failures = 0;
  for (let attempt = 1; ; attempt++) {
    const runId = attempt === 1 ? name : `${name}-${attempt}`;
    const known = await ports.trainer.result(runId);
    if (known?.status === 'failed') failures++;
    // A finished run cannot be repeated: after a stop or one failure, a new run starts.
    if (known?.status === 'cancelled' || (known?.status === 'failed' && failures < mostFailures)) continue;
    const result = known ?? (await runQuantisation(ports, session, full, { runId, careful }, options));
    throwIfCancelled(options.signal);
    if (result === null) continue;
    const { error, onnxPath, modelInfo } = result;
    if (error !== undefined) throw trainingErrorFromReport(error);
    if (onnxPath === undefined) throw trainingErrorFromReport(noModel);
    return fastFiles(full, onnxPath, modelInfo);
  }
}

const noModel = {
  name: 'TrainingError',
  code: 'unexpected',
  message: 'The quantisation ended without a model.',
  hint: 'trainer.log in the run folder holds what it printed.',
};

/** @returns null if a run of this name started with a different request, such as a smaller pool, and died. */
async function runQuantisation(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  session: SessionRow,
  full: ModelFiles,
  { runId, careful }: { readonly runId: string; readonly careful: boolean },
  options: RunOptions,
): Promise<RunResult | null> {
  reportProgress(
    options,
    'score',
    `Making an int8 copy of the model${careful ? ' that keeps more of it in float' : ''}`,
  );
  const job: QuantiseJob = {
    kind: 'quantise',
    runId,
    model: full.onnxPath,
    imageSize: session.imageSize,
    threads: ports.system.threads,
    calibrationImages: await calibrationPaths(ports, session),
    careful,
  };
  try {
    return await runTrainerJob(ports, job, options.signal);
  } catch (error) {
    if (error instanceof TrainingError && error.code === 'run-conflict') return null;
    throw error;
  }
}

/** Images spread evenly over the pool, the same ones for the same pool. */
async function calibrationPaths(ports: Pick<Ports, 'store'>, session: SessionRow): Promise<string[]> {
  const locator = await ImageLocator.of(ports, session.datasetId);
  const total = await poolSize(ports, session.datasetId);
  const step = Math.max(1, Math.ceil(total / calibrationImages));
  const paths: string[] = [];
  let index = 0;
  for await (const image of eachImage(ports, poolFilter(session.datasetId))) {
    if (index++ % step === 0) paths.push(locator.path(image));
  }
  return paths;
}
