import { aggregate } from './aggregation.ts';
import { binaryEntropy } from './binaryEntropy.ts';
import type { UncertaintyScore } from './uncertaintyScore.ts';

export const entropy: UncertaintyScore = {
  id: 'entropy',
  title: 'Entropy',
  description: 'High when boxes have a confidence near one half: they may be objects or not.',
  formula: 'agg( −sᵢ log₂ sᵢ − (1 − sᵢ) log₂(1 − sᵢ) )',
  compute: ({ detections }, { aggregation }) =>
    aggregate(
      detections.map((detection) => binaryEntropy(detection.confidence)),
      aggregation,
    ),
};
