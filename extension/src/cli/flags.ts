import { parseSetting, isSettingName, type SettingName } from '../core/session/settingFields.ts';
import { SettingsError, type SettingProblem } from '../core/session/errors.ts';
import type { SessionSettings } from '../core/session/types.ts';
import { AppError } from '../core/errors.ts';
import type { Flags } from './command.ts';

/** The command line was not understood. */
export class UsageError extends AppError<'usage'> {
  constructor(message: string, hint = 'Add --help to see what a command takes.') {
    super('usage', message, hint);
  }
}

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function requiredFlag(flags: Flags, name: string): string {
  const value = textFlag(flags, name);
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing.`);
  return value;
}

export function listFlag(flags: Flags, name: string): string[] {
  const value = flags[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function numberFlag(flags: Flags, name: string, least: number): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${name} must be a whole number of at least ${least}, not "${text}".`);
  return value;
}

export function idArgument(positionals: readonly string[], what: string): number {
  const value = Number(positionals[0]);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`Which ${what}? Give its number.`);
  return value;
}

/** Flags that are settings of a session, by flag name. */
export const settingFlags: Readonly<Record<string, SettingName>> = {
  name: 'name',
  description: 'description',
  weights: 'baseModel',
  epochs: 'epochs',
  'batch-size': 'batchSize',
  'learning-rate': 'learningRate',
  imgsz: 'imageSize',
  'max-iterations': 'maxIterations',
  'min-uncertainty': 'minUncertainty',
  batch: 'maxSamplesPerIteration',
  'uncertainty-weights': 'uncertaintyWeights',
  strategy: 'strategy',
  aggregation: 'aggregation',
  'ranking-metric': 'rankingMetric',
  'zero-detections': 'zeroDetections',
  flip: 'flip',
  localisation: 'localisation',
  'fast-scoring': 'fastScoring',
  'warm-start': 'warmStart',
  device: 'device',
  seed: 'seed',
};

export const settingOptions = Object.fromEntries(
  Object.keys(settingFlags).map((flag) => [flag, { type: 'string' }] as const),
);

/** The settings among the flags. @throws SettingsError that names every bad flag. */
export function settingsFrom(flags: Flags): Partial<SessionSettings> {
  const settings: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const [flag, field] of Object.entries(settingFlags)) {
    const text = textFlag(flags, flag);
    if (text === undefined || !isSettingName(field)) continue;
    const read = parseSetting(field, text);
    if (read.ok) settings[field] = read.value;
    else problems.push({ field: `--${flag}`, message: read.message });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}
