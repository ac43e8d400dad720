import { reviewPace, wholeDuration, wholeMinutes } from '../../protocol/reviewPace.ts';
import type { BatchProgress } from '../../workflow/ports/store/samples.ts';
import type { Localiser } from './localiser.ts';

/** The pace of a review, as the page shows it; empty until enough images have a verdict. */
export function paceText(l10n: Localiser, { seconds, timed, open }: BatchProgress): string {
  const pace = reviewPace({ seconds, timed, left: open });
  if (pace === null) return '';
  const { value, unit } = wholeDuration(pace.secondsPerImage);
  const perImage =
    unit === 'minutes'
      ? l10n.t('{0} min an image', value)
      : value === 0
        ? l10n.t('less than 1 s an image')
        : l10n.t('{0} s an image', value);
  if (open === 0) return perImage;
  return `${perImage} · ${toGoText(l10n, pace.secondsLeft)}`;
}

/** How long something still takes. */
export function toGoText(l10n: Localiser, seconds: number): string {
  const minutes = wholeMinutes(seconds);
  return minutes === 0 ? l10n.t('less than a minute to go') : l10n.t('about {0} min to go', minutes);
}
