import { iou } from './iou.ts';
import type { Detection } from './types.ts';

/** Limits within which two boxes count as the same. */
export interface ParityLimits {
  /** A box above this must have a partner, 0…1. */
  readonly minConfidence: number;
  readonly minIou: number;
  /** The partner may also be slightly below `minConfidence`. */
  readonly maxDeltaConfidence: number;
}

export const parityLimits: ParityLimits = { minConfidence: 0.25, minIou: 0.98, maxDeltaConfidence: 0.01 };

/** Boxes that overlap less are never considered the same object. */
const LEAST_IOU = 0.5;

export interface Parity {
  /** Boxes above `minConfidence` on both sides. */
  readonly boxes: number;
  /** Those among them without a partner within the limits. */
  readonly unmatched: number;
  /** Largest difference of confidence between partners, those outside the limits too; 0 without any. */
  readonly maxDeltaConfidence: number;
  /** Smallest IoU of partners, those outside the limits too; 1 without any. */
  readonly minIou: number;
}

/**
 * Compares two predictions of one image in both directions: each box above `minConfidence` needs a box of the same class
 * with about the same place and confidence on the other side. Each box has at most one partner, assigned best fit first.
 * A box without a partner within the limits is compared with the best remaining one with an IoU of at least 0.5, so that
 * the figures show the size of the deviation.
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

/** An empty comparison. */
export const noParity: Parity = { boxes: 0, unmatched: 0, maxDeltaConfidence: 0, minIou: 1 };

/** A box and its partner on the other side, by their places in the two lists. */
export interface Partners {
  readonly from: number;
  readonly to: number;
  readonly overlap: number;
  readonly delta: number;
  /** The boxes are the same within the limits. */
  readonly fits: boolean;
}

/**
 * For each box of `from` above `minConfidence`, its partner in `to`, if there is one: the same class and an IoU of 0.5
 * or more. Boxes within the limits are matched first, then by the greatest overlap.
 */
export function partnersOf(
  from: readonly Detection[],
  to: readonly Detection[],
  limits: ParityLimits = parityLimits,
): Partners[] {
  const pairs = from
    .flatMap((one, a) => {
      if (!(one.confidence > limits.minConfidence)) return [];
      return to.flatMap((other, b): Partners[] => {
        const overlap = other.classId === one.classId ? iou(one.box, other.box) : 0;
        if (!(overlap >= LEAST_IOU)) return [];
        const delta = Math.abs(one.confidence - other.confidence);
        const fits = overlap >= limits.minIou && delta <= limits.maxDeltaConfidence;
        return [{ from: a, to: b, overlap, delta, fits }];
      });
    })
    .toSorted((x, y) => Number(y.fits) - Number(x.fits) || y.overlap - x.overlap || x.delta - y.delta);
  const partnered = new Set<number>();
  const taken = new Set<number>();
  return pairs.filter((pair) => {
    if (partnered.has(pair.from) || taken.has(pair.to)) return false;
    partnered.add(pair.from);
    taken.add(pair.to);
    return true;
  });
}

function matchAll(from: readonly Detection[], to: readonly Detection[], limits: ParityLimits): Parity {
  const boxes = from.filter(({ confidence }) => confidence > limits.minConfidence).length;
  const partners = partnersOf(from, to, limits);
  return {
    boxes,
    unmatched: boxes - partners.filter(({ fits }) => fits).length,
    maxDeltaConfidence: Math.max(0, ...partners.map(({ delta }) => delta)),
    minIou: Math.min(1, ...partners.map(({ overlap }) => overlap)),
  };
}
