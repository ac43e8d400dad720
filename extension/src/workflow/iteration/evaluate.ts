import { classQualities } from '../../core/evaluation/classQuality.ts';
import { decisionThreshold } from '../../core/evaluation/decisionThreshold.ts';
import { evaluate, type EvaluationImage, type EvaluationResult } from '../../core/evaluation/evaluate.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { requireRow, throwIfCancelled } from '../shared/errors.ts';
import { readGroundTruth, type GroundTruthImage } from '../dataset/groundTruth.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { providerMetrics } from '../models/scoringProvider.ts';
import { storedMetrics, type StoredMetrics } from '../models/storedMetrics.ts';
import { keptImages, validationDetections } from '../models/validationDetections.ts';

/**
 * Evaluates every version of the session that has no metrics on the current revision (all versions after the validation
 * labels changed, otherwise the newest), and marks the best one.
 * @returns the metrics of the newest version.
 */
export async function evaluateModels(
  ports: Ports,
  session: SessionRow,
  revisionId: number,
  options: RunOptions,
): Promise<StoredMetrics> {
  const revision = requireRow(await ports.store.datasets.revision(revisionId), 'validation revision', revisionId);
  const versions = await ports.store.models.list(session.id);
  const truth = await readGroundTruth(ports, session.datasetId, revision);
  let best: { id: number; metrics: StoredMetrics } | null = null;
  let newest: StoredMetrics | null = null;
  for (const version of versions) {
    throwIfCancelled(options.signal);
    // A version whose files were removed keeps its old metrics, unless its kept detections cover the new revision, and can
    // no longer be the best.
    const isGone = version !== versions.at(-1) && !(await ports.artifacts.exists(version.modelPath));
    if (isGone && (await keptImages(ports, session, version, truth)).size < truth.length) continue;
    const stored = storedMetrics(version, revisionId);
    // Scores need measurements that earlier releases did not make; the metrics of older versions stay as they are.
    const complete = version !== versions.at(-1) || isComplete(stored);
    const metrics =
      stored !== null && complete ? stored : await evaluateVersion(ports, session, version, revisionId, truth, options);
    if (isGone) continue;
    if (!best || (metrics.map5095 ?? -1) > (best.metrics.map5095 ?? -1)) best = { id: version.id, metrics };
    newest = metrics;
  }
  if (best) {
    await ports.store.models.setBest(best.id);
    await ports.store.sessions.update(session.id, {
      bestMap50: best.metrics.map50,
      bestMap5095: best.metrics.map5095,
    });
  }
  return requireRow(newest, 'model version of session', session.id);
}

async function evaluateVersion(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  revisionId: number,
  truth: readonly GroundTruthImage[],
  options: RunOptions,
): Promise<StoredMetrics> {
  reportProgress(
    options,
    'evaluate',
    `Evaluating version ${version.versionNumber} on ${truth.length} validation images`,
  );
  const { images, classCount } = await predictTruth(ports, session, version, truth, options);
  const result: EvaluationResult = evaluate(images, { classCount });
  const metrics = {
    revisionId,
    ...result,
    decisionThreshold: decisionThreshold(result.threshold, images.length),
    objectQualities: classQualities(images, classCount),
    ...providerMetrics(version),
  };
  await ports.store.models.updateMetrics(version.id, metrics);
  return metrics;
}

/** Whether the version has all measurements that scores need. */
function isComplete(stored: StoredMetrics | null): boolean {
  return typeof stored?.decisionThreshold === 'number' && Array.isArray(stored.objectQualities);
}

/** The predictions of the version on the validation images, with the ground truth. */
async function predictTruth(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  truth: readonly GroundTruthImage[],
  options: RunOptions,
): Promise<{ readonly images: readonly EvaluationImage[]; readonly classCount: number }> {
  const found = await validationDetections(ports, session, version, truth, options);
  // An unreadable image counts as one without detections, so that damage never improves the metrics.
  const images = truth.map((entry): EvaluationImage => ({
    imageId: entry.imageId,
    truth: entry.truth,
    detections: found.get(entry.imageId)?.detections ?? [],
  }));
  const dataset = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  return { images, classCount: dataset.classNames.length };
}
