import { iou } from '../detection/iou.ts';
import { pairUp, type CandidatePair } from '../detection/pairUp.ts';
import type { Detection } from '../detection/types.ts';
import { scoreOf } from './classScores.ts';
import { isSerious } from './decisionScore.ts';

/** A box of the image and the matching box of its mirror image; one of them is `null` if it has no partner. */
export interface MirrorPair {
  readonly here: Detection | null;
  readonly there: Detection | null;
  /** IoU of the two boxes, 0…1; 0 without a partner. */
  readonly iou: number;
  /** 0 = equal boxes and scores, 1 = no partner. */
  readonly change: number;
}

/**
 * Compares the detections in an image and its mirror image. Boxes are matched greedily by descending IoU, regardless of
 * class. The change of a pair is 1 − IoU · (1 − |s − s̃|), where s is the confidence of the more confident box and s̃
 * the score of the same class in the other one, so that another class counts as another score. A box without a partner
 * has a change of 1. Pairs without a serious candidate (decision score below 0.25) are left out, because faint boxes
 * appear and vanish at random.
 * @param flipped boxes of the mirrored image, mapped back into the image.
 */
export function compareMirrored(
  detections: readonly Detection[],
  flipped: readonly Detection[],
  threshold: number,
): MirrorPair[] {
  const matched = pairUp(candidates(detections, flipped), detections, flipped);
  const pairs = matched.pairs
    .filter(({ here, there }) => isSerious(here, threshold) || isSerious(there, threshold))
    .map(({ here, there, overlap }): MirrorPair => ({
      here,
      there,
      iou: overlap,
      change: 1 - overlap * agreement(here, there),
    }));
  for (const here of matched.aloneHere) {
    if (isSerious(here, threshold)) pairs.push({ here, there: null, iou: 0, change: 1 });
  }
  for (const there of matched.aloneThere) {
    if (isSerious(there, threshold)) pairs.push({ here: null, there, iou: 0, change: 1 });
  }
  return pairs;
}

function agreement(a: Detection, b: Detection): number {
  const [surer, other] = a.confidence >= b.confidence ? [a, b] : [b, a];
  return 1 - Math.min(Math.abs(surer.confidence - scoreOf(other, surer.classId)), 1);
}

/**
 * All overlapping pairs by descending IoU. Ties prefer the same class, then higher confidence, then the smaller change, so
 * that the order of the boxes does not matter.
 */
function candidates(detections: readonly Detection[], flipped: readonly Detection[]): CandidatePair[] {
  const found: CandidatePair[] = [];
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
      b.here.confidence + b.there.confidence - (a.here.confidence + a.there.confidence) ||
      agreement(b.here, b.there) - agreement(a.here, a.there) ||
      a.here.classId - b.here.classId ||
      a.there.classId - b.there.classId,
  );
}
