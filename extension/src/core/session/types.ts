import type { Setting } from './setting.ts';
import type { batchSettings, sessionSettings } from './sessionSettings.ts';

export const verdicts = [
  'accepted',
  'corrected',
  'rejected-background',
  'rejected-unusable',
  'rejected-later',
  'skipped',
] as const;

/** What the user decided about a sample: docs/architecture.md, Vocabulary. */
export type Verdict = (typeof verdicts)[number];

export const sessionStatuses = ['created', 'active', 'completed', 'archived'] as const;

export type SessionStatus = (typeof sessionStatuses)[number];

export const iterationStatuses = [
  'preparing',
  'training',
  'evaluating',
  'scoring',
  'selecting',
  'reviewing',
  'completed',
  'failed',
  'cancelled',
] as const;

/** The steps of an iteration, in order. `failed` and `cancelled` iterations keep the step to resume in `resumeFrom`. */
export type IterationStatus = (typeof iterationStatuses)[number];

export type RunState = 'prepared' | 'running' | 'finished' | 'failed' | 'cancelled';

export type SettingName = keyof typeof sessionSettings;

/** The values of all settings; what each means stands in `sessionSettings`. */
export type SettingValues = {
  readonly [Name in SettingName]: (typeof sessionSettings)[Name] extends Setting<infer Value> ? Value : never;
};

/** The settings that a session is created with. */
export type SessionSettings = SettingValues & {
  /** Names of the settings that the user entered; such a value wins over the small-data recipe. */
  readonly typed: readonly string[];
};

/** Settings that change which images are selected, without any image being predicted again. */
export type BatchChange = Partial<Pick<SettingValues, (typeof batchSettings)[number]>>;
