import type { BoxMatches } from './matching.ts';

/** Precision and recall over the boxes of all classes together, at one confidence and IoU 0.50. */
export interface OperatingPoint {
  /** Boxes with at least this confidence are shown. */
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * The confidence at which F1 = 2·hits / (shown boxes + objects) is highest, at IoU 0.50; the higher one of ties.
 * @returns `null` if no detection finds an object, because then no threshold is better than another.
 */
export function bestF1Threshold(matches: BoxMatches): OperatingPoint | null {
  const all = matches.classes.flatMap((one) =>
    Array.from(one.confidences, (confidence, i) => ({ confidence, hit: isHit(one.hits[i]) })),
  );
  all.sort((a, b) => b.confidence - a.confidence);
  const truth = matches.classes.reduce((sum, one) => sum + one.truthBoxes, 0);
  let best: OperatingPoint | null = null;
  let hits = 0;
  for (const [i, { confidence, hit }] of all.entries()) {
    if (hit) hits++;
    // A threshold cannot separate boxes of equal confidence.
    if (hits === 0 || all[i + 1]?.confidence === confidence) continue;
    const shown = i + 1;
    const f1 = (2 * hits) / (shown + truth);
    if (best === null || f1 > best.f1) {
      best = { threshold: confidence, precision: hits / shown, recall: hits / truth, f1 };
    }
  }
  return best;
}

/** Boxes and hits of one class among those shown at a threshold; `null` stands for all of them. */
export function countShown(
  matches: BoxMatches,
  classId: number,
  threshold: number | null,
): { readonly shown: number; readonly hits: number } {
  const one = matches.classes[classId];
  let shown = 0;
  let hits = 0;
  for (const [i, confidence] of one?.confidences.entries() ?? []) {
    if (threshold !== null && confidence < threshold) break;
    shown++;
    if (isHit(one?.hits[i])) hits++;
  }
  return { shown, hits };
}

/** Bit 0 is IoU 0.50. */
function isHit(mask: number | undefined): boolean {
  return ((mask ?? 0) & 1) === 1;
}
