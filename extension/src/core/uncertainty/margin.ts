import type { Detection } from '../detection/types.ts';
import { aggregate } from './aggregation.ts';
import { hasClassScores, secondBest } from './classScores.ts';
import { seriousDetections } from './decisionScore.ts';
import { NOT_FOR_THIS_HEAD, type UncertaintyScore } from './uncertaintyScore.ts';

/**
 * Margin sampling (T. Scheffer et al., 2001) on sigmoid scores. Ignores background noise: a box at 0.05 would have a
 * margin of 0.95 although nothing about it is uncertain.
 */
export const margin: UncertaintyScore = {
  id: 'margin',
  title: 'Margin',
  description: 'High when two classes compete for a box; with one class, object and background.',
  formula: 'agg( 1 − (p₍₁₎ − p₍₂₎) ) over boxes with s′ ≥ 0.25',
  compute: ({ detections, classCount }, { aggregation, threshold }) => {
    if (!tellsRival(detections, classCount)) return null;
    return aggregate(
      seriousDetections(detections, threshold).map((detection) => marginOf(detection, classCount)),
      aggregation,
    );
  },
  whyNot: ({ detections, classCount }) =>
    tellsRival(detections, classCount) ? 'no box is sure enough to ask for its class' : NOT_FOR_THIS_HEAD,
};

/** With a single class, the rival is the background, whose score follows from that of the box for every head. */
function tellsRival(detections: readonly Detection[], classCount: number): boolean {
  return classCount === 1 || hasClassScores(detections);
}

function marginOf(detection: Detection, classCount: number): number {
  const s = Math.min(Math.max(detection.confidence, 0), 1);
  // With one class, only the background is left.
  const rival = classCount === 1 ? 1 - s : secondBest(detection);
  return 1 - Math.abs(s - Math.min(Math.max(rival, 0), 1));
}
