import { aggregate } from './aggregation.ts';
import { binaryEntropy } from './binaryEntropy.ts';
import { decisionScore } from './decisionScore.ts';
import type { UncertaintyScore } from './uncertaintyScore.ts';

/** PPAL's constants (C. Yang et al., Plug and Play Active Learning, CVPR 2024). */
const ALPHA = 0.3;
const BETA = 0.2;
/** The weight of a class of quality 0. */
const HIGHEST = 1 + BETA;

/** PPAL's difficulty-calibrated uncertainty, with the entropy of the decision score, scaled to stay within 0…1. */
export const classDifficulty: UncertaintyScore = {
  id: 'class-difficulty',
  title: 'Class difficulty',
  description: 'Decision entropy that counts more in classes that the model finds hard.',
  formula: 'agg( H(s′ᵢ) · w_c / 1.2 ),  w = 1 + αβ ln((e^(1/α) − 1)(1 − q_c) + 1)',
  compute: ({ detections }, { aggregation, threshold, classDifficulty: weights }) => {
    if (weights === null) return null;
    return aggregate(
      detections.map(({ classId, confidence }) => {
        const weight = Math.min(Math.max(weights[classId] ?? 1, 1), HIGHEST);
        return (binaryEntropy(decisionScore(confidence, threshold)) * weight) / HIGHEST;
      }),
      aggregation,
    );
  },
  whyNot: () => 'there is no labelled object in validation',
};

/**
 * w_c = 1 + α·β·ln((e^{1/α} − 1)·(1 − q_c) + 1) with α = 0.3 and β = 0.2: 1 for a class of quality 1, 1.2 for one of
 * quality 0. A class of unknown quality (no object in validation) gets the mean of the others.
 * @param qualities q_c by class id, 0…1 (`classQualities`, core/evaluation).
 * @returns weights by class id; `null` if no quality is known.
 */
export function classDifficulties(qualities: readonly (number | null)[]): number[] | null {
  const weights = qualities.map((quality) => (quality === null ? null : difficulty(quality)));
  const known = weights.filter((weight) => weight !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, weight) => sum + weight, 0) / known.length;
  return weights.map((weight) => weight ?? mean);
}

function difficulty(quality: number): number {
  const q = Math.min(Math.max(quality, 0), 1);
  return 1 + ALPHA * BETA * Math.log((Math.exp(1 / ALPHA) - 1) * (1 - q) + 1);
}
