import { builtInScores } from '../../src/core/uncertainty/registry.ts';

/**
 * The ids of the built-in scores that a dense head has with default settings and without a validation set, in their
 * order: `flip` and `localisation` need more, and `class-difficulty` needs measured classes.
 */
export const denseScores: readonly string[] = builtInScores
  .map(({ id }) => id)
  .filter((id) => !['flip', 'localisation', 'class-difficulty'].includes(id));
