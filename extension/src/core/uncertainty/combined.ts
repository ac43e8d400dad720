import { confidence } from './confidence.ts';
import { entropy } from './entropy.ts';
import { UncertaintyError } from './errors.ts';
import type { UncertaintyScore, UncertaintyWeights } from './uncertaintyScore.ts';
import { variance } from './variance.ts';

export const combined: UncertaintyScore = {
  id: 'combined',
  title: 'Combined',
  description: 'Weighted mean of confidence, entropy and variance; the weights are a setting.',
  formula: 'w₁ · confidence + w₂ · entropy + w₃ · variance,  Σw = 1',
  compute: (evidence, options) => {
    const weights = normaliseWeights(options.weights);
    let sum = 0;
    for (const [part, weight] of [
      [confidence, weights.confidence],
      [entropy, weights.entropy],
      [variance, weights.variance],
    ] as const) {
      const score = part.compute(evidence, options);
      if (score === null) return null;
      sum += weight * score;
    }
    return Math.min(1, sum);
  },
};

/**
 * Weights that sum to 1.
 * @throws UncertaintyError `weights-invalid` for negative, infinite or all-zero weights.
 */
export function normaliseWeights(weights: UncertaintyWeights): UncertaintyWeights {
  const { confidence: a, entropy: b, variance: c } = weights;
  const highest = Math.max(a, b, c);
  if (![a, b, c].every((weight) => Number.isFinite(weight) && weight >= 0) || highest === 0) {
    throw new UncertaintyError(
      'weights-invalid',
      `The weights of the combined score are ${a}, ${b} and ${c}; they must be 0 or more, and not all 0.`,
      'Set for example 0.4 for confidence, 0.3 for entropy and 0.3 for variance.',
    );
  }
  // Scaled by the highest first, so that the sum of huge weights stays finite.
  const sum = a / highest + b / highest + c / highest;
  return { confidence: a / highest / sum, entropy: b / highest / sum, variance: c / highest / sum };
}
