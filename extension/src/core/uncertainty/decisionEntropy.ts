import { aggregate } from './aggregation.ts';
import { binaryEntropy } from './binaryEntropy.ts';
import { decisionScore } from './decisionScore.ts';
import type { UncertaintyScore } from './uncertaintyScore.ts';

/**
 * The default. Entropy seen from the threshold at which this model is best: early models give right boxes scores far
 * below one half, where plain entropy and least confidence would put nearly empty images first.
 */
export const decisionEntropy: UncertaintyScore = {
  id: 'decision-entropy',
  title: 'Decision entropy',
  description: 'High when boxes are near the confidence at which this model decides best.',
  formula: 'agg( H(s′ᵢ) ),  s′ = σ(logit s − logit t)',
  compute: ({ detections }, { aggregation, threshold }) =>
    aggregate(
      detections.map((detection) => binaryEntropy(decisionScore(detection.confidence, threshold))),
      aggregation,
    ),
};
