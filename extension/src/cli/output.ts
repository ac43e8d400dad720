import { visibleLine } from '../core/text/escapeText.ts';
import type { ReportProgress } from '../workflow/ports/progress.ts';
import type { Terminal } from './command.ts';

/** A plain table with aligned columns; numbers are right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = rows.map((row) => row.map(cell));
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number' || row[column] === null));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => (numeric[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), ...cells.map(line)].join('\n');
}

function cell(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return visibleLine(value);
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}

/** Prints progress as lines: each message without a fraction, and counted progress at most every two seconds. */
export function progressLines(terminal: Terminal): ReportProgress {
  let last = 0;
  return ({ message, fraction }) => {
    const now = performance.now();
    if (fraction !== undefined && fraction < 1 && now - last < 2000) return;
    last = now;
    terminal.note(fraction === undefined ? message : `${String(Math.round(fraction * 100)).padStart(3)} %  ${message}`);
  };
}
