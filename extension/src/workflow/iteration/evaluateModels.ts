import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import { toPixelBox } from '../../core/detection/labelBoxes.ts';
import { classQualities } from '../../core/evaluation/classQuality.ts';
import { decisionThreshold } from '../../core/evaluation/decisionThreshold.ts';
import { evaluate, type EvaluationImage, type EvaluationResult } from '../../core/evaluation/evaluate.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { requireRow, throwIfCancelled } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import { loadModel } from '../models/modelFiles.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { ValidationRevision } from '../ports/store/datasets.ts';
import { readLabel } from '../dataset/readLabel.ts';
import { keptProvider } from '../models/scoringProvider.ts';
import { scoringWorkers } from '../models/scoringWorkers.ts';

/** COCO protocol as DESIGN §4.5 fixes it: every box from 0.001 on, at most 300 an image. */
const evaluationOptions = {
  minConfidence: 0.001,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: null,
  embedding: false,
};

/** What a model version is worth on one validation revision, as stored in `performance_metrics`. */
export interface StoredMetrics extends Record<string, unknown> {
  readonly revisionId: number;
  readonly map50: number | null;
  readonly map5095: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** Confidence from which on this version's boxes are taken for objects: best F1, shrunk towards 0.25. */
  readonly decisionThreshold: number;
  /** How well each class is detected over all its objects, by class id, 0…1; `null` where it has none. */
  readonly objectQualities: readonly (number | null)[];
}

/**
 * Evaluates every version of the session that has no numbers on the current revision (all of them after the
 * validation labels changed, otherwise the newest), and marks the best one.
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
  const truth = await readTruth(ports, session, revision);
  let best: { id: number; metrics: StoredMetrics } | null = null;
  let newest: StoredMetrics | null = null;
  for (const version of versions) {
    throwIfCancelled(options.signal);
    // An older model whose files were removed keeps its numbers of then; it can no longer be the best.
    if (version !== versions.at(-1) && !(await ports.artifacts.exists(version.modelPath))) continue;
    const stored = storedMetrics(version, revisionId);
    // Scores need what was not measured in former times; the numbers of older versions stand as they are.
    const complete = version !== versions.at(-1) || tellsAll(stored);
    const metrics =
      stored !== null && complete ? stored : await measure(ports, session, version, revisionId, truth, options);
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

async function measure(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  revisionId: number,
  truth: readonly TruthImage[],
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
    ...keptProvider(version),
  };
  await ports.store.models.updateMetrics(version.id, metrics);
  return metrics;
}

/** Whether nothing is missing that scores are computed with. */
function tellsAll(stored: StoredMetrics | null): boolean {
  return typeof stored?.decisionThreshold === 'number' && Array.isArray(stored.objectQualities);
}

/** The metrics of a version on that revision, or null when it has none yet. */
export function storedMetrics(version: ModelVersionRow, revisionId: number): StoredMetrics | null {
  const metrics = version.performanceMetrics;
  return metrics['revisionId'] === revisionId && typeof metrics['map5095'] === 'number'
    ? (metrics as StoredMetrics)
    : null;
}

/** A validation image with its labels. */
export interface TruthImage {
  readonly image: ImageRow;
  readonly path: string;
  readonly truth: EvaluationImage['truth'];
}

/** The images of a revision with their labels; those whose size is unknown or whose label cannot be read are left out. */
export async function readTruth(
  ports: Ports,
  session: SessionRow,
  revision: ValidationRevision,
): Promise<TruthImage[]> {
  const locator = await ImageLocator.of(ports, session.datasetId);
  const { classNames } = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  const images = await ports.store.images.find({
    datasetId: session.datasetId,
    ids: revision.members.map((member) => member.imageId),
  });
  const result: TruthImage[] = [];
  for (const image of images) {
    const { width, height } = image;
    if (width === null || height === null) continue;
    const { label, problem } = await readLabel(ports.labels, locator.locate(image));
    if (problem) continue;
    const boxes = boxesOf(parseLabelFile(label?.text ?? '', { classCount: classNames.length }));
    result.push({
      image,
      path: locator.path(image),
      truth: boxes.map((box) => ({ classId: box.classId, box: toPixelBox(box, width, height) })),
    });
  }
  return result;
}

/** What the version finds in the validation images, beside what is there. */
async function predictTruth(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  truth: readonly TruthImage[],
  options: RunOptions,
): Promise<{ readonly images: readonly EvaluationImage[]; readonly classCount: number }> {
  const model = await loadModel(ports, version);
  const byId = new Map(truth.map((entry) => [entry.image.id, entry]));
  const images: EvaluationImage[] = [];
  const wanted = truth.map(({ image, path }) => ({ imageId: image.id, absolutePath: path }));
  const { imageSize } = session;
  const inferenceOptions = { ...evaluationOptions, imageSize, workers: scoringWorkers(ports, model, imageSize) };
  for await (const result of ports.inference.predict(model, wanted, inferenceOptions, options.signal)) {
    const entry = byId.get(result.imageId);
    if (!entry) continue;
    // An image that cannot be read any more counts as one where nothing was found: numbers never get better by damage.
    images.push({ imageId: result.imageId, truth: entry.truth, detections: result.ok ? result.detections : [] });
  }
  images.sort((a, b) => a.imageId - b.imageId);
  const dataset = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  return { images, classCount: dataset.classNames.length };
}
