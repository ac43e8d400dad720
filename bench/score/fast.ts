import { join } from 'node:path';
import { createInference } from '../../extension/src/adapters/inference/onnx/createInference.ts';
import { createSystem } from '../../extension/src/adapters/platform/system.ts';
import { createTrainer } from '../../extension/src/adapters/training/trainer.ts';
import {
  failsOnAccuracy,
  judgeFastModel,
  measureFastModel,
  type FastMeasurement,
} from '../../extension/src/workflow/iteration/scoring/fastModel.ts';
import type { GroundTruthImage } from '../../extension/src/workflow/dataset/groundTruth.ts';
import type {
  Inference,
  InferenceImage,
  InferenceOptions,
  InferenceResult,
  ModelFiles,
} from '../../extension/src/workflow/ports/inference.ts';
import type { ScoreOptions } from '../../extension/src/core/uncertainty/uncertaintyScore.ts';
import type { FastFigures, MeasuredSet } from './figures.ts';
import type { ReadTruth } from './truth.ts';
import { inTurns, median, ratioOf, round3 } from './statistics.ts';

const metrics: ScoreOptions = {
  aggregation: 'top-k',
  threshold: 0.25,
  weights: { confidence: 0.4, entropy: 0.3, variance: 0.3 },
  classDifficulty: null,
};

/** What counts as found by the full model where there are no labels. */
const sureFrom = 0.25;

/** The folder is for the runs that quantise. */
export interface FastSetup extends Omit<MeasuredSet, 'productPaths'> {
  /** Images that the int8 copy is calibrated on; none of `paths` is among them. */
  readonly calibration: readonly string[];
  /** See `labelsFor`; null where the labels are of other classes: then the truth is what the full model finds. */
  readonly readTruth: ReadTruth | null;
  readonly python: string;
  readonly trainerFolder: string;
  /** The program of an inference worker. */
  readonly worker: string;
}

/**
 * An int8 copy of the model, calibrated on one part of the images and measured on another, as the product does it; its
 * speed in rounds, each model with separate, warm workers.
 */
export async function measureFast(setup: FastSetup): Promise<FastFigures> {
  const { model, calibration, paths, imageSize, threads, rounds, readTruth, worker } = setup;
  const ofFull = createInference({ workerPath: worker });
  const ofFast = createInference({ workerPath: worker });
  try {
    const images = await judgedImages(ofFull, setup);
    const ports = { inference: ofFull, system: await createSystem() };
    const make = async (careful: boolean): Promise<{ fast: ModelFiles; measured: FastMeasurement }> => {
      const fast = await quantise(setup, careful);
      return {
        fast,
        measured: await measureFastModel(ports, { full: model, fast }, images, { imageSize, metrics }, {}),
      };
    };
    const first = await make(false);
    const careful = failsOnAccuracy(judgeFastModel(first.measured));
    const { fast, measured } = careful ? await make(true) : first;
    const time = (inference: Inference, files: ModelFiles) => async (): Promise<number> => {
      const start = performance.now();
      const options = { ...predictOptions(imageSize, threads), minConfidence: 0.05, classScoresAbove: 0.05 };
      for await (const result of inference.predict(files, wantedOf(paths), options)) {
        if (!result.ok) throw new Error(result.message);
      }
      return (performance.now() - start) / 1000;
    };
    const seconds = await inTurns({ full: time(ofFull, model), fast: time(ofFast, fast) }, rounds);
    const verdict = judgeFastModel({ ...measured, ratioToFp32: ratioOf(seconds, 'full', 'fast') });
    return {
      ...verdict,
      careful,
      ratioToFp32: round3(verdict.ratioToFp32),
      rankCorrelation: round3(verdict.rankCorrelation),
      map5095Delta: verdict.map5095Delta === null ? null : Math.round(verdict.map5095Delta * 1e4) / 1e4,
      imagesPerSecond: round3(paths.length / median(seconds.fast)),
      truth:
        readTruth === null ? `the full model's own boxes from ${sureFrom}: the labels are of other classes` : 'labels',
      calibration: calibration.length,
      rounds,
    };
  } finally {
    await Promise.all([ofFull.close(), ofFast.close()]);
  }
}

function predictOptions(
  imageSize: number,
  workers: number,
): Omit<InferenceOptions, 'minConfidence' | 'classScoresAbove'> {
  return { imageSize, iouThreshold: 0.7, maxDetections: 300, embedding: false, workers };
}

const wantedOf = (paths: readonly string[]): InferenceImage[] =>
  paths.map((absolutePath, imageId) => ({ imageId, absolutePath }));

/** The images with their true boxes; those without a label file are left out. */
async function judgedImages(
  inference: Inference,
  { model, paths, imageSize, threads, readTruth }: FastSetup,
): Promise<GroundTruthImage[]> {
  const options = { ...predictOptions(imageSize, threads), minConfidence: sureFrom, classScoresAbove: null };
  const results = new Map<number, Extract<InferenceResult, { ok: true }>>();
  for await (const result of inference.predict(model, wantedOf(paths), options)) {
    if (!result.ok) throw new Error(result.message);
    results.set(result.imageId, result);
  }
  const images: GroundTruthImage[] = [];
  for (const [imageId, path] of paths.entries()) {
    const result = results.get(imageId);
    if (result === undefined) throw new Error(`There is no result for ${path}.`);
    const { width, height, detections } = result;
    const own = detections.map(({ classId, box }) => ({ classId, box }));
    const truth = readTruth === null ? own : await readTruth(path, width, height);
    if (truth !== null) images.push({ imageId, contentHash: null, path, truth });
  }
  return images;
}

async function quantise(setup: FastSetup, careful: boolean): Promise<ModelFiles> {
  const { model, calibration, imageSize, threads, folder, python, trainerFolder } = setup;
  const trainer = createTrainer({ runsFolder: join(folder, 'runs'), python, trainerFolder });
  const runId = careful ? 'fast-careful' : 'fast';
  await trainer.prepare({
    kind: 'quantise',
    runId,
    model: model.onnxPath,
    imageSize,
    threads,
    calibrationImages: calibration,
    careful,
  });
  await trainer.start(runId);
  const result = await trainer.follow(runId, { afterSequence: 0, onEvent: () => undefined });
  if (result.onnxPath === undefined) throw new Error(result.error?.message ?? 'The quantisation failed.');
  return { ...model, onnxPath: result.onnxPath };
}
