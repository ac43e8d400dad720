import type { MetricOptions } from '../../../core/uncertainty/metric.ts';
import { toErrorReport } from '../../../core/errors.ts';
import { tell, type Engine, type Task } from '../../ports/ports.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import { loadModel } from '../../models/modelFiles.ts';
import type { ModelFiles } from '../../ports/inference.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import type { ValidationRevision } from '../../ports/store/datasets.ts';
import { readTruth } from '../evaluateModels.ts';
import { isTooRough, judgeFastModel, measureFastModel, type FastVerdict } from './fastModel.ts';
import { fastFiles, quantise } from './quantise.ts';

/** What is stored of a version's fast model, in its `performance_metrics`. */
export interface StoredFastModel extends FastVerdict {
  readonly revisionId: number;
  readonly imageSize: number;
  readonly modelPath: string;
}

interface FastModel {
  readonly files: ModelFiles;
  readonly verdict: FastVerdict;
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
    const { files: fast, verdict } =
      known ?? (await makeFastModel(engine, session, version, revision, full, metrics, task));
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

/** Makes the int8 copy and judges it; one that ranks too differently is followed by one that keeps more in float. */
async function makeFastModel(
  engine: Engine,
  session: SessionRow,
  version: ModelVersionRow,
  revision: ValidationRevision,
  full: ModelFiles,
  metrics: MetricOptions,
  task: Task,
): Promise<FastModel> {
  const { imageSize } = session;
  const truth = await readTruth(engine, session, revision);
  const images = truth.map(({ image, path, truth: boxes }) => ({ imageId: image.id, path, truth: boxes }));
  const made = async (careful: boolean): Promise<FastModel> => {
    const files = await quantise(engine, session, version, full, careful, task);
    tell(task, 'score', 'Measuring the fast model on the validation images');
    const measured = await measureFastModel(engine, { full, fast: files }, images, { imageSize, metrics }, task);
    return { files, verdict: judgeFastModel(measured) };
  };
  let fast = await made(false);
  if (isTooRough(fast.verdict)) {
    tell(task, 'score', `The int8 copy is too rough: ${fast.verdict.reason}`);
    fast = await made(true).catch((error: unknown) => {
      throwIfCancelled(task.signal);
      // The first verdict stands, and is stored: nothing of it need be measured again.
      tell(task, 'score', `One that keeps more in float failed: ${toErrorReport(error).message}`);
      return fast;
    });
  }
  const { files, verdict } = fast;
  const fastScoring: StoredFastModel = { ...verdict, revisionId: revision.id, imageSize, modelPath: files.onnxPath };
  const performanceMetrics = (await engine.store.models.get(version.id))?.performanceMetrics ?? {};
  await engine.store.models.updateMetrics(version.id, { ...performanceMetrics, fastScoring });
  return fast;
}

/** What was measured before, on the same validation revision and at the same size. */
async function storedFastModel(
  engine: Engine,
  version: ModelVersionRow,
  revisionId: number,
  imageSize: number,
): Promise<FastModel | null> {
  const stored = version.performanceMetrics['fastScoring'] as StoredFastModel | undefined;
  if (stored?.revisionId !== revisionId || stored.imageSize !== imageSize) return null;
  if (!(await engine.artifacts.exists(stored.modelPath))) return null;
  const files = await loadModel(engine, { ...version, modelPath: stored.modelPath });
  return { verdict: stored, files: fastFiles(files, files.onnxPath) };
}
