import { mean } from './aggregation.ts';
import type { UncertaintyScore } from './uncertaintyScore.ts';

export const variance: UncertaintyScore = {
  id: 'variance',
  title: 'Variance',
  description: 'High when sure and doubtful boxes stand side by side. A single box has none.',
  formula: '4 · mean (sᵢ − s̄)²',
  compute: ({ detections }) => {
    if (detections.length === 0) return null;
    const confidences = detections.map((detection) => Math.min(Math.max(detection.confidence, 0), 1));
    const centre = mean(confidences);
    // Values of 0…1 have a population variance of 1/4 at most (Popoviciu's inequality).
    return Math.min(1, 4 * mean(confidences.map((value) => (value - centre) ** 2)));
  },
};
