import type { SqlValue } from './database/connection.ts';

/** The column of each field of a change, and how to store the value. */
export type ColumnMap<Change> = { readonly [Field in keyof Change]-?: Column<Exclude<Change[Field], undefined>> };

export interface Column<Value> {
  readonly column: string;
  readonly toSql: (value: Value) => SqlValue;
}

/** A field that is stored unchanged. */
export function plain<Value extends SqlValue>(column: string): Column<Value> {
  return { column, toSql: (value) => value };
}

/** `column = ?` for every field in the change, with the values in the same order. Omitted fields stay unchanged. */
export function assignments<Change extends object>(
  change: Change,
  columns: ColumnMap<Change>,
): { readonly columns: readonly string[]; readonly values: readonly SqlValue[] } {
  const names: string[] = [];
  const values: SqlValue[] = [];
  for (const field in columns) {
    const value = change[field];
    if (value === undefined) continue;
    const { column, toSql } = columns[field];
    names.push(column);
    values.push(toSql(value as Exclude<Change[typeof field], undefined>));
  }
  return { columns: names, values };
}

/** An UPDATE by `id`, or null if the change is empty. */
export function updateById(
  table: string,
  id: SqlValue,
  parts: { readonly columns: readonly string[]; readonly values: readonly SqlValue[] },
): { readonly sql: string; readonly values: readonly SqlValue[] } | null {
  if (parts.columns.length === 0) return null;
  const list = parts.columns.map((column) => `${column} = ?`).join(', ');
  return { sql: `UPDATE ${table} SET ${list} WHERE id = ?`, values: [...parts.values, id] };
}
