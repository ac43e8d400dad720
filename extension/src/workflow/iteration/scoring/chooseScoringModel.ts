import { toErrorReport } from '../../../core/errors.ts';
import { reportProgress, type Ports, type RunOptions } from '../../ports/ports.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import { loadModel } from '../../models/modelFiles.ts';
import type { ModelFiles } from '../../ports/inference.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import type { ValidationRevision } from '../../ports/store/datasets.ts';
import { readGroundTruth } from '../../dataset/groundTruth.ts';
import { scoreOptionsOf } from './scoringPlan.ts';
import { failsOnAccuracy, judgeFastModel, measureFastModel, type FastVerdict } from './fastModel.ts';
import { fastFiles, quantise } from './quantise.ts';

/** The record of a version's fast model in its `performance_metrics`. */
export interface StoredFastModel extends FastVerdict {
  readonly revisionId: number;
  readonly imageSize: number;
  readonly modelPath: string;
}

interface FastModel {
  readonly files: ModelFiles;
  readonly verdict: FastVerdict;
}

/** The model that scores a pool. */
export interface ScoringModel {
  readonly model: ModelFiles;
  /** The version's own model if `model` is its int8 copy, otherwise null. */
  readonly fallback: ModelFiles | null;
}

/**
 * Chooses the model that scores the pool: the version's own, or its int8 copy if the session asks for fast scoring. The
 * copy is made and measured on the validation images once. It is used only if it ranks like the full model and is faster;
 * the measurement is reported and stored either way. Any failure of it chooses the full model.
 */
export async function chooseScoringModel(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  options: RunOptions,
): Promise<ScoringModel> {
  const full = await loadModel(ports, version);
  const ownModel: ScoringModel = { model: full, fallback: null };
  if (!session.fastScoring) return ownModel;
  try {
    const revision = await ports.store.datasets.latestRevision(session.datasetId);
    if (revision === null) {
      reportProgress(options, 'score', 'Fast scoring is not used: there are no validation images to judge it on.');
      return ownModel;
    }
    const known = await storedFastModel(ports, version, revision.id, session.imageSize);
    const { files, verdict } = known ?? (await makeFastModel(ports, session, version, revision, full, options));
    reportProgress(options, 'score', `Fast scoring is ${verdict.used ? 'used' : 'not used'}: ${verdict.reason}.`);
    return verdict.used ? { model: files, fallback: full } : ownModel;
  } catch (error) {
    throwIfCancelled(options.signal);
    reportProgress(options, 'score', `Fast scoring is not used: ${toErrorReport(error).message}`);
    return ownModel;
  }
}

/** Stores that the version's fast model failed while it scored, so that its measurement does not choose it again. */
export async function rejectFastModel(ports: Pick<Ports, 'store'>, versionId: number, reason: string): Promise<void> {
  const performanceMetrics = (await ports.store.models.get(versionId))?.performanceMetrics ?? {};
  const stored = performanceMetrics['fastScoring'] as StoredFastModel | undefined;
  if (stored === undefined) return;
  const fastScoring: StoredFastModel = { ...stored, used: false, reason };
  await ports.store.models.updateMetrics(versionId, { ...performanceMetrics, fastScoring });
}

/** Makes the int8 copy and judges it. If its ranks differ too much, tries one that keeps more layers in float. */
async function makeFastModel(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  revision: ValidationRevision,
  full: ModelFiles,
  options: RunOptions,
): Promise<FastModel> {
  const { imageSize } = session;
  const metrics = scoreOptionsOf(session, version);
  const images = await readGroundTruth(ports, session.datasetId, revision);
  const makeCopy = async (careful: boolean): Promise<FastModel> => {
    const files = await quantise(ports, session, version, full, careful, options);
    reportProgress(options, 'score', 'Measuring the fast model on the validation images');
    const measured = await measureFastModel(ports, { full, fast: files }, images, { imageSize, metrics }, options);
    return { files, verdict: judgeFastModel(measured) };
  };
  let fast = await makeCopy(false);
  if (failsOnAccuracy(fast.verdict)) {
    reportProgress(options, 'score', `The int8 copy is too rough: ${fast.verdict.reason}`);
    fast = await makeCopy(true).catch((error: unknown) => {
      throwIfCancelled(options.signal);
      // The first verdict is final and stored, so nothing is measured again.
      reportProgress(options, 'score', `One that keeps more in float failed: ${toErrorReport(error).message}`);
      return fast;
    });
  }
  const { files, verdict } = fast;
  const fastScoring: StoredFastModel = { ...verdict, revisionId: revision.id, imageSize, modelPath: files.onnxPath };
  const performanceMetrics = (await ports.store.models.get(version.id))?.performanceMetrics ?? {};
  await ports.store.models.updateMetrics(version.id, { ...performanceMetrics, fastScoring });
  return fast;
}

/** The earlier measurement on the same validation revision and at the same size. */
async function storedFastModel(
  ports: Pick<Ports, 'artifacts' | 'knownFiles'>,
  version: ModelVersionRow,
  revisionId: number,
  imageSize: number,
): Promise<FastModel | null> {
  const stored = version.performanceMetrics['fastScoring'] as StoredFastModel | undefined;
  if (stored?.revisionId !== revisionId || stored.imageSize !== imageSize) return null;
  if (!(await ports.artifacts.exists(stored.modelPath))) return null;
  const files = await loadModel(ports, { ...version, modelPath: stored.modelPath });
  return { verdict: stored, files: fastFiles(files, files.onnxPath) };
}
