import { z } from 'zod';
import type { ReviewFromWebview } from '../../../protocol/review.ts';
import { checkMessage, type MessageSchemas } from '../shell/messageChecks.ts';

/** Of a sample; below 0 for an image that is none (`sampleIdOfImage`). */
const id = z.int().refine((value) => value !== 0);
/** Upper limit per message; more boxes than this means a malformed message. */
const maxBoxes = 10_000;
const maxSamples = 100_000;
const maxSeconds = 7 * 24 * 3600;
/** In pixels. A drag may end slightly outside the image; the box is clipped later. */
const pixel = z.number().min(-1e6).max(1e6);

/** A page keeps its drafts below 8 million characters. */
const draftText = z.string().max(16_000_000);

const box = z.strictObject({ x1: pixel, y1: pixel, x2: pixel, y2: pixel, classId: z.int().min(0).max(1e6) });

const decision = z.discriminatedUnion('verdict', [
  z.strictObject({
    verdict: z.literal('accepted'),
    kept: z.array(z.int().min(0)).max(maxBoxes),
    confirmBackground: z.boolean(),
  }),
  z.strictObject({ verdict: z.literal('corrected'), boxes: z.array(box).max(maxBoxes) }),
  z.strictObject({ verdict: z.enum(['rejected-background', 'rejected-unusable', 'rejected-later', 'skipped']) }),
]);

const schemas: MessageSchemas<ReviewFromWebview['requests']> = {
  'review/ready': z.null(),
  'review/open': z.strictObject({ sampleId: id, chosen: z.boolean().optional(), rescan: z.boolean().optional() }),
  'review/samples': z.strictObject({ sampleIds: z.array(id).max(50) }),
  'review/submit': z.strictObject({
    sampleId: id,
    decision,
    reviewSeconds: z.number().min(0).max(maxSeconds),
    overwrite: z.boolean(),
  }),
  'review/confident': z.null(),
  'review/accept-many': z.strictObject({
    samples: z.array(z.strictObject({ sampleId: id, kept: z.array(z.int().min(0)).max(maxBoxes) })).max(maxSamples),
    secondsEach: z.number().min(0).max(maxSeconds),
  }),
  'review/draft': z.strictObject({
    sampleId: id,
    draft: z.strictObject({ basis: draftText, history: draftText, edited: z.boolean() }).nullable(),
  }),
  'review/threshold': z.strictObject({ chosen: z.number().min(0).max(1).nullable() }),
  'review/history': z.strictObject({ sampleId: id }),
  'review/restore': z.strictObject({
    sampleId: id,
    eventId: z.int().min(1),
    side: z.enum(['before', 'after']),
  }),
  'review/redo': z.strictObject({ overwrite: z.boolean() }),
  'review/undo': z.strictObject({ overwrite: z.boolean() }),
  'review/add-class': z.strictObject({ name: z.string().max(1000) }),
  'review/train-next': z.null(),
  'review/show-metrics': z.null(),
  'review/change-keys': z.null(),
};

/** Validates a message of a review page. @throws MessageError */
export function checkReviewMessage(type: string, payload: unknown): unknown {
  return checkMessage(schemas, type, payload);
}
