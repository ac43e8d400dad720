import type { Ports } from '../ports/ports.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { activeFirst } from '../shared/versions.ts';

/** Below it, what is kept of a validation image is for its metrics, not for a person. */
const shownFrom = 0.05;

/**
 * The sample with what the active version predicted on its image, as far as that is stored; without it with what the
 * newest other version detected there, such as when its labels were checked.
 */
export async function withPredictions(
  ports: Pick<Ports, 'store'>,
  sessionId: number,
  sample: SampleRow,
): Promise<SampleRow> {
  const { imageId } = sample;
  const versions = activeFirst(await ports.store.models.list(sessionId));
  const active = versions.find(({ isActive }) => isActive);
  const prediction = active === undefined ? null : await ports.store.predictions.get(active.id, imageId);
  if (prediction !== null) return { ...sample, predictedBoxes: prediction.detections };
  for (const version of versions) {
    const [kept] = await ports.store.validationDetections.list(version.id, [imageId]);
    if (kept === undefined) continue;
    return { ...sample, predictedBoxes: kept.detections.filter(({ confidence }) => confidence >= shownFrom) };
  }
  return sample;
}
