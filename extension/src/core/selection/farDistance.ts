/** From this quantile of the distances on an image is far from what it is compared with. */
const FAR_QUANTILE = 0.95;

/**
 * The 95th percentile of distances, between neighbours by linear interpolation.
 * @param distances one at least.
 */
export function farDistance(distances: Float64Array): number {
  const sorted = distances.toSorted();
  const at = FAR_QUANTILE * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}
