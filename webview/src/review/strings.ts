import type { ReviewString } from '../../../extension/src/protocol/reviewStrings.ts';
import { translator } from '../bridge/translate.ts';

export const { t, plural } = translator<ReviewString>();
