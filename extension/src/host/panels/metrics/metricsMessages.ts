import { z } from 'zod';
import type { MetricsFromWebview } from '../../../protocol/metrics.ts';
import { checkMessage, type MessageSchemas } from '../shell/messageChecks.ts';

const schemas: MessageSchemas<MetricsFromWebview['requests']> = {
  'metrics/ready': z.null(),
  'metrics/open-run': z.strictObject({ runId: z.string().min(1).max(200) }),
  'metrics/export-model': z.null(),
};

/** Validates a message of a metrics page. @throws MessageError */
export function checkMetricsMessage(type: string, payload: unknown): unknown {
  return checkMessage(schemas, type, payload);
}
