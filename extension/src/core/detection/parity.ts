import { iou } from './iou.ts';
import type { Detection } from './types.ts';

/** What counts as the same box. */
export interface ParityLimits {
  /** A box above this must have a partner, 0…1. */
  readonly minConfidence: number;
  readonly minIou: number;
  /** The partner may lie a little below `minConfidence` as well. */
  readonly maxDeltaConfidence: number;
}

export const parityLimits: ParityLimits = { minConfidence: 0.25, minIou: 0.98, maxDeltaConfidence: 0.01 };

/** Boxes that overlap less are not taken for the same object, however bad a model is. */
const LEAST_IOU = 0.5;

export interface Parity {
  /** Boxes above `minConfidence`, those of both sides. */
  readonly boxes: number;
  /** Of these, the ones without a partner within the limits. */
  readonly unmatched: number;
  /** Largest difference of confidence between partners, those outside the limits too; 0 without any. */
  readonly maxDeltaConfidence: number;
  /** Smallest IoU of partners, those outside the limits too; 1 without any. */
  readonly minIou: number;
}

/**
 * Compares two predictions of one image both ways: each box above `minConfidence` wants a box of the same class, of
 * about the same place and confidence, on the other side. Each box is the partner of one box at most, the best fit first;
 * what has none within the limits is measured against the best one that is left, from an IoU of 0.5 on, so that the
 * figures tell how far off it is.
 */
export function compareDetections(
  theirs: readonly Detection[],
  ours: readonly Detection[],
  limits: ParityLimits = parityLimits,
): Parity {
  const there = matchAll(theirs, ours, limits);
  const back = matchAll(ours, theirs, limits);
  return addParity(there, back);
}

/** The sum of two comparisons. */
export function addParity(a: Parity, b: Parity): Parity {
  return {
    boxes: a.boxes + b.boxes,
    unmatched: a.unmatched + b.unmatched,
    maxDeltaConfidence: Math.max(a.maxDeltaConfidence, b.maxDeltaConfidence),
    minIou: Math.min(a.minIou, b.minIou),
  };
}

/** The comparison of nothing. */
export const noParity: Parity = { boxes: 0, unmatched: 0, maxDeltaConfidence: 0, minIou: 1 };

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly overlap: number;
  readonly delta: number;
  readonly fits: boolean;
}

function matchAll(from: readonly Detection[], to: readonly Detection[], limits: ParityLimits): Parity {
  const wanted = from.filter(({ confidence }) => confidence > limits.minConfidence);
  const pairs = wanted
    .flatMap((one, a) =>
      to.flatMap((other, b): Pair[] => {
        const overlap = other.classId === one.classId ? iou(one.box, other.box) : 0;
        if (overlap < LEAST_IOU) return [];
        const delta = Math.abs(one.confidence - other.confidence);
        return [{ a, b, overlap, delta, fits: overlap >= limits.minIou && delta <= limits.maxDeltaConfidence }];
      }),
    )
    .toSorted((x, y) => Number(y.fits) - Number(x.fits) || y.overlap - x.overlap || x.delta - y.delta);
  const partnered = new Set<number>();
  const taken = new Set<number>();
  let unmatched = wanted.length;
  let maxDeltaConfidence = 0;
  let minIou = 1;
  for (const { a, b, overlap, delta, fits } of pairs) {
    if (partnered.has(a) || taken.has(b)) continue;
    partnered.add(a);
    taken.add(b);
    if (fits) unmatched--;
    maxDeltaConfidence = Math.max(maxDeltaConfidence, delta);
    minIou = Math.min(minIou, overlap);
  }
  return { boxes: wanted.length, unmatched, maxDeltaConfidence, minIou };
}
