import { z } from 'zod';
import type { ReviewFromWebview } from '../../protocol/review.ts';
import type { MetricsFromWebview } from '../../protocol/metrics.ts';
import { AppError } from '../../core/errors.ts';

/** A message of a webview that is not what the protocol says; nothing was done. */
export class MessageError extends AppError<'invalid-message'> {
  constructor(type: string, problem: string) {
    super(
      'invalid-message',
      `The message ${JSON.stringify(type.slice(0, 80))} is not valid: ${problem}.`,
      'Reload the window; if this comes again, report it with the log.',
    );
  }
}

/** A request's payload by message type; `null` payloads are sent as null. */
type Checks<Requests> = { readonly [T in keyof Requests]: z.ZodType };

const id = z.int().min(1);
/** Nobody draws more; a message that claims to is none of ours. */
const mostBoxes = 10_000;
const mostSeconds = 7 * 24 * 3600;
/** A box in pixels; a drag may end a little outside, and is cut at the edge later. */
const pixel = z.number().min(-1e6).max(1e6);

const box = z.strictObject({ x1: pixel, y1: pixel, x2: pixel, y2: pixel, classId: z.int().min(0).max(1e6) });

const decision = z.discriminatedUnion('verdict', [
  z.strictObject({
    verdict: z.literal('accepted'),
    promoted: z.array(z.int().min(0)).max(mostBoxes),
    confirmBackground: z.boolean(),
  }),
  z.strictObject({ verdict: z.literal('corrected'), boxes: z.array(box).max(mostBoxes) }),
  z.strictObject({ verdict: z.enum(['rejected-background', 'rejected-unusable', 'rejected-later', 'skipped']) }),
]);

const reviewChecks: Checks<ReviewFromWebview['requests']> = {
  'review/ready': z.null(),
  'review/open': z.strictObject({ sampleId: id, rescan: z.boolean().optional() }),
  'review/submit': z.strictObject({
    sampleId: id,
    decision,
    reviewSeconds: z.number().min(0).max(mostSeconds),
    overwrite: z.boolean(),
  }),
  'review/undo': z.strictObject({ overwrite: z.boolean() }),
  'review/add-class': z.strictObject({ name: z.string().max(1000) }),
  'review/train-next': z.null(),
  'review/show-metrics': z.null(),
  'review/change-keys': z.null(),
};

const metricsChecks: Checks<MetricsFromWebview['requests']> = {
  'metrics/ready': z.null(),
  'metrics/open-run': z.strictObject({ runId: z.string().min(1).max(200) }),
  'metrics/export-model': z.null(),
};

/**
 * Looks at what a review page sends, field by field: a webview is not trusted.
 * @returns a copy that holds nothing else. @throws MessageError.
 */
export function checkReviewMessage(type: string, payload: unknown): unknown {
  return check(reviewChecks, type, payload);
}

/** The same for a metrics page. @throws MessageError. */
export function checkMetricsMessage(type: string, payload: unknown): unknown {
  return check(metricsChecks, type, payload);
}

function check(checks: Readonly<Record<string, z.ZodType>>, type: string, payload: unknown): unknown {
  const schema = Object.hasOwn(checks, type) ? checks[type] : undefined;
  if (schema === undefined) throw new MessageError(type, 'there is no such message');
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new MessageError(type, `${issue?.path.join('.') || 'payload'}: ${issue?.message ?? 'unknown'}`);
}
