import { filesBelow } from '../files.ts';

/** A pattern of file names as a regular expression: `*` within a folder, `**` across folders, `{a,b}` one of them. */
export function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replaceAll('**', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '.*')
    .replace(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.split(',').join('|')})`);
  return new RegExp(`^${source}$`);
}

/**
 * The files of a folder that match one of the patterns.
 * @throws Error when a pattern matches none: a package that changed its layout must not ship without its parts.
 */
export function selectFiles(folder: string, patterns: readonly string[], what: string): string[] {
  const all = filesBelow(folder);
  const selected = new Set<string>();
  for (const pattern of patterns) {
    const expression = toRegExp(pattern);
    const matching = all.filter((file) => expression.test(file));
    if (matching.length === 0) throw new Error(`${what} has no ${pattern} any more: its layout changed.`);
    for (const file of matching) selected.add(file);
  }
  return [...selected].toSorted();
}
