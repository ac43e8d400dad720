/** The `dfl` output of a model: `[batch, bins, 4, anchors]`, softmax over the bins; sides left, top, right, bottom. */
export interface SideDistributions {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * How uncertain the head is about the sides of one box: −Σ p ln p / ln bins, mean over the four sides, 0…1
 * (entropy of the distributions of Distribution Focal Loss, Li et al. 2020).
 * @param image which image of the batch.
 * @returns undefined if the output has another shape.
 */
export function localisationEntropy(sides: SideDistributions, anchor: number, image = 0): number | undefined {
  const [batch = 0, bins = 0, four = 0, anchors = 0] = sides.dims;
  if (four !== 4 || bins < 2 || anchor >= anchors || image >= batch) return undefined;
  const plane = 4 * anchors;
  let entropy = 0;
  for (let side = 0; side < 4; side++) {
    let at = image * bins * plane + side * anchors + anchor;
    for (let bin = 0; bin < bins; bin++, at += plane) {
      const p = sides.data[at] ?? 0;
      if (p > 0) entropy -= p * Math.log(p);
    }
  }
  return Math.min(1, Math.max(0, entropy / (4 * Math.log(bins))));
}
