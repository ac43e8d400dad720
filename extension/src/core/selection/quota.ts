import { DEFAULT_ZERO_DETECTION_SHARE } from './composeBatch.ts';

/** Prior: this many reviewed images without detections, half of them with objects. */
const PRIOR = 4;
const LEAST = 0.02;

/**
 * The share of a batch for images without detections: initially a tenth, then twice a tenth times the share of them
 * that turned out to contain objects, (h + 2)/(r + 4) of r reviewed ones; at least 2 %, so that misses stay visible.
 * @param withObjects number of the reviewed ones that contained objects.
 */
export function zeroDetectionShare(reviewed: number, withObjects: number): number {
  const held = (withObjects + PRIOR / 2) / (reviewed + PRIOR);
  return Math.max(LEAST, 2 * DEFAULT_ZERO_DETECTION_SHARE * held);
}
