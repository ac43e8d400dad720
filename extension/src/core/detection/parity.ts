import { iou } from './iou.ts';
import type { Detection } from './types.ts';

/** What counts as the same box. */
export interface ParityLimits {
  /** A box above this must have a partner, 0…1. */
  readonly minConfidence: number;
  /** The partner may lie a little below: it must be above this. */
  readonly minPartnerConfidence: number;
  readonly minIou: number;
  readonly maxDeltaConfidence: number;
}

export const parityLimits: ParityLimits = {
  minConfidence: 0.25,
  minPartnerConfidence: 0.24,
  minIou: 0.98,
  maxDeltaConfidence: 0.01,
};

export interface Parity {
  /** Boxes above `minConfidence`, those of both sides. */
  readonly boxes: number;
  /** Of these, the ones without a partner. */
  readonly unmatched: number;
  /** Largest difference of confidence between partners; 0 without any. */
  readonly maxDeltaConfidence: number;
  /** Smallest IoU of partners; 1 without any. */
  readonly minIou: number;
}

/**
 * Compares two predictions of one image both ways: each box above `minConfidence` wants a box of the same class, of
 * about the same place and confidence, on the other side. Each box is the partner of one box at most, the best fit first.
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

function matchAll(from: readonly Detection[], to: readonly Detection[], limits: ParityLimits): Parity {
  const wanted = from.filter(({ confidence }) => confidence > limits.minConfidence);
  const pairs = wanted
    .flatMap((one, a) =>
      to.flatMap((other, b) => {
        if (other.classId !== one.classId || !(other.confidence > limits.minPartnerConfidence)) return [];
        const overlap = iou(one.box, other.box);
        const delta = Math.abs(one.confidence - other.confidence);
        return overlap >= limits.minIou && delta <= limits.maxDeltaConfidence ? [{ a, b, overlap, delta }] : [];
      }),
    )
    .toSorted((x, y) => y.overlap - x.overlap || x.delta - y.delta);
  const partnered = new Set<number>();
  const taken = new Set<number>();
  let maxDeltaConfidence = 0;
  let minIou = 1;
  for (const { a, b, overlap, delta } of pairs) {
    if (partnered.has(a) || taken.has(b)) continue;
    partnered.add(a);
    taken.add(b);
    maxDeltaConfidence = Math.max(maxDeltaConfidence, delta);
    minIou = Math.min(minIou, overlap);
  }
  return { boxes: wanted.length, unmatched: wanted.length - partnered.size, maxDeltaConfidence, minIou };
}
