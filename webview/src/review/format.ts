import { t } from './strings.ts';

/** A share (0 to 1) as whole percent. Never 100% for less than 1, and never 0% for more than 0. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  const honest = share < 1 && whole === 100 ? 99 : share > 0 && whole === 0 ? 1 : whole;
  return `${honest}%`;
}

/** A rounded duration, such as "4.2 s", "38 s" or "12 min". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return t('{0} s', seconds.toFixed(1));
  if (seconds < 90) return t('{0} s', Math.round(seconds));
  return t('{0} min', Math.round(seconds / 60));
}
