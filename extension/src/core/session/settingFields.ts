import { z } from 'zod';
import type { Aggregation, SessionSettings, ZeroDetections } from './types.ts';

export const aggregations = ['top-k', 'max', 'mean', 'noisy-or'] as const satisfies readonly Aggregation[];
export const zeroDetectionPolicies = ['quota', 'ignore', 'first'] as const satisfies readonly ZeroDetections[];

function number(what: string, min: number, max: number) {
  const message = `${what} must be a number from ${min} to ${max}.`;
  return z.number({ error: message }).min(min, message).max(max, message);
}

function whole(what: string, min: number, max: number) {
  const message = `${what} must be a whole number from ${min} to ${max}.`;
  return z.number({ error: message }).int(message).min(min, message).max(max, message);
}

function text(what: string, maxLength: number) {
  return z
    .string({ error: `${what} must be text.` })
    .max(maxLength, `${what} must have at most ${maxLength} characters.`);
}

function filled(what: string, maxLength: number) {
  return text(what, maxLength)
    .trim()
    .min(1, `${what} must not be empty.`)
    .refine((value) => !value.includes('\0'), `${what} must not contain a NUL character.`);
}

const weight = (name: string) =>
  z
    .number({ error: `the weight of ${name} must be a number of at least 0.` })
    .min(0, `the weight of ${name} must be a number of at least 0.`);

const switched = (what: string) => z.boolean({ error: `${what} must be true or false.` });

/** What a metric may be called: it is a key in stored scores, and a word on the command line. */
export const metricId = /^[a-z][a-z0-9-]{0,63}$/;

/** Two strides: at one, Ultralytics refuses to train whenever the last batch holds one image, whatever the batch size. */
const leastImageSize = 64;

/** Ultralytics rounds other sizes up to the next multiple of the stride, and the user would not learn of it. */
const imageSize = whole('the image size', leastImageSize, 4096).superRefine((value, context) => {
  if (value % 32 === 0) return;
  const below = Math.max(leastImageSize, Math.floor(value / 32) * 32);
  context.addIssue({
    code: 'custom',
    message: `the image size must be a multiple of 32, such as ${below} or ${below + 32}.`,
  });
});

const batchMessage = 'the batch size must be "auto" or a whole number from 1 to 1024.';

const fields = {
  name: filled('the name', 200),
  description: text('the description', 10_000),
  baseModel: filled('the base model', 4096).refine(
    (value) => /\.(pt|ya?ml)$/i.test(value),
    'the base model must be a path to a .pt file, a name such as yolov8n.pt, or an architecture such as yolov8n.yaml.',
  ),
  epochs: whole('the number of epochs', 1, 10_000),
  batchSize: z.union([z.literal('auto'), z.number().int().min(1).max(1024)], { error: batchMessage }),
  learningRate: z
    .number({ error: 'the learning rate must be a number above 0 and at most 1.' })
    .gt(0, 'the learning rate must be a number above 0 and at most 1.')
    .max(1, 'the learning rate must be a number above 0 and at most 1.'),
  imageSize,
  maxIterations: whole('the number of iterations', 1, 1000),
  minUncertainty: number('the least uncertainty', 0, 1),
  maxSamplesPerIteration: whole('the number of samples in an iteration', 1, 10_000),
  uncertaintyWeights: z
    .object(
      { confidence: weight('confidence'), entropy: weight('entropy'), variance: weight('variance') },
      { error: 'the weights must name confidence, entropy and variance, each a number of at least 0.' },
    )
    .refine(
      ({ confidence, entropy, variance }) => confidence + entropy + variance > 0,
      'at least one of the weights must be above 0.',
    ),
  strategy: z
    .string({ error: 'the strategy must be the name of a strategy.' })
    .regex(/^[a-z][a-z0-9-]*$/, 'the strategy must be the name of a strategy, such as uncertainty or random.'),
  aggregation: z.enum(aggregations, { error: `the aggregation must be one of ${aggregations.join(', ')}.` }),
  rankingMetric: z
    .string({ error: 'the ranking metric must be the name of a metric.' })
    .regex(metricId, 'the ranking metric must be the name of a metric, such as decision-entropy or margin.'),
  zeroDetections: z.enum(zeroDetectionPolicies, {
    error: `images without detections must be one of ${zeroDetectionPolicies.join(', ')}.`,
  }),
  flip: switched('the comparison with the mirrored image'),
  localisation: switched('the reading of box edges'),
  fastScoring: switched('fast scoring'),
  warmStart: switched('the warm start'),
  device: z
    .string({ error: 'the device must be auto, cpu, mps or the number of a CUDA device.' })
    .regex(/^(auto|cpu|mps|\d{1,3})$/, 'the device must be auto, cpu, mps or the number of a CUDA device.'),
  /** NumPy's generator takes seeds of 32 bits. */
  seed: whole('the seed', 0, 2 ** 32 - 1),
} as const;

export type SettingName = keyof typeof fields;
export type SettingValues = Omit<SessionSettings, 'typed'>;
export type ReadSetting =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

export const settingNames: readonly SettingName[] = Object.keys(fields).filter(isSettingName);

export function isSettingName(field: string): field is SettingName {
  return Object.hasOwn(fields, field);
}

/** The value of one field as it would be stored (texts trimmed), or what is wrong with it, in words. */
export function readSetting(field: SettingName, value: unknown): ReadSetting {
  const result = fields[field].safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, message: [...new Set(result.error.issues.map(({ message }) => message))].join(' ') };
}

const numeric: ReadonlySet<SettingName> = new Set<SettingName>([
  'epochs',
  'batchSize',
  'learningRate',
  'imageSize',
  'maxIterations',
  'minUncertainty',
  'maxSamplesPerIteration',
  'seed',
]);

const switches: ReadonlySet<SettingName> = new Set<SettingName>(['flip', 'localisation', 'fastScoring', 'warmStart']);

/** Whether a setting is true or false. */
export function isSwitch(field: SettingName): boolean {
  return switches.has(field);
}

/**
 * A field as a person types it into an input box or after a command-line flag: `50`, `1e-3`, `auto`, `true`,
 * and `0.4,0.3,0.3` for the weights (confidence, entropy, variance).
 */
export function parseSetting(field: SettingName, typed: string): ReadSetting {
  const trimmed = typed.trim();
  if (field === 'uncertaintyWeights') {
    const [confidence, entropy, variance, ...rest] = trimmed.split(/[,/\s]+/).map(toNumber);
    return readSetting(field, rest.length > 0 ? undefined : { confidence, entropy, variance });
  }
  if (switches.has(field)) return readSetting(field, { true: true, false: false }[trimmed.toLowerCase()]);
  if (field === 'batchSize' && trimmed === 'auto') return readSetting(field, trimmed);
  return readSetting(field, numeric.has(field) ? toNumber(trimmed) : typed);
}

/** `Number('')` is 0 and `Number('0x10')` 16: a person who typed that meant something else. */
function toNumber(typed: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed) ? Number(typed) : Number.NaN;
}
