import type { Head } from '../../../core/detection/types.ts';
import { classDifficulties } from '../../../core/uncertainty/classDifficulty.ts';
import { DEFAULT_THRESHOLD } from '../../../core/uncertainty/decisionScore.ts';
import type { ImageEvidence, ScoreOptions } from '../../../core/uncertainty/uncertaintyScore.ts';
import { explain } from '../../../core/uncertainty/reasons.ts';
import { builtInScores } from '../../../core/uncertainty/registry.ts';
import { scoreImage } from '../../../core/uncertainty/scoreImage.ts';
import type { Ports } from '../../ports/ports.ts';
import type { InferenceOptions, ModelFiles } from '../../ports/inference.ts';
import type { PluginScore } from '../../ports/scorePlugins.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { PredictionRow } from '../../ports/store/predictions.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { scoringWorkers } from '../../models/scoringWorkers.ts';

/**
 * Detections for scoring: candidates from 0.05, with class-score vectors (docs/architecture.md, Scores and selection).
 */
const scoringOptions = { minConfidence: 0.05, iouThreshold: 0.7, maxDetections: 300, classScoresAbove: 0.05 };

/** Increase it when a formula changes, so that stored scores are computed again. */
const formulas = 2;

/** How a session runs its model over the pool. */
export function inferenceOptionsOf(
  ports: Pick<Ports, 'system'>,
  session: SessionRow,
  model: ModelFiles,
): InferenceOptions {
  return {
    ...scoringOptions,
    imageSize: session.imageSize,
    flip: session.flip,
    localisation: session.localisation && model.info.outputs.some(({ role }) => role === 'dfl'),
    embedding: false,
    workers: scoringWorkers(ports, model, session.imageSize),
  };
}

/**
 * Everything that changes the scores of a session: its settings, and measurements of the version on the validation set.
 */
export function scoreOptionsOf(session: SessionRow, version: ModelVersionRow): ScoreOptions {
  const { decisionThreshold, objectQualities } = version.performanceMetrics;
  return {
    aggregation: session.aggregation,
    weights: session.uncertaintyWeights,
    threshold: typeof decisionThreshold === 'number' ? decisionThreshold : DEFAULT_THRESHOLD,
    classDifficulty: Array.isArray(objectQualities) ? classDifficulties(objectQualities.map(qualityOrNull)) : null,
  };
}

function qualityOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** The key of predictions with these settings, and the keys of all stored predictions that contain at least as much. */
export async function inferenceKeys(
  ports: Pick<Ports, 'artifacts' | 'system'>,
  model: ModelFiles,
  options: InferenceOptions,
): Promise<{ readonly key: number; readonly enough: ReadonlySet<number> }> {
  const { imageSize, flip = false, localisation = false } = options;
  const { head, names, outputs } = model.info;
  const content = await ports.artifacts.digest(model.onnxPath);
  const keyOf = (mirrored: boolean, edges: boolean): number =>
    keyFrom(ports, [scoringOptions, imageSize, content, head, names.length, outputs, mirrored, edges]);
  const enough = new Set<number>();
  for (const mirrored of flip ? [true] : [false, true]) {
    for (const edges of localisation ? [true] : [false, true]) enough.add(keyOf(mirrored, edges));
  }
  return { key: keyOf(flip, localisation), enough };
}

/** The key of scores with these settings. */
export function scoringKeyOf(
  ports: Pick<Ports, 'system'>,
  options: ScoreOptions,
  plugins: readonly PluginScore[],
): number {
  const metrics = builtInScores.map(({ id }) => id);
  const further = plugins.map(({ id, digest }) => `${id} ${digest}`).toSorted();
  return keyFrom(ports, [formulas, metrics, options, further]);
}

/** 48 bits fit a column of small whole numbers, with one collision in 10^14. 0 means no key. */
function keyFrom(ports: Pick<Ports, 'system'>, parts: readonly unknown[]): number {
  return Number.parseInt(ports.system.digest(JSON.stringify(parts)).slice(0, 12), 16) || 1;
}

/** A stored prediction as the scores take it. */
export function evidenceFrom(
  prediction: Pick<PredictionRow, 'detections' | 'flipped' | 'bestScore'>,
  model: { readonly head: Head; readonly classCount: number },
): ImageEvidence {
  const { detections, flipped, bestScore } = prediction;
  return { detections, bestScore, ...model, ...(flipped === undefined ? {} : { flipped }) };
}

/** Why a sample may be worth reviewing, and why it lacks a score. */
export interface Explanation {
  readonly reasons: readonly string[];
  readonly withheldScores: Readonly<Record<string, string>>;
}

/**
 * Explains a stored prediction in plain words. Scores that it has, including those of plug-ins, are never listed as
 * withheld.
 */
export function explainPrediction(
  prediction: Pick<PredictionRow, 'detections' | 'flipped' | 'bestScore' | 'scores'>,
  head: Head,
  classNames: readonly string[],
  options: ScoreOptions,
): Explanation {
  const evidence = evidenceFrom(prediction, { head, classCount: classNames.length });
  const { withoutScore } = scoreImage(evidence, options);
  const withheld = withoutScore.filter(({ id }) => prediction.scores[id] === undefined);
  return {
    reasons: explain(prediction.detections, prediction.bestScore, classNames, {
      threshold: options.threshold,
      ...(prediction.flipped === undefined ? {} : { flipped: prediction.flipped }),
      ...(options.classDifficulty === null ? {} : { classDifficulty: options.classDifficulty }),
    }),
    withheldScores: Object.fromEntries(withheld.map(({ id, reason }) => [id, reason])),
  };
}
