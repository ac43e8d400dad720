import type { LabelErrorReport, LabelFinding } from '../../workflow/iteration/labelErrors.ts';
import type { Localiser } from './localiser.ts';

/** Why the labels of an image are questioned, one sentence a finding. */
export function findingText(
  l10n: Localiser,
  { kind, classId, otherClassId, confidence }: LabelFinding,
  classNames: readonly string[],
): string {
  const name = classNames[classId] ?? String(classId);
  const percent = confidence === null ? '' : `${Math.round(100 * confidence)}%`;
  switch (kind) {
    case 'overlooked':
      return l10n.t('Perhaps not labelled: {0} ({1})', name, percent);
    case 'placed':
      return l10n.t('Label "{0}" may be in the wrong place: the model sees it elsewhere ({1})', name, percent);
    case 'classed':
      return otherClassId === null
        ? l10n.t('Label "{0}" lies on a label of another class', name)
        : l10n.t(
            'Label "{0}" may have the wrong class: the model sees {1} ({2})',
            name,
            classNames[otherClassId] ?? String(otherClassId),
            percent,
          );
  }
}

/** "40 images were compared. 12 were left out, because each model version has trained on them." */
export function comparedText(l10n: Localiser, { judged, leftOut }: LabelErrorReport): string {
  const compared = l10n.t('{0} images were compared.', judged);
  if (leftOut === 0) return compared;
  return `${compared} ${l10n.t('{0} were left out: every model version has trained on them, or cannot read them.', leftOut)}`;
}
