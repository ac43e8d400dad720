import { sessionSettings } from '../../extension/src/core/session/sessionSettings.ts';
import type { Setting, SettingTable } from '../../extension/src/core/session/setting.ts';

/** The table of settings in docs/settings.md. */
export function settingsDocs(table: SettingTable = sessionSettings): string {
  const rows = Object.entries(table).map(([key, setting]) => [
    `\`${key}\``,
    `\`--${setting.flag}\``,
    defaultOf(setting),
    choicesOf(setting),
    `${setting.title}. ${setting.help}.`,
  ]);
  return markdownTable(['setting', 'command line', 'default', 'values', 'meaning'], rows);
}

function defaultOf({ default: usual, defaultFrom, format }: Setting): string {
  if (usual === undefined) return 'required';
  if (defaultFrom !== undefined) return defaultFrom.help;
  const text = format(usual);
  return text === '' ? 'empty' : `\`${text}\``;
}

function choicesOf({ choices = [] }: Setting): string {
  return choices.map(({ value }) => `\`${String(value)}\``).join(', ');
}

/** A table with aligned columns, as the formatter writes it. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...cells.map(line)].join('\n');
}

/** A page with the part between its markers `<!-- name -->` and `<!-- /name -->` replaced. */
export function withGenerated(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The markers ${start} and ${end} are missing.`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}
