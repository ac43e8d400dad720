import type { ModelInfo } from '../../core/detection/types.ts';
import type { MetricOptions } from '../../core/uncertainty/metric.ts';
import { toErrorReport } from '../../core/errors.ts';
import { trainingErrorFromReport } from '../../core/session/errors.ts';
import { planWithoutTraining } from '../../core/session/trainingPlan.ts';
import { tell, type Engine, type Task } from '../engine.ts';
import { throwIfCancelled } from '../errors.ts';
import { eachImage, ImageLocator } from '../images.ts';
import { loadModel } from '../modelFiles.ts';
import type { ModelFiles } from '../ports/inference.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { ValidationRevision } from '../ports/store/datasets.ts';
import type { RunResult } from '../ports/trainer.ts';
import { readTruth } from './evaluateModels.ts';
import { judgeFastModel, measureFastModel, type FastVerdict } from './fastModel.ts';
import { poolFilter } from './poolTriage.ts';

const calibrationImages = 64;
/** So many failed tries at a fast model are enough for one version; a stopped one is none. */
const mostFailures = 2;

/** What is stored of a version's fast model, in its `performance_metrics`. */
export interface StoredFastModel extends FastVerdict {
  readonly revisionId: number;
  readonly imageSize: number;
  readonly modelPath: string;
}

/**
 * The model that scores the pool: the version's own, or, with the setting fast scoring, its int8 copy. The copy is made
 * and measured on the validation images once, and used only where it ranks as the full model does and is faster; what
 * was measured is told and stored either way. Whatever goes wrong with it, the full model scores.
 */
export async function scoringModel(
  engine: Engine,
  session: SessionRow,
  version: ModelVersionRow,
  metrics: MetricOptions,
  task: Task,
): Promise<ModelFiles> {
  const full = await loadModel(engine, version);
  if (!session.fastScoring) return full;
  try {
    const revision = await engine.store.datasets.latestRevision(session.datasetId);
    if (revision === null) {
      tell(task, 'score', 'Fast scoring is not used: there are no validation images to judge it on.');
      return full;
    }
    const known = await storedFastModel(engine, version, revision.id, session.imageSize);
    const fast = known?.files ?? (await quantise(engine, session, version, full, task));
    const verdict = known?.verdict ?? (await judge(engine, session, version, revision, { full, fast }, metrics, task));
    tell(task, 'score', `Fast scoring is ${verdict.used ? 'used' : 'not used'}: ${verdict.reason}.`);
    return verdict.used ? fast : full;
  } catch (error) {
    throwIfCancelled(task.signal);
    tell(task, 'score', `Fast scoring is not used: ${toErrorReport(error).message}`);
    return full;
  }
}

/** Whether these are the files of the version itself, and not of a fast model that stands in for it. */
export function isOwnModel(model: ModelFiles, version: ModelVersionRow): boolean {
  return model.onnxPath === version.modelPath;
}

/** Stores that the version's fast model failed at its work, so that it is not taken again for what was measured of it. */
export async function refuseFastModel(engine: Engine, versionId: number, reason: string): Promise<void> {
  const performanceMetrics = (await engine.store.models.get(versionId))?.performanceMetrics ?? {};
  const stored = performanceMetrics['fastScoring'] as StoredFastModel | undefined;
  if (stored === undefined) return;
  const fastScoring: StoredFastModel = { ...stored, used: false, reason };
  await engine.store.models.updateMetrics(versionId, { ...performanceMetrics, fastScoring });
}

async function judge(
  engine: Engine,
  session: SessionRow,
  version: ModelVersionRow,
  revision: ValidationRevision,
  models: { readonly full: ModelFiles; readonly fast: ModelFiles },
  metrics: MetricOptions,
  task: Task,
): Promise<FastVerdict> {
  tell(task, 'score', 'Measuring the fast model on the validation images');
  const truth = await readTruth(engine, session, revision);
  const images = truth.map(({ image, path, truth: boxes }) => ({ imageId: image.id, path, truth: boxes }));
  const { imageSize } = session;
  const verdict = judgeFastModel(await measureFastModel(engine, models, images, { imageSize, metrics }, task));
  const fastScoring: StoredFastModel = {
    ...verdict,
    revisionId: revision.id,
    imageSize,
    modelPath: models.fast.onnxPath,
  };
  const performanceMetrics = (await engine.store.models.get(version.id))?.performanceMetrics ?? {};
  await engine.store.models.updateMetrics(version.id, { ...performanceMetrics, fastScoring });
  return verdict;
}

/** What was measured before, on the same validation revision and at the same size. */
async function storedFastModel(
  engine: Engine,
  version: ModelVersionRow,
  revisionId: number,
  imageSize: number,
): Promise<{ readonly verdict: FastVerdict; readonly files: ModelFiles } | null> {
  const stored = version.performanceMetrics['fastScoring'] as StoredFastModel | undefined;
  if (stored?.revisionId !== revisionId || stored.imageSize !== imageSize) return null;
  if (!(await engine.artifacts.exists(stored.modelPath))) return null;
  const files = await loadModel(engine, { ...version, modelPath: stored.modelPath });
  return { verdict: stored, files: fastFiles(files, files.onnxPath) };
}

/** Not the weights: they would be run in their own precision. The layers between are as large as those of the full one. */
function fastFiles(full: ModelFiles, onnxPath: string, info: ModelInfo = full.info): ModelFiles {
  return { onnxPath, info, ...(full.sizeMb === undefined ? {} : { sizeMb: full.sizeMb }) };
}

/** Has the trainer make the int8 copy, in a run folder of its own. @throws TrainingError, WorkflowError `cancelled`. */
async function quantise(
  engine: Engine,
  session: SessionRow,
  version: ModelVersionRow,
  full: ModelFiles,
  task: Task,
): Promise<ModelFiles> {
  // Named after what it is made from, so that a run that was stopped in between is found again.
  const content = await engine.artifacts.digest(full.onnxPath);
  const name = `fast-${version.id}-${session.imageSize}-${content.slice(0, 8)}`;
  let failures = 0;
  for (let attempt = 1; ; attempt++) {
    const runId = attempt === 1 ? name : `${name}-${attempt}`;
    const known = await engine.trainer.result(runId);
    if (known?.status === 'failed') failures++;
    // A run that is over cannot be run again: after one that was stopped, or that failed once, a new one is begun.
    if (known?.status === 'cancelled' || (known?.status === 'failed' && failures < mostFailures)) continue;
    const { error, onnxPath, modelInfo } = known ?? (await runQuantisation(engine, session, full, runId, task));
    throwIfCancelled(task.signal);
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

async function runQuantisation(
  engine: Engine,
  session: SessionRow,
  full: ModelFiles,
  runId: string,
  task: Task,
): Promise<RunResult> {
  tell(task, 'score', 'Making an int8 copy of the model');
  await engine.trainer.prepare({
    runId,
    job: 'quantise',
    classNames: [],
    images: [],
    plan: planWithoutTraining({ imageSize: session.imageSize, threads: engine.system.threads }),
    weights: full.onnxPath,
    calibration: await calibrationPaths(engine, session),
    allowDownload: false,
    seed: 0,
    device: 'cpu',
  });
  await engine.trainer.start(runId);
  const cancel = (): void => void engine.trainer.cancel(runId);
  task.signal?.addEventListener('abort', cancel, { once: true });
  try {
    if (task.signal?.aborted) cancel();
    return await engine.trainer.follow(runId, { afterSequence: 0, onEvent: () => undefined });
  } finally {
    task.signal?.removeEventListener('abort', cancel);
  }
}

/** Images spread evenly over the pool, the same ones for the same pool. */
async function calibrationPaths(engine: Engine, session: SessionRow): Promise<string[]> {
  const locator = await ImageLocator.of(engine, session.datasetId);
  const total = await engine.store.images.count(poolFilter(session));
  const step = Math.max(1, Math.ceil(total / calibrationImages));
  const paths: string[] = [];
  let index = 0;
  for await (const image of eachImage(engine, poolFilter(session))) {
    if (index++ % step === 0) paths.push(locator.path(image));
  }
  return paths;
}
