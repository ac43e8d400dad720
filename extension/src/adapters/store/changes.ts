import type { SqlValue } from './database/connection.ts';

/** Which column a field of a change goes to, and how. */
export type ColumnMap<Change> = { readonly [Field in keyof Change]-?: Column<Exclude<Change[Field], undefined>> };

export interface Column<Value> {
  readonly column: string;
  readonly toSql: (value: Value) => SqlValue;
}

/** A field stored as it is. */
export function plain<Value extends SqlValue>(column: string): Column<Value> {
  return { column, toSql: (value) => value };
}

/** `column = ?` for every field that the change gives, with the values in that order; fields left out stay as they are. */
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

/** An UPDATE by `id`, or null when the change is empty. */
export function updateById(
  table: string,
  id: SqlValue,
  parts: { readonly columns: readonly string[]; readonly values: readonly SqlValue[] },
): { readonly sql: string; readonly values: readonly SqlValue[] } | null {
  if (parts.columns.length === 0) return null;
  const list = parts.columns.map((column) => `${column} = ?`).join(', ');
  return { sql: `UPDATE ${table} SET ${list} WHERE id = ?`, values: [...parts.values, id] };
}
