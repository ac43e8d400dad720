import type { IterationRow } from '../../workflow/ports/store/iterations.ts';
import { iterationName } from './iterationText.ts';
import type { Localiser } from './localiser.ts';

/** A finished iteration. */
export interface IterationEnd {
  readonly sessionName: string;
  readonly iteration: Pick<IterationRow, 'iterationNumber' | 'status' | 'map50' | 'validationImagesCount'>;
  readonly samples: number;
  /** It was the final training on all labels. */
  readonly final: boolean;
}

/** "Screws: 20 samples of iteration 1 are ready for review. mAP50 0.61 on 12 validation images." */
export function endText(l10n: Localiser, { sessionName, iteration, samples, final }: IterationEnd): string {
  const { iterationNumber, status, map50, validationImagesCount } = iteration;
  const name = iterationName(l10n, iterationNumber);
  const end =
    status === 'reviewing'
      ? samples === 1
        ? l10n.t('{0}: 1 sample of {1} is ready for review.', sessionName, name)
        : l10n.t('{0}: {1} samples of {2} are ready for review.', sessionName, samples, name)
      : final
        ? l10n.t('{0}: the final training on all labels is complete.', sessionName)
        : l10n.t('{0}: {1} is complete. No images are left to select.', sessionName, name);
  if (map50 === null) return end;
  const accuracy =
    validationImagesCount === 1
      ? l10n.t('mAP50 {0} on 1 validation image.', map50.toFixed(2))
      : l10n.t('mAP50 {0} on {1} validation images.', map50.toFixed(2), validationImagesCount ?? 0);
  return `${end} ${accuracy}`;
}
