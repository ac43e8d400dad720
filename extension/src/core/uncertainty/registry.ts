import { classDifficulty } from './classDifficulty.ts';
import { classEntropy } from './classEntropy.ts';
import { combined } from './combined.ts';
import { confidence } from './confidence.ts';
import { decisionEntropy } from './decisionEntropy.ts';
import { entropy } from './entropy.ts';
import { flip } from './flip.ts';
import { localisation } from './localisation.ts';
import { margin } from './margin.ts';
import type { UncertaintyScore } from './uncertaintyScore.ts';
import { variance } from './variance.ts';

/** All built-in scores in display order. A new one is a file and a line here. */
export const builtInScores: readonly UncertaintyScore[] = [
  confidence,
  entropy,
  variance,
  combined,
  decisionEntropy,
  margin,
  classEntropy,
  flip,
  localisation,
  classDifficulty,
];
