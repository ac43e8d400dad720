import { toPixelBox } from '../../../core/detection/labelBoxes.ts';
import type { LabelBox } from '../../../core/dataset/types.ts';
import type { BoxView, ChangeView } from '../../../protocol/review.ts';
import type { ImageRow } from '../../../workflow/ports/store/images.ts';
import type { LabelChange } from '../../../workflow/review/labelHistory.ts';
import type { Localiser } from '../../text/localiser.ts';
import { toVerdictView } from './verdictView.ts';

/** The changes of an image's labels for the page. */
export function toChangeViews(
  changes: readonly LabelChange[],
  image: ImageRow,
  { l10n, unpredicted }: { readonly l10n: Localiser; readonly unpredicted: boolean },
): ChangeView[] {
  const { width, height } = image;
  const views = (boxes: readonly LabelBox[] | null): readonly BoxView[] | null =>
    boxes?.map((box) => ({ ...toPixelBox(box, width ?? 0, height ?? 0), classId: box.classId })) ?? null;
  return changes.map(({ eventId, cause, at, verdictBefore, verdictAfter, before, after }) => ({
    eventId,
    title: `${causeTitle(cause, l10n)}, ${new Date(at).toLocaleString()}`,
    verdictBefore: toVerdictView(verdictBefore, unpredicted),
    verdictAfter: toVerdictView(verdictAfter, unpredicted),
    before: views(before),
    after: views(after),
  }));
}

function causeTitle(cause: LabelChange['cause'], l10n: Localiser): string {
  switch (cause) {
    case 'verdict':
    case 'edit':
      return l10n.t('Reviewer');
    case 'undo':
      return l10n.t('Undo');
    case 'outside':
      return l10n.t('Another program');
    case 'import':
      return l10n.t('Import');
    case 'oracle':
      return l10n.t('Simulation');
  }
}
