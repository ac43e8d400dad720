import { DEFAULT_ZERO_DETECTION_SHARE } from './composeBatch.ts';

/** As if so many images without detections had been reviewed before, half of them with objects. */
const PRIOR = 4;
const LEAST = 0.02;

/**
 * The share of a batch for images without detections: a tenth at first, then twice a tenth times the part of them that
 * turned out to hold objects, (h + 2)/(r + 4) of r reviewed ones; at least 2 %, so that misses are never out of sight.
 * @param withObjects of the reviewed ones.
 */
export function zeroDetectionShare(reviewed: number, withObjects: number): number {
  const held = (withObjects + PRIOR / 2) / (reviewed + PRIOR);
  return Math.max(LEAST, 2 * DEFAULT_ZERO_DETECTION_SHARE * held);
}
