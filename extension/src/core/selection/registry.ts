import { SelectionError } from './errors.ts';
import { randomStrategy } from './random.ts';
import type { Strategy } from './strategy.ts';
import { uncertaintyStrategy } from './uncertainty.ts';

/** Every strategy, in the order they are shown. A new one is a file and a line here. */
export const strategies: readonly Strategy[] = [uncertaintyStrategy, randomStrategy];

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
