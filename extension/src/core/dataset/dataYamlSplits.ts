import type { DataYamlTree } from './dataYamlTree.ts';
import { DatasetError } from './errors.ts';
import { isNothing, PlainScalar, pythonReading, shown } from './yamlScalars.ts';

/**
 * The entries of a split: folders or lists of images. Empty if the file does not name the split.
 * @param needed whether a value without entries is an error.
 * @throws DatasetError `split-invalid`.
 */
export function splitEntries(tree: DataYamlTree, key: string, needed: boolean, file: string): string[] {
  const value = tree.entries[key];
  // Ultralytics treats the word None as no value.
  if (isNothing(value) || (value instanceof PlainScalar && value.text === 'None')) return [];
  if (value === '' || (Array.isArray(value) && value.length === 0)) {
    if (!needed) return [];
    throw invalid(`"${key}" in ${file} names nothing.`, file, tree.lines.get(key));
  }
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry) => {
    const text = pathText(entry);
    if (text !== null) return text;
    const quotes =
      entry instanceof PlainScalar && !isNothing(entry) ? ' (a name that looks like a number needs quotes)' : '';
    throw invalid(
      `"${key}" in ${file} holds ${shown(entry)} where a path is needed${quotes}.`,
      file,
      entry instanceof PlainScalar ? entry.line : tree.lines.get(key),
    );
  });
}

/** `path`, as written. @throws DatasetError `path-invalid`. */
export function pathEntry(tree: DataYamlTree, file: string): string | null {
  const value = tree.entries['path'];
  if (isNothing(value) || value === '' || (value instanceof PlainScalar && value.text === 'None')) return null;
  const text = pathText(value);
  if (text !== null) return text;
  throw new DatasetError(
    'path-invalid',
    `"path" in ${file} is ${shown(value)}, not a folder.`,
    'Write the folder that train and val are relative to, or leave it out for the folder of this file.',
    { where: placeOf(file, tree.lines.get('path')) },
  );
}

/** A scalar that can be a path: every YAML parser reads it as text, and a file system can store it. */
function pathText(value: unknown): string | null {
  const text = value instanceof PlainScalar ? (pythonReading(value.text) === null ? value.text : null) : value;
  return typeof text === 'string' && text !== '' && !text.includes('\0') && !/\p{Cs}/u.test(text) ? text : null;
}

function invalid(message: string, file: string, line: number | undefined): DatasetError {
  return new DatasetError(
    'split-invalid',
    message,
    'Write the folder of the images, a .txt file that lists them, or a list of these.',
    { where: placeOf(file, line) },
  );
}

function placeOf(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}
