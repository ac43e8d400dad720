export interface TableCell {
  readonly text: string;
  /** The value in full precision; null is an empty field of a CSV file. */
  readonly raw: string | number | null;
}

export interface TableModel {
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** A table as CSV (RFC 4180): decimal points, quotes if necessary, CR LF. */
export function toCsv({ columns, rows }: TableModel): string {
  const lines = [columns.map(({ title }) => field(title)), ...rows.map((row) => row.map(({ raw }) => field(raw)))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
