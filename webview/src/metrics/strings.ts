import type { MetricsString } from '../../../extension/src/protocol/metricsStrings.ts';
import { translate } from '../bridge/translate.ts';

/** A text of this panel in the user's language. */
export function t(text: MetricsString, ...values: readonly (string | number)[]): string {
  return translate(text, ...values);
}

/** The text for one thing, or the one for `count` of them as `{0}`. */
export function plural(count: number, one: MetricsString, many: MetricsString): string {
  return count === 1 ? t(one, count) : t(many, count);
}
