import * as z from 'zod';
import { sessionSettings } from '../../../core/session/sessionSettings.ts';
import type { Setting, SettingTable } from '../../../core/session/setting.ts';
import type { SessionSettings } from '../../../core/session/types.ts';
import type { SqlValue } from '../database/connection.ts';
import { textsSchema, toJson } from './jsonColumns.ts';
import type { Row } from './row.ts';

/** Settings as columns of `training_sessions`. Settings without a column are in the JSON column `settings`. */
export function settingColumns(
  settings: Readonly<Record<string, unknown>> | SessionSettings,
  table: SettingTable = sessionSettings,
): readonly (readonly [column: string, value: SqlValue])[] {
  const columns: [string, SqlValue][] = [];
  const others: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    const column = Object.hasOwn(table, key) ? table[key]?.column : undefined;
    if (column === undefined) others[key] = value;
    else columns.push([column, toSql(column, value)]);
  }
  return [...columns, ['settings', toJson('settings', others)]];
}

/** The settings of a row. If the session is older than a setting, the default applies. */
export function settingsOfRow(row: Row, table: SettingTable = sessionSettings): SessionSettings {
  const entries = Object.entries(table);
  // Loose, to keep settings of a newer version.
  const others = z.looseObject({
    ...Object.fromEntries(
      entries.flatMap(([key, { column, stored, default: usual }]) =>
        column === undefined ? [[key, stored.default(usual)]] : [],
      ),
    ),
    typed: textsSchema,
  });
  const columns = entries.flatMap(([key, setting]) =>
    setting.column === undefined ? [] : [[key, readColumn(row, setting.column, setting)] as const],
  );
  const settings: unknown = { ...row.json('settings', others), ...Object.fromEntries(columns) };
  // The schema from which the type is derived has validated every value.
  return settings as SessionSettings;
}

function readColumn(row: Row, column: string, { stored, default: usual }: Setting): unknown {
  return typeof usual === 'object' ? row.json(column, stored) : row.value(column, stored);
}

function toSql(column: string, value: unknown): SqlValue {
  // A column without a type would store 16 as 16.0.
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  return typeof value === 'string' ? value : toJson(column, value);
}
