import * as z from 'zod';
import type { ShownThresholds } from './shownThresholds.ts';

/** Thresholds as they are stored and printed. */
export const shownThresholdsSchema: z.ZodType<ShownThresholds> = z.object({
  base: z.number(),
  classes: z.record(z.string(), z.object({ from: z.number(), judged: z.number(), right: z.number() })),
  chosen: z.number().nullable(),
});
