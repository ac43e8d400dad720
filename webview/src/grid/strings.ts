import type { GridString } from '../../../extension/src/protocol/gridStrings.ts';
import { translator } from '../bridge/translate.ts';

export const { t, plural } = translator<GridString>();
