import type { Localiser } from './localiser.ts';

/** The name of an iteration by itself, or at the start of a sentence. */
export function iterationTitle(l10n: Localiser, iterationNumber: number): string {
  return iterationNumber === 0 ? l10n.t('First batch') : l10n.t('Iteration {0}', iterationNumber);
}

/** The name of an iteration within a sentence. */
export function iterationName(l10n: Localiser, iterationNumber: number): string {
  return iterationNumber === 0 ? l10n.t('the first batch') : l10n.t('iteration {0}', iterationNumber);
}
