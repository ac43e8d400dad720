import { iou } from '../detection/iou.ts';
import type { Detection } from '../detection/types.ts';
import { scoreOf } from './classScores.ts';
import { isSerious } from './decisionScore.ts';

/** A box of the image and the box of its mirror image that stands for the same thing; one of both is `null` where it has no partner. */
export interface MirrorPair {
  readonly here: Detection | null;
  readonly there: Detection | null;
  /** Of the two boxes, 0…1; 0 without a partner. */
  readonly iou: number;
  /** 0 = both say the same, 1 = no partner. */
  readonly change: number;
}

/**
 * Compares what was found in an image and in its mirror image. Boxes are matched greedily, the pair with the highest
 * IoU first, whatever their classes; the change of a pair is 1 − IoU · (1 − |s − s̃|), s the confidence of the surer box
 * and s̃ the score that the other one gives to the same class, so that another class counts as another score. A box
 * without a partner is a change of 1. Pairs in which neither box is a serious candidate (decision score below 0.25) are left out, since faint
 * boxes come and go without meaning.
 * @param flipped boxes of the mirrored image, mapped back into the image.
 */
export function compareMirrored(
  detections: readonly Detection[],
  flipped: readonly Detection[],
  threshold: number,
): MirrorPair[] {
  const pairs: MirrorPair[] = [];
  const freeHere = new Set(detections);
  const freeThere = new Set(flipped);
  for (const { here, there, overlap } of candidates(detections, flipped)) {
    if (!freeHere.has(here) || !freeThere.has(there)) continue;
    freeHere.delete(here);
    freeThere.delete(there);
    if (!isSerious(here, threshold) && !isSerious(there, threshold)) continue;
    pairs.push({ here, there, iou: overlap, change: 1 - overlap * agreement(here, there) });
  }
  for (const here of freeHere) if (isSerious(here, threshold)) pairs.push({ here, there: null, iou: 0, change: 1 });
  for (const there of freeThere) if (isSerious(there, threshold)) pairs.push({ here: null, there, iou: 0, change: 1 });
  return pairs;
}

function agreement(a: Detection, b: Detection): number {
  const [surer, other] = a.confidence >= b.confidence ? [a, b] : [b, a];
  return 1 - Math.min(Math.abs(surer.confidence - scoreOf(other, surer.classId)), 1);
}

interface Candidate {
  readonly here: Detection;
  readonly there: Detection;
  readonly overlap: number;
}

/** Every overlapping pair, the closest first; of equals, that of one class, and then the surer one. */
function candidates(detections: readonly Detection[], flipped: readonly Detection[]): Candidate[] {
  const found: Candidate[] = [];
  for (const here of detections) {
    for (const there of flipped) {
      const overlap = iou(here.box, there.box);
      if (overlap > 0) found.push({ here, there, overlap });
    }
  }
  return found.toSorted(
    (a, b) =>
      b.overlap - a.overlap ||
      Number(b.here.classId === b.there.classId) - Number(a.here.classId === a.there.classId) ||
      b.here.confidence + b.there.confidence - (a.here.confidence + a.there.confidence),
  );
}
