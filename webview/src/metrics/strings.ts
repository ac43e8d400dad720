import type { MetricsString } from '../../../extension/src/protocol/metricsStrings.ts';
import { translator } from '../bridge/translate.ts';

export const { t, plural } = translator<MetricsString>();
