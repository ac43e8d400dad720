import { join } from 'node:path';
import { createInference } from '../../extension/src/adapters/inference/onnx/createInference.ts';
import { createSystem } from '../../extension/src/adapters/platform/system.ts';
import { createTrainer } from '../../extension/src/adapters/training/trainer.ts';
import {
  failsOnAccuracy,
  judgeFastModel,
  measureFastModel,
} from '../../extension/src/workflow/iteration/scoring/fastModel.ts';
import { inTurns, median, ratioOf, round3 } from './statistics.ts';

const metrics = {
  aggregation: 'top-k',
  threshold: 0.25,
  weights: { confidence: 0.4, entropy: 0.3, variance: 0.3 },
  classDifficulty: null,
};

/** What counts as found by the full model where there are no labels. */
const sureFrom = 0.25;

/**
 * An int8 copy of the model, calibrated on one part of the images and measured on another, as the product does it; its
 * speed in rounds, each model with separate, warm workers.
 * @param readTruth see `labelsFor`; null where the labels are of other classes: then the truth is what the full model finds.
 */
export async function measureFast({ model, calibration, paths, imageSize, threads, rounds, readTruth, ...rest }) {
  const [ofFull, ofFast] = [0, 1].map(() => createInference({ workerPath: rest.worker }));
  try {
    const images = await judged({ inference: ofFull, model, paths, imageSize, threads, readTruth });
    const ports = { inference: ofFull, system: await createSystem() };
    const make = async (careful) => {
      const fast = await quantise({ model, calibration, careful, imageSize, threads, ...rest });
      return {
        fast,
        measured: await measureFastModel(ports, { full: model, fast }, images, { imageSize, metrics }, {}),
      };
    };
    const first = await make(false);
    const careful = failsOnAccuracy(judgeFastModel(first.measured));
    const { fast, measured } = careful ? await make(true) : first;
    const time = (inference, files) => async () => {
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

function predictOptions(imageSize, workers) {
  return { imageSize, iouThreshold: 0.7, maxDetections: 300, embedding: false, workers };
}

const wantedOf = (paths) => paths.map((absolutePath, imageId) => ({ imageId, absolutePath }));

/** The images with their true boxes; those without a label file are left out. */
async function judged({ inference, model, paths, imageSize, threads, readTruth }) {
  const options = { ...predictOptions(imageSize, threads), minConfidence: sureFrom, classScoresAbove: null };
  const found = new Map();
  for await (const result of inference.predict(model, wantedOf(paths), options)) {
    if (!result.ok) throw new Error(result.message);
    found.set(result.imageId, result);
  }
  const images = [];
  for (const [imageId, path] of paths.entries()) {
    const { width, height, detections } = found.get(imageId);
    const own = detections.map(({ classId, box }) => ({ classId, box }));
    const truth = readTruth === null ? own : await readTruth(path, width, height);
    if (truth !== null) images.push({ imageId, path, truth });
  }
  return images;
}

async function quantise({ model, calibration, careful, imageSize, threads, folder, python, trainerFolder }) {
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
  return { onnxPath: result.onnxPath, info: model.info, sizeMb: model.sizeMb };
}
