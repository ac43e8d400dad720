import { classBalancedStrategy } from './classBalanced.ts';
import { clusterStrategy } from './cluster.ts';
import { diversityStrategy } from './diversity.ts';
import { SelectionError } from './errors.ts';
import { hybridStrategy } from './hybrid.ts';
import { ppalStrategy } from './ppal.ts';
import { randomStrategy } from './random.ts';
import { stratifiedStrategy } from './stratified.ts';
import type { Strategy } from './strategy.ts';
import { typicalityStrategy } from './typicality.ts';
import { uncertaintyStrategy } from './uncertainty.ts';

/** All strategies in display order, the default first. A new one is a file and a line here. */
export const strategies: readonly Strategy[] = [
  hybridStrategy,
  uncertaintyStrategy,
  diversityStrategy,
  clusterStrategy,
  stratifiedStrategy,
  classBalancedStrategy,
  typicalityStrategy,
  ppalStrategy,
  randomStrategy,
];

/** @throws SelectionError `unknown-strategy`. */
export function strategyById(id: string): Strategy {
  const strategy = strategies.find((candidate) => candidate.id === id);
  if (strategy !== undefined) return strategy;
  throw new SelectionError(
    'unknown-strategy',
    `There is no strategy "${id}".`,
    `Choose one of: ${strategies.map((candidate) => candidate.id).join(', ')}.`,
    { where: id },
  );
}
