import type { GridCellView, ImageStateView, SplitView } from '../../../../extension/src/protocol/grid.ts';
import type { VerdictView } from '../../../../extension/src/protocol/review.ts';
import { t } from '../strings.ts';

/** The verdicts to filter by: `labelled` is shown for some of those that are stored as `corrected`. */
export const verdictList: readonly Exclude<VerdictView, 'labelled'>[] = [
  'accepted',
  'corrected',
  'rejected-background',
  'rejected-unusable',
  'rejected-later',
  'skipped',
];

export const splitList: readonly SplitView[] = ['train', 'val', 'test', 'pool'];

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

export function splitTitle(split: SplitView): string {
  switch (split) {
    case 'train':
      return t('training');
    case 'val':
      return t('validation');
    case 'test':
      return t('test');
    case 'pool':
      return t('pool folders');
  }
}

function stateTitle(state: ImageStateView): string {
  switch (state) {
    case 'unlabelled':
      return t('not labelled');
    case 'labelled':
      return t('labelled');
    case 'later':
      return t('label later');
    case 'unusable':
      return t('unusable');
    case 'broken':
      return t('cannot be read');
    case 'missing':
      return t('file is missing');
  }
}

/** What a cell says of its image: the verdict, or else its state. */
export function statusTitle({ verdict, state }: GridCellView): string {
  return verdict === null ? stateTitle(state) : verdictTitle(verdict);
}

/** The codicon for it; null for an image without verdict and label. */
export function statusIcon({ verdict, state }: GridCellView): string | null {
  const icons: Readonly<Record<VerdictView, string>> = {
    accepted: 'check',
    corrected: 'edit',
    labelled: 'edit',
    'rejected-background': 'circle-slash',
    'rejected-unusable': 'trash',
    'rejected-later': 'watch',
    skipped: 'debug-step-over',
  };
  const states: Readonly<Record<ImageStateView, string | null>> = {
    unlabelled: null,
    labelled: 'tag',
    later: 'watch',
    unusable: 'trash',
    broken: 'warning',
    missing: 'warning',
  };
  return verdict === null ? states[state] : icons[verdict];
}
