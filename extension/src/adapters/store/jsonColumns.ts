import * as z from 'zod';
import type { DatasetSource } from '../../core/dataset/types.ts';
import type { Detection } from '../../core/detection/types.ts';
import { defaultSettings } from '../../core/session/settings.ts';
import type { Aggregation, SessionSettings, UncertaintyWeights, ZeroDetections } from '../../core/session/types.ts';
import type { Lease } from '../../workflow/ports/store/leases.ts';
import { StoreError } from './storeError.ts';

const texts = z.array(z.string());
// Written as a mapping, so that the compiler says when a word is missing.
const aggregations = { 'top-k': 'top-k', max: 'max', mean: 'mean', 'noisy-or': 'noisy-or' } as const satisfies {
  readonly [Word in Aggregation]: Word;
};

const zeroDetections = { quota: 'quota', ignore: 'ignore', first: 'first' } as const satisfies {
  readonly [Word in ZeroDetections]: Word;
};

/** `datasets.source`. */
export const datasetSourceSchema: z.ZodType<DatasetSource> = z.union([
  z.object({ kind: z.literal('yaml'), path: z.string(), poolFolders: texts }),
  z.object({ kind: z.literal('folder'), path: z.string(), classNames: texts, poolFolders: texts }),
]);

/** Lists of words: class names, reasons, typed settings. */
export const textsSchema: z.ZodType<string[]> = texts;

/** Named numbers: every metric of a sample or a prediction. */
export const scoresSchema: z.ZodType<Record<string, number>> = z.record(z.string(), z.number());

/** Why a metric has no score, by metric id. */
export const withheldSchema: z.ZodType<Record<string, string>> = z.record(z.string(), z.string());

/** Free-form objects: performance metrics, lineage. */
export const recordSchema: z.ZodType<Record<string, unknown>> = z.record(z.string(), z.unknown());

/** `training_sessions.uncertainty_weights`. */
export const weightsSchema: z.ZodType<UncertaintyWeights> = z.object({
  confidence: z.number(),
  entropy: z.number(),
  variance: z.number(),
});

/** The settings that `training_sessions` has no column for; they stand in its column `settings`. */
export type FurtherSettings = Pick<
  SessionSettings,
  | 'aggregation'
  | 'rankingMetric'
  | 'zeroDetections'
  | 'flip'
  | 'localisation'
  | 'fastScoring'
  | 'warmStart'
  | 'device'
  | 'typed'
>;

/** Loose: a setting that came later is kept too. Sessions that are older than a setting have its default. */
export const furtherSettingsSchema: z.ZodType<FurtherSettings> = z.looseObject({
  aggregation: z.enum(aggregations),
  rankingMetric: z.string().default(defaultSettings.rankingMetric),
  zeroDetections: z.enum(zeroDetections).default(defaultSettings.zeroDetections),
  flip: z.boolean().default(defaultSettings.flip),
  localisation: z.boolean().default(defaultSettings.localisation),
  fastScoring: z.boolean().default(defaultSettings.fastScoring),
  warmStart: z.boolean(),
  device: z.string(),
  typed: texts,
});

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
 * A value as JSON text for the column named.
 * @throws StoreError `invalid-value` for NaN and infinities, which JSON would turn into null in silence.
 */
export function toJson(column: string, value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (typeof part === 'number' && !Number.isFinite(part)) {
      throw new StoreError('invalid-value', `${column}: "${key}" is ${part} and cannot be stored`);
    }
    return part;
  });
}
