import { resolve } from 'node:path';
import { parseSetting, isSettingName, type SettingName } from '../core/session/settingFields.ts';
import { SettingsError, type SettingProblem } from '../core/session/errors.ts';
import { settingChoices, settingHelp } from '../core/session/settingHelp.ts';
import { defaultSettings } from '../core/session/settings.ts';
import { strategies } from '../core/selection/registry.ts';
import { builtInMetrics } from '../core/uncertainty/registry.ts';
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

/** Every setting with its flag, meaning and default, a line each. */
export function settingList(): string {
  const flags = Object.entries(settingFlags);
  const width = Math.max(...flags.map(([flag]) => flag.length));
  const lines = flags.map(([flag, field]) => {
    const choices = choicesOf(field);
    const among = choices.length === 0 ? '' : `: ${choices.join(', ')}`;
    return `  --${flag.padEnd(width)}  ${settingHelp[field]}${among} (${defaultText(field)})`;
  });
  return ['Settings:', ...lines].join('\n');
}

function choicesOf(field: SettingName): readonly string[] {
  if (field === 'strategy') return strategies.map(({ id }) => id);
  if (field === 'rankingMetric') return builtInMetrics.map(({ id }) => id);
  return settingChoices(field);
}

function defaultText(field: SettingName): string {
  if (field === 'name') return 'required';
  if (field === 'warmStart') return 'default: true where the weights are a .yaml, otherwise false';
  const value = defaultSettings[field];
  if (typeof value === 'object') return `default: ${value.confidence},${value.entropy},${value.variance}`;
  return value === '' ? 'default: none' : `default: ${value}`;
}

/** A path is meant from the current folder; a name is looked up by the trainer. */
function absolutePath(weights: string): string {
  return /[\\/]/.test(weights) ? resolve(weights) : weights;
}

/** The settings among the flags. @throws SettingsError that names every bad flag. */
export function settingsFrom(flags: Flags): Partial<SessionSettings> {
  const settings: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const [flag, field] of Object.entries(settingFlags)) {
    const text = textFlag(flags, flag);
    if (text === undefined || !isSettingName(field)) continue;
    const read = parseSetting(field, text);
    if (read.ok) settings[field] = field === 'baseModel' ? absolutePath(String(read.value)) : read.value;
    else problems.push({ field: `--${flag}`, message: read.message });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}
