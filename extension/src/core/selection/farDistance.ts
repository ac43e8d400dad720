/** The quantile of the distances from which an image counts as far. */
const FAR_QUANTILE = 0.95;

/**
 * The 95th percentile of distances, with linear interpolation.
 * @param distances at least one.
 */
export function farDistance(distances: Float64Array): number {
  const sorted = distances.toSorted();
  const at = FAR_QUANTILE * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}
