import { resolve } from 'node:path';
import { SettingsError, type SettingProblem } from '../core/session/errors.ts';
import { sessionSettings } from '../core/session/sessionSettings.ts';
import type { Setting, SettingTable } from '../core/session/setting.ts';
import { parseValue } from '../core/session/settings.ts';
import type { SettingName, SettingValues } from '../core/session/types.ts';
import type { Flags } from './command.ts';
import { textFlag } from './flags.ts';

/** The flags of some settings for `parseArgs`. */
export function settingOptions(table: SettingTable = sessionSettings): Readonly<Record<string, { type: 'string' }>> {
  return Object.fromEntries(Object.values(table).map(({ flag }) => [flag, { type: 'string' }]));
}

/** Every setting with its flag, meaning, choices and default, one per line. */
export function settingList(table: SettingTable = sessionSettings): string {
  const settings = Object.values(table);
  const width = Math.max(...settings.map(({ flag }) => flag.length));
  const lines = settings.map((setting) => {
    const choices = setting.choices?.map(({ value }) => String(value)).join(', ');
    const among = choices === undefined ? '' : `: ${choices}`;
    return `  --${setting.flag.padEnd(width)}  ${setting.help}${among} (${defaultText(setting)})`;
  });
  return ['Settings:', ...lines].join('\n');
}

function defaultText({ default: usual, defaultFrom, format }: Setting): string {
  if (usual === undefined) return 'required';
  if (defaultFrom !== undefined) return `default: ${defaultFrom.help}`;
  const text = format(usual).replaceAll(' / ', ',');
  return `default: ${text === '' ? 'none' : text}`;
}

/** The settings among the flags. @throws SettingsError that names every invalid flag. */
export function settingsFrom(
  flags: Flags,
  names: readonly SettingName[],
  aliases: Readonly<Partial<Record<SettingName, string>>> = {},
): Partial<SettingValues> {
  const settings: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const name of names) {
    const setting: Setting = sessionSettings[name];
    for (const flag of [aliases[name], setting.flag]) {
      const text = flag === undefined ? undefined : textFlag(flags, flag);
      if (text === undefined) continue;
      const read = parseValue(setting, text);
      if (read.ok) settings[name] = setting.input === 'weights' ? absolutePath(String(read.value)) : read.value;
      else problems.push({ field: `--${flag}`, message: read.message });
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** Resolves a path against the current folder; the trainer looks up a mere name. */
function absolutePath(weights: string): string {
  return /[\\/]/.test(weights) ? resolve(weights) : weights;
}
