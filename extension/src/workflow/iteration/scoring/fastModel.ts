import { median } from '../../../core/statistics.ts';
import type { Detection } from '../../../core/detection/types.ts';
import { evaluate } from '../../../core/evaluation/evaluate.ts';
import { rankCorrelation } from '../../../core/evaluation/rankCorrelation.ts';
import type { ScoreOptions } from '../../../core/uncertainty/uncertaintyScore.ts';
import { decisionEntropy } from '../../../core/uncertainty/decisionEntropy.ts';
import type { GroundTruthImage } from '../../dataset/groundTruth.ts';
import type { Ports, RunOptions } from '../../ports/ports.ts';
import { PacedItems } from '../../../core/pacedItems.ts';
import type { InferenceImage, InferenceOptions, ModelFiles } from '../../ports/inference.ts';
import { scoringWorkers } from '../../models/scoringWorkers.ts';

/** What a fast model must reach to be used. The minimum speed makes the loss of accuracy worthwhile. */
export const fastLimits = { rankCorrelation: 0.97, map5095Delta: 0.01, ratioToFp32: 1.05, images: 20 } as const;

export interface FastMeasurement {
  readonly images: number;
  /** Spearman's rank correlation of the image scores of both models; null if all scores are equal. */
  readonly rankCorrelation: number | null;
  /** mAP50-95 of the fast model minus that of the full one; null without boxes. */
  readonly map5095Delta: number | null;
  /** Images per second of the fast model divided by those of the full one. */
  readonly ratioToFp32: number;
}

export interface FastVerdict extends FastMeasurement {
  readonly used: boolean;
  /** The reason in one sentence. */
  readonly reason: string;
}

const scoringFloor = 0.05;

/** Each round times both models once and alternates the order, so that other load on the machine affects both. */
const rounds = { least: 3, most: 7 } as const;
/** If the ratio is this far from the limit in each of the first rounds, no more rounds are needed. */
const clear = 1.25;
/**
 * Images that a round times per model after a warm-up, with a minimum for each worker. Few images are predicted
 * repeatedly.
 */
const timed = {
  warmUpOfAWorker: 2,
  least: 8,
  leastOfAWorker: 2,
  most: 24,
  mostOfAWorker: 6,
  milliseconds: 1500,
} as const;

/**
 * Predicts the validation images with both models, each in the fastest way that works on this machine, and compares
 * ranks, mAP50-95 and speed. If a GPU runs the full model, an int8 copy on the CPU gains nothing.
 */
export async function measureFastModel(
  ports: Pick<Ports, 'inference' | 'system'>,
  models: { readonly full: ModelFiles; readonly fast: ModelFiles },
  images: readonly GroundTruthImage[],
  settings: { readonly imageSize: number; readonly metrics: ScoreOptions },
  options: RunOptions,
): Promise<FastMeasurement> {
  const inferenceOptions: InferenceOptions = {
    imageSize: settings.imageSize,
    minConfidence: 0.001,
    iouThreshold: 0.7,
    maxDetections: 300,
    classScoresAbove: scoringFloor,
    embedding: false,
    workers: scoringWorkers(ports, models.full, settings.imageSize),
  };
  const wanted = images.map(({ imageId, path }) => ({ imageId, absolutePath: path }));
  await ports.inference.settle?.(models.full, wanted, inferenceOptions, options.signal);
  await ports.inference.settle?.(models.fast, wanted, inferenceOptions, options.signal);
  const full = await predictAll(ports, models.full, wanted, inferenceOptions, options);
  const fast = await predictAll(ports, models.fast, wanted, inferenceOptions, options);
  const ratioToFp32 = await speedRatio(ports, models, wanted, inferenceOptions, options);
  const classCount = models.full.info.names.length;
  const head = models.full.info.head;
  const scoresOf = (found: Predicted): number[] =>
    images.map(({ imageId }) => {
      const detections = (found.get(imageId) ?? []).filter(({ confidence }) => confidence >= scoringFloor);
      return decisionEntropy.compute({ detections, bestScore: 0, classCount, head }, settings.metrics) ?? 0;
    });
  const mapOf = (found: Predicted): number | null =>
    evaluate(
      images.map(({ imageId, truth }) => ({ imageId, truth, detections: found.get(imageId) ?? [] })),
      { classCount },
    ).map5095;
  const [before, after] = [mapOf(full), mapOf(fast)];
  return {
    images: images.length,
    rankCorrelation: rankCorrelation(scoresOf(full), scoresOf(fast)),
    map5095Delta: before === null || after === null ? null : after - before,
    ratioToFp32,
  };
}

/** Whether the fast model may replace the full one, and why. */
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

/** Whether the model fails only the comparison of ranks and accuracy, so that one with more float layers may pass. */
export function failsOnAccuracy(verdict: FastVerdict): boolean {
  const { used, images, ratioToFp32, rankCorrelation: correlation, map5095Delta: delta } = verdict;
  const isComparable = images >= fastLimits.images && correlation !== null && delta !== null;
  return !used && isComparable && ratioToFp32 >= fastLimits.ratioToFp32;
}

type Predicted = ReadonlyMap<number, readonly Detection[]>;

async function predictAll(
  ports: Pick<Ports, 'inference'>,
  model: ModelFiles,
  images: readonly InferenceImage[],
  inferenceOptions: InferenceOptions,
  options: RunOptions,
): Promise<Predicted> {
  const detections = new Map<number, readonly Detection[]>();
  for await (const result of ports.inference.predict(model, images, inferenceOptions, options.signal)) {
    detections.set(result.imageId, result.ok ? result.detections : []);
  }
  return detections;
}

/** The speed of the fast model relative to the full one: the median of rounds in which each runs once. */
async function speedRatio(
  ports: Pick<Ports, 'inference' | 'system'>,
  { full, fast }: { readonly full: ModelFiles; readonly fast: ModelFiles },
  images: readonly InferenceImage[],
  inferenceOptions: InferenceOptions,
  options: RunOptions,
): Promise<number> {
  const time = (model: ModelFiles): Promise<number> =>
    millisecondsEach(ports, model, images, inferenceOptions, options);
  const ratios: number[] = [];
  while (ratios.length < rounds.most && (ratios.length < rounds.least || !isDecided(ratios))) {
    let slow: number;
    let quick: number;
    if (ratios.length % 2 === 0) {
      slow = await time(full);
      quick = await time(fast);
    } else {
      quick = await time(fast);
      slow = await time(full);
    }
    ratios.push(slow / Math.max(quick, 1e-6));
  }
  return median(ratios);
}

function isDecided(ratios: readonly number[]): boolean {
  const limit = fastLimits.ratioToFp32;
  return ratios.every((ratio) => ratio > limit * clear) || ratios.every((ratio) => ratio < limit / clear);
}

async function millisecondsEach(
  ports: Pick<Ports, 'inference' | 'system'>,
  model: ModelFiles,
  images: readonly InferenceImage[],
  inferenceOptions: InferenceOptions,
  options: RunOptions,
): Promise<number> {
  if (images.length === 0) return 0;
  const warmUp = timed.warmUpOfAWorker * inferenceOptions.workers;
  const least = Math.max(timed.least, timed.leastOfAWorker * inferenceOptions.workers);
  const most = Math.max(timed.most, timed.mostOfAWorker * inferenceOptions.workers);
  const repeated = Array.from({ length: warmUp + most }, (_, index) => ({
    // Not the ids of the images: an image may occur twice.
    imageId: -1 - index,
    absolutePath: images[index % images.length]?.absolutePath ?? '',
  }));
  const now = (): number => ports.system.clock.monotonic();
  const more = (measured: number, ms: number): boolean => measured < least || ms < timed.milliseconds;
  const paced = new PacedItems(repeated.values(), { warmUp, now, more });
  const results = ports.inference.predict(model, paced, inferenceOptions, options.signal)[Symbol.asyncIterator]();
  while ((await results.next()).done !== true) paced.arrived();
  return paced.millisecondsEach ?? 0;
}
