import type { DecisionMessage, SampleView, VerdictLine, VerdictView } from '../../../extension/src/protocol/review.ts';
import { t } from './strings.ts';

/** What the list shows of a verdict that is given on a sample. */
export function verdictOf(decision: DecisionMessage, sample: SampleView): VerdictView {
  // Images of a list had labels before.
  const isFromScratch = sample.sampleId > 0 && sample.predictions.length === 0;
  return decision.verdict === 'corrected' && isFromScratch ? 'labelled' : decision.verdict;
}

/** The text of a verdict. */
export function verdictTitle(verdict: VerdictView): string {
  switch (verdict) {
    case 'accepted':
      return t('accepted');
    case 'corrected':
      return t('corrected');
    case 'labelled':
      return t('labelled');
    case 'rejected-background':
      return t('nothing here');
    case 'rejected-unusable':
      return t('unusable');
    case 'rejected-later':
      return t('label later');
    case 'skipped':
      return t('skipped');
  }
}

/** The codicon of a verdict. */
export function verdictIcon(verdict: VerdictView): string {
  const icons: Readonly<Record<VerdictView, string>> = {
    accepted: 'check',
    corrected: 'edit',
    labelled: 'edit',
    'rejected-background': 'circle-slash',
    'rejected-unusable': 'trash',
    'rejected-later': 'watch',
    skipped: 'debug-step-over',
  };
  return icons[verdict];
}

/** A verdict and its image, as "accepted, part-0270.jpg". */
export function lineTitle({ verdict, name }: VerdictLine): string {
  return `${verdict === null ? t('not reviewed') : verdictTitle(verdict)}, ${name}`;
}
