import type { Detection } from '../detection/types.ts';
import { aggregate } from './aggregation.ts';
import { binaryEntropy } from './binaryEntropy.ts';
import { hasClassScores } from './classScores.ts';
import { NOT_FOR_THIS_HEAD, type UncertaintyScore } from './uncertaintyScore.ts';

/**
 * The highest entropy among the class scores of a box. YOLO's class scores are sigmoids, one yes-or-no question per
 * class, so each has a separate entropy. Their sum would have a bound that depends on the number of classes, and the
 * entropy of a class distribution is wrong for scores that do not sum to 1.
 */
export const classEntropy: UncertaintyScore = {
  id: 'class-entropy',
  title: 'Class entropy',
  description: 'High when any class of a box is in doubt, also one that is not the best.',
  formula: 'agg( max over classes c of H(p_c) )',
  compute: ({ detections }, { aggregation }) =>
    hasClassScores(detections) ? aggregate(detections.map(highestEntropy), aggregation) : null,
  whyNot: () => NOT_FOR_THIS_HEAD,
};

function highestEntropy({ confidence, classScores }: Detection): number {
  let highest = binaryEntropy(confidence);
  for (const score of classScores?.scores ?? []) highest = Math.max(highest, binaryEntropy(score));
  return highest;
}
