import { t } from './strings.ts';

/** 0…1 as whole percent; never 100 % for what is less, never 0 % for what is more. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  const honest = share < 1 && whole === 100 ? 99 : share > 0 && whole === 0 ? 1 : whole;
  return `${honest}%`;
}

/** Seconds as people say them: "4.2 s", "38 s", "12 min". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return t('{0} s', seconds.toFixed(1));
  if (seconds < 90) return t('{0} s', Math.round(seconds));
  return t('{0} min', Math.round(seconds / 60));
}
