import type { DecisionMessage, SampleView, VerdictLine, VerdictView } from '../../../extension/src/protocol/review.ts';
import type { AcceptedMany } from '../../../extension/src/protocol/confidentImages.ts';
import { plural, t } from './strings.ts';

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

/** A verdict and its image, as "accepted, part-0270.jpg"; of several images, their number. */
export function lineTitle({ verdict, name, count }: VerdictLine): string {
  const title = verdict === null ? t('not reviewed') : verdictTitle(verdict);
  return `${title}, ${count > 1 ? t('{0} images', count) : name}`;
}

/** What became of images that were accepted together. */
export function outcomeText({ accepted, leftOut, failed }: AcceptedMany): string {
  const parts = [
    plural(accepted, '{0} image accepted.', '{0} images accepted.'),
    leftOutText(leftOut),
    failed === null ? '' : t('{0} could not be saved: {1}', failed.count, failed.reason),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/**
 * What an undo or a redo did.
 * @param next what the next one would reverse: of the same group, it is what was left out of this one.
 */
export function reversalText(
  direction: 'undo' | 'redo',
  line: VerdictLine | null,
  next: VerdictLine | null,
): { readonly text: string; readonly leftOut: boolean } {
  const left = line !== null && line.group !== null && next?.group === line.group ? next.count : 0;
  const name = line === null ? '' : lineTitle({ ...line, count: line.count - left });
  const done = direction === 'undo' ? t('Undone: {0}.', name) : t('Redone: {0}.', name);
  return { text: left === 0 ? done : `${done} ${leftOutText(left)}`, leftOut: left > 0 };
}

function leftOutText(count: number): string {
  if (count === 0) return '';
  return plural(
    count,
    '{0} was judged or edited meanwhile, and stays as it is.',
    '{0} were judged or edited meanwhile, and stay as they are.',
  );
}
