import { averageMirrored } from '../../../core/detection/mirrorAverage.ts';
import type { Detection } from '../../../core/detection/types.ts';
import { ImageLocator } from '../../dataset/images.ts';
import type { ModelFiles } from '../../ports/inference.ts';
import type { Ports, RunOptions } from '../../ports/ports.ts';
import type { PredictionRow } from '../../ports/store/predictions.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { inferenceOptionsOf } from '../scoring/scoringPlan.ts';

/**
 * The detections that a person sees of the images of a batch: those of the full model, averaged over the mirrored image.
 * Images whose mirror image is predicted already need no inference. An image that cannot be read is left out.
 * @returns by image id.
 * @throws errors of inference.
 */
export async function mirroredDetections(
  ports: Pick<Ports, 'inference' | 'store' | 'system'>,
  session: SessionRow,
  model: ModelFiles,
  predictions: readonly PredictionRow[],
  options: RunOptions,
): Promise<ReadonlyMap<number, readonly Detection[]>> {
  const inferenceOptions = { ...inferenceOptionsOf(ports, session, model), flip: true };
  const { minConfidence } = inferenceOptions;
  const averaged = new Map<number, readonly Detection[]>();
  const missing: number[] = [];
  for (const { imageId, detections, flipped, error } of predictions) {
    if (error !== null) continue;
    if (flipped === undefined) missing.push(imageId);
    else averaged.set(imageId, averageMirrored(detections, flipped, minConfidence));
  }
  if (missing.length === 0) return averaged;
  const locator = await ImageLocator.of(ports, session.datasetId);
  const images = await ports.store.images.find({ datasetId: session.datasetId, ids: missing });
  const located = images.map((image) => ({ imageId: image.id, absolutePath: locator.path(image) }));
  for await (const result of ports.inference.predict(model, located, inferenceOptions, options.signal)) {
    if (!result.ok || result.flipped === undefined) continue;
    averaged.set(result.imageId, averageMirrored(result.detections, result.flipped, minConfidence));
  }
  return averaged;
}
