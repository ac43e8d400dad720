import * as z from 'zod';
import { datasetSourceSchema } from '../../core/dataset/datasetSource.ts';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import { shownThresholdsSchema } from '../../core/detection/shownThresholdsSchema.ts';
import type { Detection } from '../../core/detection/types.ts';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import type { Setting } from '../../core/session/setting.ts';
import {
  iterationStatuses,
  sessionStatuses,
  verdicts,
  type IterationStatus,
  type SessionStatus,
  type Verdict,
} from '../../core/session/types.ts';
import type { ScanReport } from '../dataset/scanImages.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';

/** A schema for each field of a type, so that the compiler reports a missing one. */
export type Fields<Row> = { readonly [Name in keyof Row]-?: z.ZodType<Row[Name]> };

const id = z.int();
const texts: z.ZodType<readonly string[]> = z.array(z.string());
const nullableNumber = z.number().nullable();
const nullableText = z.string().nullable();
const scores = z.record(z.string(), z.number());

const iterationStatus: z.ZodType<IterationStatus> = z.enum(iterationStatuses);

export const verdict: z.ZodType<Verdict> = z.enum(verdicts);

const sessionStatus: z.ZodType<SessionStatus> = z.enum(sessionStatuses);

export const sessionFields = {
  ...(Object.fromEntries(
    Object.entries<Setting>(sessionSettings).map(([name, { stored, help }]) => [
      name,
      stored.meta({ description: `${help}.` }),
    ]),
    // Each type follows from the table of settings.
  ) as unknown as Omit<Fields<SessionRow>, 'typed'>),
  typed: texts.meta({ description: 'Names of the settings that the user entered' }),
  id,
  datasetId: id,
  status: sessionStatus,
  currentIteration: z.int(),
  bestMap50: nullableNumber.meta({ description: 'mAP at IoU 0.5 of the best version' }),
  bestMap5095: nullableNumber.meta({ description: 'mAP at IoU 0.5 to 0.95 of the best version' }),
  createdAt: z.string(),
  startedAt: nullableText,
  completedAt: nullableText,
} satisfies Fields<SessionRow>;

export const sessionRow: z.ZodType<SessionRow> = z.looseObject(sessionFields);

export const iterationFields: Fields<IterationRow> = {
  id,
  sessionId: id,
  iterationNumber: z.int().meta({ description: 'From 0' }),
  status: iterationStatus,
  resumeFrom: iterationStatus.nullable().meta({ description: 'The step to resume after a failure or cancellation' }),
  error: nullableText,
  trainingImagesCount: nullableNumber,
  trainingBoxesCount: nullableNumber,
  validationImagesCount: nullableNumber,
  validationRevisionId: nullableNumber,
  map50: nullableNumber,
  map5095: nullableNumber,
  precision: nullableNumber,
  recall: nullableNumber,
  loss: nullableNumber,
  modelPath: nullableText.meta({ description: 'Absolute path of the ONNX file' }),
  weightsPath: nullableText.meta({ description: 'Absolute path of the .pt file' }),
  trainingTimeSeconds: nullableNumber,
  scoringTimeSeconds: nullableNumber,
  runId: nullableText,
  shownThresholds: shownThresholdsSchema.meta({
    description:
      'From which confidence on predictions are shown: for all classes, for a class, or as the reviewer chose',
  }),
  startedAt: z.string(),
  completedAt: nullableText,
};

export const iterationRow: z.ZodType<IterationRow> = z.object(iterationFields);

const detection: z.ZodType<Detection> = z.object({
  classId: z.int(),
  confidence: z.number(),
  box: z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() }),
  classScores: z.exactOptional(z.object({ classIds: z.array(z.int()), scores: z.array(z.number()) })),
  localisationEntropy: z.exactOptional(z.number()),
});

export const sampleFields = {
  id,
  iterationId: id,
  imageId: id,
  rank: z.int().meta({ description: 'Position in the review queue, from 0' }),
  uncertaintyScore: nullableNumber.meta({ description: '1 − the highest confidence' }),
  confidenceVariance: nullableNumber,
  entropyScore: nullableNumber,
  combinedScore: nullableNumber,
  scores: scores.meta({ description: 'Every uncertainty score by its id, 0 to 1' }),
  predictedBoxes: z.array(detection).meta({ description: 'Corners in pixels' }),
  maxConfidence: nullableNumber,
  minConfidence: nullableNumber,
  reasons: texts.meta({ description: 'Why the image was selected' }),
  withheldScores: z.exactOptional(z.record(z.string(), z.string())),
  blind: z
    .exactOptional(z.boolean())
    .meta({ description: 'Labelled without predictions, because it joins the validation set' }),
  verdict: verdict.nullable().meta({ description: 'null while the sample is open' }),
  reviewSeconds: nullableNumber,
  reviewedAt: nullableText,
};

export const modelRow: z.ZodType<ModelVersionRow> = z.object({
  id,
  sessionId: id,
  iterationId: id,
  versionNumber: z.int(),
  modelPath: z.string(),
  weightsPath: z.string(),
  performanceMetrics: z.record(z.string(), z.unknown()),
  isActive: z.boolean(),
  isBest: z.boolean(),
  modelSizeMb: z.number(),
  labelSnapshot: z.string(),
  lineage: z.record(z.string(), z.unknown()),
  createdAt: z.string(),
} satisfies Fields<ModelVersionRow>);

export const problem: z.ZodType<DatasetProblem> = z.object({
  severity: z.enum(['error', 'warning', 'info']),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  file: z.exactOptional(z.string()),
  line: z.exactOptional(z.int()),
  more: z.exactOptional(z.int()),
});

export const scanReport: z.ZodType<ScanReport> = z.object({
  dataset: z.object({
    id,
    source: datasetSourceSchema,
    classNames: texts,
    createdAt: z.string(),
    validationDrawn: z.boolean(),
  }),
  problems: z.array(problem),
  images: z.int().meta({ description: 'Images of the dataset' }),
  added: z.int().meta({ description: 'Images that no session knew' }),
  changed: z.int(),
  missing: z.int(),
  labelsChangedOutside: z.int(),
  hasValidationSplit: z.boolean(),
});

export const progress = z.object({
  total: z.int(),
  open: z.int().meta({ description: 'Samples without a verdict' }),
  byVerdict: z.partialRecord(verdict as z.ZodType<Verdict> & z.core.$ZodRecordKey, z.int()),
  labelled: z.int().meta({ description: 'Of the corrected samples, those on which nothing was predicted' }),
  seconds: z.number().meta({ description: 'How long the reviewer has worked on the batch, without pauses' }),
  timed: z.int().meta({ description: 'Samples with a verdict and a time' }),
});
