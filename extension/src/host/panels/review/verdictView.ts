import type { Verdict } from '../../../core/session/types.ts';
import type { VerdictView } from '../../../protocol/review.ts';

/**
 * A verdict as the page shows it.
 * @param unpredicted whether nothing was predicted on the sample of a batch.
 */
export function toVerdictView(verdict: Verdict, unpredicted: boolean): VerdictView;
export function toVerdictView(verdict: Verdict | null, unpredicted: boolean): VerdictView | null;
export function toVerdictView(verdict: Verdict | null, unpredicted: boolean): VerdictView | null {
  return verdict === 'corrected' && unpredicted ? 'labelled' : verdict;
}
