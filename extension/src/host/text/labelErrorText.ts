import type { LabelErrorReport } from '../../workflow/iteration/labelErrors.ts';
import type { NamedFinding } from '../../workflow/operations/labelOperations.ts';
import type { Localiser } from './localiser.ts';

/** Why the labels of an image are questioned, one sentence a finding. */
export function findingText(l10n: Localiser, { kind, className, otherClassName, confidence }: NamedFinding): string {
  const percent = confidence === null ? '' : `${Math.round(100 * confidence)}%`;
  switch (kind) {
    case 'overlooked':
      return l10n.t('Perhaps not labelled: {0} ({1})', className, percent);
    case 'placed':
      return l10n.t('Label "{0}" may be in the wrong place: the model sees it elsewhere ({1})', className, percent);
    case 'classed':
      return otherClassName === null
        ? l10n.t('Label "{0}" lies on a label of another class', className)
        : l10n.t('Label "{0}" may have the wrong class: the model sees {1} ({2})', className, otherClassName, percent);
  }
}

/** "40 images were compared. 12 were left out, because each model version has trained on them." */
export function comparedText(
  l10n: Localiser,
  { judged, leftOut }: Pick<LabelErrorReport, 'judged' | 'leftOut'>,
): string {
  const compared = l10n.t('{0} images were compared.', judged);
  if (leftOut === 0) return compared;
  return `${compared} ${l10n.t('{0} were left out: every model version has trained on them, or cannot read them.', leftOut)}`;
}
