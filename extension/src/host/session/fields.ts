import { groupTitles, sessionSettings } from '../../core/session/sessionSettings.ts';
import type { Setting, SettingGroup, SettingTable } from '../../core/session/setting.ts';
import type { SettingValues } from '../../core/session/types.ts';
import type { Localiser } from '../text/localiser.ts';

export interface SettingRow {
  readonly field: string;
  readonly setting: Setting;
  readonly title: string;
  /** The value in words. */
  readonly value: string;
  /** What the setting means, in a sentence. */
  readonly help: string;
}

/** Every setting with its value, in the order of the table. */
export function settingRows(
  l10n: Localiser,
  settings: Readonly<Record<string, unknown>>,
  table: SettingTable = sessionSettings,
): readonly SettingRow[] {
  return Object.entries(table).map(([field, setting]) => ({
    field,
    setting,
    title: l10n.t(setting.title),
    help: l10n.t(setting.help),
    value: settingValue(l10n, setting, settings[field]),
  }));
}

/** The most important settings, in one line. */
export function settingsSummary(l10n: Localiser, settings: SettingValues): string {
  return [
    settings.baseModel.split(/[\\/]/).at(-1) ?? settings.baseModel,
    l10n.t('{0} epochs', settings.epochs),
    l10n.t('{0} pixels', settings.imageSize),
    l10n.t('{0} iterations of {1} samples', settings.maxIterations, settings.maxSamplesPerIteration),
  ].join(' · ');
}

/** The heading of a group. */
export function groupTitle(l10n: Localiser, group: SettingGroup): string {
  return l10n.t(groupTitles[group]);
}

function settingValue(l10n: Localiser, setting: Setting, value: unknown): string {
  const choice = typeof value === 'boolean' ? setting.choices?.find((one) => one.value === value) : undefined;
  const typed = setting.format(value);
  const title = choice?.title ?? setting.titles?.[typed];
  return title === undefined ? typed : l10n.t(title);
}
