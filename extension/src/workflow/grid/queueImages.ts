import { poolFilter } from '../dataset/pool.ts';
import type { Ports } from '../ports/ports.ts';
import type { NewSample } from '../ports/store/samples.ts';
import type { PredictionRow } from '../ports/store/predictions.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import type { GridContext } from './gridContext.ts';

export interface QueueOutcome {
  readonly queued: number;
  /** Images that are not in the pool, or wait in a batch already. */
  readonly leftOut: number;
}

/**
 * Adds images of the pool to the end of the open batch, with what the model predicted on them.
 * @throws WorkflowError `wrong-step` if no batch is open.
 */
export async function queueImages(
  ports: Pick<Ports, 'store'>,
  { session, iteration, version }: GridContext,
  imageIds: readonly number[],
): Promise<QueueOutcome> {
  const { store } = ports;
  const now =
    iteration === null ? null : requireRow(await store.iterations.get(iteration.id), 'iteration', iteration.id);
  if (now === null || now.status !== 'reviewing') {
    throw new WorkflowError(
      'wrong-step',
      'No batch is open, so images cannot be added to it.',
      'Train the next iteration, which selects a batch, or open the images to label them.',
    );
  }
  const { datasetId } = session;
  const waiting = new Set(await store.samples.openImageIds(datasetId));
  const pool = new Set(await store.images.ids({ ...poolFilter(datasetId), ids: imageIds }));
  const wanted = imageIds.filter((id) => pool.has(id) && !waiting.has(id));
  const predictions = version === null ? [] : await store.predictions.list(version.id, wanted);
  const predicted = new Map(predictions.map((prediction) => [prediction.imageId, prediction]));
  const queued = await store.samples.append(
    now.id,
    wanted.map((imageId) => sampleOf(imageId, predicted.get(imageId))),
  );
  return { queued, leftOut: imageIds.length - queued };
}

function sampleOf(imageId: number, prediction: PredictionRow | undefined): Omit<NewSample, 'rank'> {
  const { scores = {}, detections = [] } = prediction ?? {};
  const confidences = detections.map(({ confidence }) => confidence);
  return {
    imageId,
    uncertaintyScore: scores['confidence'] ?? null,
    confidenceVariance: scores['variance'] ?? null,
    entropyScore: scores['entropy'] ?? null,
    combinedScore: scores['combined'] ?? null,
    scores,
    predictedBoxes: detections,
    maxConfidence: confidences.length === 0 ? null : Math.max(...confidences),
    minConfidence: confidences.length === 0 ? null : Math.min(...confidences),
    reasons: ['chosen by hand'],
  };
}
