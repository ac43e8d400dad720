import * as z from 'zod';
import { SettingsError, type SettingProblem } from './errors.ts';
import { sessionSettings } from './sessionSettings.ts';
import type { Setting, SettingTable } from './setting.ts';
import type { SessionSettings, SettingName, SettingValues } from './types.ts';

export type ReadSetting =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

export const settingNames = Object.keys(sessionSettings) as SettingName[];

/** The values of a new session, but the name, which has no default. `warmStart` depends on the base model. */
export const defaultSettings = Object.fromEntries(
  Object.entries<Setting>(sessionSettings).flatMap(([key, setting]) =>
    setting.default === undefined ? [] : [[key, setting.default]],
  ),
) as Omit<SettingValues, 'name'>;

export function isSettingName(field: string): field is SettingName {
  return Object.hasOwn(sessionSettings, field);
}

/** The value of a setting as it is stored (text trimmed), or why it is invalid, in words. */
export function readValue({ schema }: Setting, value: unknown): ReadSetting {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, message: [...new Set(result.error.issues.map(({ message }) => message))].join(' ') };
}

/**
 * A setting as a user types it into an input box or after a flag: `50`, `1e-3`, `auto`, `true`, and `0.4,0.3,0.3` for
 * the weights (confidence, entropy, variance).
 */
export function parseValue(setting: Setting, typed: string): ReadSetting {
  return readValue(setting, setting.parse(typed));
}

/**
 * Complete settings from the given ones. A setting that is missing or `undefined` takes its default. `typed` lists the
 * settings that were given; stored settings keep their list.
 * @throws SettingsError with every invalid and every unknown setting.
 */
export function validateSettings(
  input: Readonly<Record<string, unknown>> | Partial<SessionSettings>,
  table: SettingTable = sessionSettings,
): SessionSettings {
  const { typed: storedTyped, ...fields } = input as Readonly<Record<string, unknown>>;
  const given: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const setting = Object.hasOwn(table, field) ? table[field] : undefined;
    const read = setting === undefined ? unknownSetting(table) : readValue(setting, value);
    if (read.ok) given[field] = read.value;
    else problems.push({ field, message: read.message });
  }
  for (const [field, setting] of Object.entries(table)) {
    if (setting.default !== undefined || fields[field] !== undefined) continue;
    problems.push({ field, message: `give the session a ${setting.title.toLowerCase()}.` });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  const typed = Array.isArray(storedTyped)
    ? storedTyped.filter((field) => typeof field === 'string' && Object.hasOwn(table, field))
    : Object.keys(given);
  return { ...withDefaults(given, table), typed };
}

/** The given settings, which must be valid and include a name, and the defaults of all others. */
export function withDefaults(
  given: Readonly<Record<string, unknown>>,
  table: SettingTable = sessionSettings,
): SettingValues {
  const values: unknown = Object.fromEntries(
    Object.entries(table).map(([field, { default: usual, defaultFrom }]) => [
      field,
      given[field] ?? defaultFrom?.value({ ...defaultSettings, ...given }) ?? usual,
    ]),
  );
  return values as SettingValues;
}

/** The settings of a new session as a JSON Schema. Rules that JSON Schema cannot express are part of the descriptions. */
export function settingsJsonSchema(table: SettingTable = sessionSettings): Readonly<Record<string, unknown>> {
  const fields = Object.entries(table).map(([field, { schema, title, help, default: usual }]) => {
    const described = schema.meta({ title, description: `${help}.` });
    return [field, usual === undefined ? described : described.default(usual)] as const;
  });
  return z.toJSONSchema(z.strictObject(Object.fromEntries(fields)), { io: 'input' });
}

function unknownSetting(table: SettingTable): ReadSetting {
  return { ok: false, message: `is not a setting. Settings are: ${Object.keys(table).join(', ')}.` };
}
