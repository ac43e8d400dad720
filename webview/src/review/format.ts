import { type ReviewPace, wholeDuration, wholeMinutes } from '../../../extension/src/protocol/reviewPace.ts';
import { t } from './strings.ts';

/** A share (0 to 1) as whole percent. Never 100% for less than 1, and never 0% for more than 0. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  const honest = share < 1 && whole === 100 ? 99 : share > 0 && whole === 0 ? 1 : whole;
  return `${honest}%`;
}

/** What one image takes. The host has the same texts (`host/text/paceText.ts`). */
export function perImageText({ secondsPerImage }: ReviewPace): string {
  const { value, unit } = wholeDuration(secondsPerImage);
  if (unit === 'minutes') return t('{0} min an image', value);
  return value === 0 ? t('less than 1 s an image') : t('{0} s an image', value);
}

/** The time to the end of the review. */
export function toGoText({ secondsLeft }: ReviewPace): string {
  const minutes = wholeMinutes(secondsLeft);
  return minutes === 0 ? t('less than a minute to go') : t('about {0} min to go', minutes);
}

/** What the review has taken so far. */
export function takenText(seconds: number): string {
  const { value, unit } = wholeDuration(seconds);
  return unit === 'minutes' ? t('{0} min in all', value) : t('{0} s in all', value);
}
