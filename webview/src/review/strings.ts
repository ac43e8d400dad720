import type { ReviewString } from '../../../extension/src/protocol/reviewStrings.ts';
import { translate } from '../bridge/translate.ts';

/** A text of this panel in the user's language. */
export function t(text: ReviewString, ...values: readonly (string | number)[]): string {
  return translate(text, ...values);
}

/** The text for one thing, or the one for `count` of them as `{0}`. */
export function plural(count: number, one: ReviewString, many: ReviewString): string {
  return count === 1 ? t(one, count) : t(many, count);
}
