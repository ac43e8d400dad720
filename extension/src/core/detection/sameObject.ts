import { boxArea, intersectionArea, iou } from './iou.ts';
import type { Detection, PixelBox } from './types.ts';

type Candidate = Pick<Detection, 'box' | 'classId' | 'confidence'>;

/** Overlaps from which on two predictions are about one object; see `surerPredictions`. */
const sameClass = { iou: 0.45, contained: 0.85 } as const;
const otherClass = { iou: 0.6 } as const;

/**
 * Finds predictions of one object. A young model predicts an object several times: with different edges, in parts, or as
 * different classes. Greedy, as non-maximum suppression is: the surest prediction stands for the object, and a weaker one
 * belongs to the object that it overlaps most.
 *
 * Neighbours in a crowd stay apart, because boxes of different objects of a class seldom overlap by more than an IoU of 0.5
 * (Shao et al., CrowdHuman, 2018). Boxes of different classes must agree better, because an object may lie on another one.
 * @returns for each prediction the index of the surer prediction of the same object, or null if none is surer.
 */
export function surerPredictions(detections: readonly Candidate[]): (number | null)[] {
  const order = detections.map((_, index) => index).toSorted((a, b) => confidence(b) - confidence(a));
  const surest: number[] = [];
  const result: (number | null)[] = detections.map(() => null);
  for (const index of order) {
    const own = detections[index];
    if (own === undefined) continue;
    let best: number | null = null;
    let bestOverlap = 0;
    for (const other of surest) {
      const one = detections[other];
      if (one === undefined || !isSameObject(one, own)) continue;
      const overlap = iou(one.box, own.box);
      if (best === null || overlap > bestOverlap) [best, bestOverlap] = [other, overlap];
    }
    if (best === null) surest.push(index);
    else result[index] = best;
  }
  return result;

  function confidence(index: number): number {
    return detections[index]?.confidence ?? 0;
  }
}

function isSameObject(a: Candidate, b: Candidate): boolean {
  const overlap = iou(a.box, b.box);
  if (a.classId !== b.classId) return overlap >= otherClass.iou;
  return overlap >= sameClass.iou || contained(a.box, b.box) >= sameClass.contained;
}

/** The share of the smaller box that lies in the other one. */
function contained(a: PixelBox, b: PixelBox): number {
  const shared = intersectionArea(a, b);
  return shared === 0 ? 0 : shared / Math.min(boxArea(a), boxArea(b));
}
