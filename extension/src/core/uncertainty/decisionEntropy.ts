import { aggregate } from './aggregation.ts';
import { binaryEntropy } from './binaryEntropy.ts';
import { decisionScore } from './decisionScore.ts';
import type { UncertaintyScore } from './uncertaintyScore.ts';

/**
 * The default. Entropy relative to the model's best threshold: early models give correct boxes scores far below one
 * half, so plain entropy and least confidence would rank nearly empty images first.
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
