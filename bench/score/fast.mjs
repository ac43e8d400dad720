import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInference } from '../../extension/src/adapters/inference/createInference.ts';
import { createSystem } from '../../extension/src/adapters/process/system.ts';
import { createTrainer } from '../../extension/src/adapters/training/trainer.ts';
import { boxesOf, parseLabelFile } from '../../extension/src/core/dataset/labelFile.ts';
import { toPixelBox } from '../../extension/src/core/detection/labelBoxes.ts';
import { planWithoutTraining } from '../../extension/src/core/session/trainingPlan.ts';
import { judgeFastModel, measureFastModel } from '../../extension/src/workflow/iteration/fastModel.ts';

const metrics = {
  aggregation: 'top-k',
  threshold: 0.25,
  weights: { confidence: 0.4, entropy: 0.3, variance: 0.3 },
  classDifficulty: null,
};

/**
 * An int8 copy of the model, calibrated on one part of the images and measured on another, as the product does it.
 * The truth are the label files beside the images; without any, what the full model is sure of (`truth` says which).
 */
export async function measureFast({
  model,
  calibration,
  paths,
  imageSize,
  threads,
  folder,
  python,
  trainerFolder,
  worker,
}) {
  const fast = await quantise({ model, calibration, imageSize, threads, folder, python, trainerFolder });
  const inference = createInference({ workerPath: worker });
  try {
    const found = new Map();
    const wanted = paths.map((absolutePath, imageId) => ({ imageId, absolutePath }));
    const sure = {
      imageSize,
      minConfidence: 0.25,
      iouThreshold: 0.7,
      maxDetections: 300,
      classScoresAbove: null,
      embedding: false,
      workers: threads,
    };
    for await (const result of inference.predict(model, wanted, sure)) found.set(result.imageId, result);
    const labels = await Promise.all(paths.map((path) => labelsOf(path, model.info.names.length)));
    const labelled = labels.some((boxes) => boxes !== null && boxes.length > 0);
    const images = paths.map((path, imageId) => {
      const { width, height, detections } = found.get(imageId);
      const truth = labelled
        ? (labels[imageId] ?? []).map((box) => ({ classId: box.classId, box: toPixelBox(box, width, height) }))
        : detections.map(({ classId, box }) => ({ classId, box }));
      return { imageId, path, truth };
    });
    const engine = { inference, system: await createSystem() };
    const measured = await measureFastModel(engine, { full: model, fast }, images, { imageSize, metrics }, {});
    return { ...judgeFastModel(measured), truth: labelled ? 'labels' : 'full model' };
  } finally {
    await inference.close();
  }
}

async function quantise({ model, calibration, imageSize, threads, folder, python, trainerFolder }) {
  const trainer = createTrainer({ runsFolder: join(folder, 'runs'), python, trainerFolder });
  await trainer.prepare({
    runId: 'fast',
    job: 'quantise',
    classNames: [],
    images: [],
    plan: planWithoutTraining({ imageSize, threads }),
    weights: model.onnxPath,
    calibration,
    allowDownload: false,
    seed: 0,
    device: 'cpu',
  });
  await trainer.start('fast');
  const result = await trainer.follow('fast', { afterSequence: 0, onEvent: () => undefined });
  if (result.onnxPath === undefined) throw new Error(result.error?.message ?? 'The quantisation failed.');
  return { onnxPath: result.onnxPath, info: model.info };
}

/** Label rows by Ultralytics' rule; null where they are of other classes than the model's. */
async function labelsOf(path, classCount) {
  const at = path.lastIndexOf('/images/');
  const labelPath = at < 0 ? path : `${path.slice(0, at)}/labels/${path.slice(at + 8)}`;
  const file = labelPath.replace(/\.[^.]+$/, '.txt');
  if (classCount > 20 || !existsSync(file)) return null;
  return boxesOf(parseLabelFile(await readFile(file, 'utf8'), { classCount }));
}
