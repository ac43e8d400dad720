import { SettingsError, type SettingProblem } from './errors.ts';
import { isSettingName, readSetting, settingNames, type SettingName, type SettingValues } from './settingFields.ts';
import type { SessionSettings } from './types.ts';

/**
 * What a new session starts with. `name` has no default: a person gives it.
 * `warmStart` becomes true where the base model is a bare `.yaml` (see `defaultWarmStart`).
 */
export const defaultSettings = {
  description: '',
  baseModel: 'yolov8n.pt',
  epochs: 50,
  batchSize: 'auto',
  learningRate: 0.001,
  imageSize: 640,
  maxIterations: 10,
  minUncertainty: 0.3,
  maxSamplesPerIteration: 20,
  uncertaintyWeights: { confidence: 0.4, entropy: 0.3, variance: 0.3 },
  strategy: 'hybrid',
  aggregation: 'top-k',
  rankingMetric: 'decision-entropy',
  zeroDetections: 'quota',
  flip: false,
  localisation: true,
  fastScoring: false,
  warmStart: false,
  device: 'auto',
  seed: 0,
} as const satisfies Omit<SessionSettings, 'name' | 'typed'>;

/** Without pretrained weights every iteration would begin at nothing again, so it goes on from the last one. */
export function defaultWarmStart(baseModel: string): boolean {
  return /\.ya?ml$/i.test(baseModel.trim());
}

/**
 * Complete settings from the ones a person gave. A missing or `undefined` field takes its default; `typed` lists the
 * fields that were given, or keeps the list that comes with settings that were stored before.
 * @throws SettingsError with every bad and every unknown field.
 */
export function validateSettings(input: Readonly<Record<string, unknown>> | Partial<SessionSettings>): SessionSettings {
  const problems: SettingProblem[] = [];
  const given: Partial<SettingValues> = {};
  const typed: string[] = [];
  for (const [field, value] of Object.entries(input)) {
    if (field === 'typed' || value === undefined) continue;
    if (!isSettingName(field)) {
      problems.push({ field, message: `is not a setting. Settings are: ${settingNames.join(', ')}.` });
      continue;
    }
    const message = put(given, field, value);
    if (message === null) typed.push(field);
    else problems.push({ field, message });
  }
  const { name } = given;
  if (name === undefined) {
    if (!problems.some(({ field }) => field === 'name')) {
      problems.push({ field: 'name', message: 'give the session a name.' });
    }
    throw new SettingsError(problems);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  const baseModel = given.baseModel ?? defaultSettings.baseModel;
  return {
    ...defaultSettings,
    warmStart: defaultWarmStart(baseModel),
    ...given,
    name,
    typed: storedTyped(input['typed' as keyof typeof input]) ?? typed,
  };
}

/** What is wrong with one field, in words, or `null`: for validation while a person types. */
export function validateSetting(field: SettingName, value: unknown): string | null {
  const read = readSetting(field, value);
  return read.ok ? null : read.message;
}

function put(given: Partial<SettingValues>, field: SettingName, value: unknown): string | null {
  const read = readSetting(field, value);
  if (!read.ok) return read.message;
  Object.assign(given, { [field]: read.value });
  return null;
}

function storedTyped(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  return value.filter((item): item is string => typeof item === 'string' && isSettingName(item));
}
