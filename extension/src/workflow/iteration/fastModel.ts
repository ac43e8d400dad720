import type { Detection } from '../../core/detection/types.ts';
import { evaluate, type EvaluationImage } from '../../core/evaluation/evaluate.ts';
import { rankCorrelation } from '../../core/evaluation/rankCorrelation.ts';
import type { MetricOptions } from '../../core/uncertainty/metric.ts';
import { decisionEntropy } from '../../core/uncertainty/decisionEntropy.ts';
import type { Engine, Task } from '../engine.ts';
import type { InferenceOptions, ModelFiles } from '../ports/inference.ts';

/** What a fast model must reach to be used; the last is what makes it worth the loss. */
export const fastLimits = { rankCorrelation: 0.97, map5095Delta: 0.01, ratioToFp32: 1.05, images: 20 } as const;

/** An image of the validation set with its labels. */
export interface JudgedImage {
  readonly imageId: number;
  readonly path: string;
  readonly truth: EvaluationImage['truth'];
}

export interface FastMeasurement {
  readonly images: number;
  /** Spearman's, of the images' scores by both models; null where all scores are equal. */
  readonly rankCorrelation: number | null;
  /** mAP50-95 of the fast model less that of the full one; null without boxes. */
  readonly map5095Delta: number | null;
  /** Images a second by the fast model, by the full one = 1. */
  readonly ratioToFp32: number;
}

export interface FastVerdict extends FastMeasurement {
  readonly used: boolean;
  /** Why, in one sentence. */
  readonly reason: string;
}

const scoringFloor = 0.05;

/**
 * Predicts the validation images by both models, each in the fastest way that works here, and compares ranks, mAP50-95
 * and speed: where a GPU runs the full model, an int8 one on the processor is no gain.
 */
export async function measureFastModel(
  engine: Pick<Engine, 'inference' | 'system'>,
  models: { readonly full: ModelFiles; readonly fast: ModelFiles },
  images: readonly JudgedImage[],
  settings: { readonly imageSize: number; readonly metrics: MetricOptions },
  task: Task,
): Promise<FastMeasurement> {
  const options: InferenceOptions = {
    imageSize: settings.imageSize,
    minConfidence: 0.001,
    iouThreshold: 0.7,
    maxDetections: 300,
    classScoresAbove: scoringFloor,
    embedding: false,
    workers: engine.system.threads,
  };
  const wanted = images.map(({ imageId, path }) => ({ imageId, absolutePath: path }));
  await engine.inference.settle?.(models.full, wanted, options, task.signal);
  await engine.inference.settle?.(models.fast, wanted, options, task.signal);
  const full = await predictAll(engine, models.full, images, options, task);
  const fast = await predictAll(engine, models.fast, images, options, task);
  const classCount = models.full.info.names.length;
  const head = models.full.info.head;
  const scoresOf = (found: Predicted): number[] =>
    images.map(({ imageId }) => {
      const detections = (found.detections.get(imageId) ?? []).filter(({ confidence }) => confidence >= scoringFloor);
      return decisionEntropy.compute({ detections, bestScore: 0, classCount, head }, settings.metrics) ?? 0;
    });
  const mapOf = (found: Predicted): number | null =>
    evaluate(
      images.map(({ imageId, truth }) => ({ imageId, truth, detections: found.detections.get(imageId) ?? [] })),
      { classCount },
    ).map5095;
  const [before, after] = [mapOf(full), mapOf(fast)];
  return {
    images: images.length,
    rankCorrelation: rankCorrelation(scoresOf(full), scoresOf(fast)),
    map5095Delta: before === null || after === null ? null : after - before,
    ratioToFp32: full.seconds / Math.max(fast.seconds, 1e-6),
  };
}

/** Whether the fast model may stand in for the full one, and why. */
export function judgeFastModel(measured: FastMeasurement): FastVerdict {
  const { images, rankCorrelation: correlation, map5095Delta: delta, ratioToFp32 } = measured;
  const verdict = (used: boolean, reason: string): FastVerdict => ({ ...measured, used, reason });
  if (images < fastLimits.images) {
    return verdict(false, `only ${images} validation images; ${fastLimits.images} are needed to judge it`);
  }
  if (correlation === null || correlation < fastLimits.rankCorrelation) {
    const told = correlation === null ? 'cannot be compared' : `agrees to ${correlation.toFixed(3)}`;
    return verdict(false, `its ranking of the images ${told}; ${fastLimits.rankCorrelation} is needed`);
  }
  if (delta === null || Math.abs(delta) > fastLimits.map5095Delta) {
    const told = delta === null ? 'cannot be measured' : `changes by ${delta.toFixed(3)}`;
    return verdict(false, `mAP50-95 ${told}; at most ${fastLimits.map5095Delta} is allowed`);
  }
  if (ratioToFp32 < fastLimits.ratioToFp32) {
    return verdict(false, `it is not faster on this machine (${ratioToFp32.toFixed(2)} times the speed)`);
  }
  return verdict(true, `${ratioToFp32.toFixed(2)} times the speed, ranking agrees to ${correlation.toFixed(3)}`);
}

interface Predicted {
  readonly detections: ReadonlyMap<number, readonly Detection[]>;
  /** From the first result to the last: loading the model is not what is compared. */
  readonly seconds: number;
}

async function predictAll(
  engine: Pick<Engine, 'inference' | 'system'>,
  model: ModelFiles,
  images: readonly JudgedImage[],
  options: InferenceOptions,
  task: Task,
): Promise<Predicted> {
  const detections = new Map<number, readonly Detection[]>();
  const { clock } = engine.system;
  let first = 0;
  let last = 0;
  const wanted = images.map(({ imageId, path }) => ({ imageId, absolutePath: path }));
  for await (const result of engine.inference.predict(model, wanted, options, task.signal)) {
    last = clock.monotonic();
    if (first === 0) first = last;
    detections.set(result.imageId, result.ok ? result.detections : []);
  }
  return { detections, seconds: (last - first) / 1000 };
}
