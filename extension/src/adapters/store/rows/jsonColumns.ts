import * as z from 'zod';
import type { Detection } from '../../../core/detection/types.ts';
import type { Lease } from '../../../workflow/ports/store/leases.ts';
import { StoreError } from '../storeError.ts';

const texts = z.array(z.string());

/** Lists of texts: class names, reasons, typed settings. */
export const textsSchema: z.ZodType<string[]> = texts;

/** `runs.training_images`. */
export const imageIdsSchema: z.ZodType<number[]> = z.array(z.int());

/** The scores of a sample or prediction, by score name. */
export const scoresSchema: z.ZodType<Record<string, number>> = z.record(z.string(), z.number());

/** The reason why a score is missing, by score name. */
export const withheldSchema: z.ZodType<Record<string, string>> = z.record(z.string(), z.string());

/** Free-form objects: performance metrics, lineage. */
export const recordSchema: z.ZodType<Record<string, unknown>> = z.record(z.string(), z.unknown());

/** `runs.lease`, `label_events.owner`, `leases.lease`. */
export const leaseSchema: z.ZodType<Lease> = z.object({ pid: z.number(), startTime: z.string(), nonce: z.string() });

/** `uncertain_samples.predicted_boxes`. */
export const detectionsSchema: z.ZodType<Detection[]> = z.array(
  z.object({
    classId: z.number(),
    confidence: z.number(),
    box: z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() }),
    classScores: z.exactOptional(z.object({ classIds: z.array(z.number()), scores: z.array(z.number()) })),
    localisationEntropy: z.exactOptional(z.number()),
  }),
);

/**
 * A value as JSON text. `column` is named in errors.
 * @throws StoreError `invalid-value` for NaN and infinities, which JSON would silently turn into null.
 */
export function toJson(column: string, value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (typeof part === 'number' && !Number.isFinite(part)) {
      throw new StoreError('invalid-value', `${column}: "${key}" is ${part} and cannot be stored`);
    }
    return part;
  });
}
