import type { UncertaintyScore } from './uncertaintyScore.ts';

/** Least confidence (D. D. Lewis and W. A. Gale, 1994) of the most confident box. */
export const confidence: UncertaintyScore = {
  id: 'confidence',
  title: 'Confidence',
  description: 'High when even the surest box is doubtful. Puts nearly empty images first.',
  formula: '1 − max sᵢ',
  compute: ({ detections }) => {
    if (detections.length === 0) return null;
    const highest = detections.reduce((best, detection) => Math.max(best, detection.confidence), 0);
    return 1 - Math.min(highest, 1);
  },
};
