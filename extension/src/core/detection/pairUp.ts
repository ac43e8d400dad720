import type { Detection } from './types.ts';

/** A box of an image and one of its mirror image that may be the same. */
export interface CandidatePair {
  readonly here: Detection;
  readonly there: Detection;
  /** IoU of the two boxes, 0…1. */
  readonly overlap: number;
}

/**
 * Pairs boxes greedily: the first candidate takes its two boxes, and later ones of either are left out.
 * @param candidates the best first.
 * @returns the pairs in their order, and the boxes without a partner.
 */
export function pairUp(
  candidates: readonly CandidatePair[],
  detections: readonly Detection[],
  flipped: readonly Detection[],
): {
  readonly pairs: readonly CandidatePair[];
  readonly aloneHere: ReadonlySet<Detection>;
  readonly aloneThere: ReadonlySet<Detection>;
} {
  const aloneHere = new Set(detections);
  const aloneThere = new Set(flipped);
  const pairs = candidates.filter(({ here, there }) => {
    if (!aloneHere.has(here) || !aloneThere.has(there)) return false;
    aloneHere.delete(here);
    return aloneThere.delete(there);
  });
  return { pairs, aloneHere, aloneThere };
}
