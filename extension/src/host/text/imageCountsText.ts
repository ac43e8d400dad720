import type { LabelledCounts } from '../../workflow/session/status.ts';
import type { Localiser } from './localiser.ts';

/** How many images there are to train on, for validation, for tests and to label: parts of a sentence, or of a list. */
export function imageCountsText(
  l10n: Localiser,
  counts: { readonly labelled: LabelledCounts; readonly unlabelled: number },
): string {
  const { training, validation, test, toSetAside } = counts.labelled;
  return [
    l10n.t('{0} labelled to train on', training - toSetAside),
    ...(toSetAside > 0 ? [l10n.t('about {0} labelled to set aside for validation', toSetAside)] : []),
    ...(validation > 0 ? [l10n.t('{0} labelled for validation', validation)] : []),
    ...(test > 0 ? [l10n.t('{0} labelled for tests', test)] : []),
    l10n.t('{0} unlabelled', counts.unlabelled),
  ].join(', ');
}

/** How many of the labelled images the first training will set aside for validation; null if none. */
export function setAsideText(l10n: Localiser, { training, toSetAside }: LabelledCounts): string | null {
  if (toSetAside === 0) return null;
  return l10n.t(
    'The first training sets about {0} of the {1} labelled images aside for validation.',
    toSetAside,
    training,
  );
}
