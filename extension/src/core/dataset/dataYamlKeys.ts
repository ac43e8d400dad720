import type { DataYamlTree } from './dataYamlTree.ts';
import { DatasetError } from './errors.ts';
import type { DatasetProblem } from './types.ts';
import { isNothing, shortened } from './yamlScalars.ts';

/** Keys that this parser reads, or that Ultralytics or the tools that write data.yaml files use. */
const knownKeys: ReadonlySet<string> = new Set(
  [
    ['path', 'train', 'val', 'test', 'validation', 'names', 'nc', 'download', 'task'],
    ['kpt_shape', 'kpt_names', 'flip_idx', 'channels', 'minival', 'masks_dir', 'roboflow', 'yaml_file'],
  ].flat(),
);

/** Other tools' names for a key. */
const synonyms: Readonly<Record<string, string>> = {
  ...words('val', 'valid', 'validate', 'validation', 'eval', 'evaluation', 'dev'),
  ...words('train', 'training'),
  ...words('test', 'testing'),
  ...words('names', 'name', 'class', 'classes', 'class_names', 'classnames', 'labels', 'label_names', 'categories'),
  ...words('nc', 'num_classes', 'n_classes', 'number_of_classes', 'class_count'),
  ...words('path', 'root', 'root_dir', 'dir', 'base', 'base_path', 'data_dir', 'dataset_path'),
};

function words(key: string, ...others: readonly string[]): Record<string, string> {
  return Object.fromEntries(others.map((other) => [other, key]));
}

/** The known key that an unknown one is probably a misspelling of, or `null` if none is close. */
function probableKey(key: string): string | null {
  const lower = key.toLowerCase();
  const synonym = Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined;
  if (synonym !== undefined) return synonym;
  if (knownKeys.has(lower)) return lower;
  for (const known of knownKeys) {
    const allowed = known.length <= 2 ? 0 : known.length <= 4 ? 1 : 2;
    if (lower.length > 1 && Math.abs(known.length - lower.length) <= allowed && distance(lower, known) <= allowed) {
      return known;
    }
  }
  return null;
}

/**
 * The key that names the validation images: `val`, otherwise `validation` as for Ultralytics, otherwise another word
 * for it. A misspelt key is an error, because other images would be set aside in its place.
 * @throws DatasetError `key-unknown`.
 */
export function validationKey(tree: DataYamlTree, file: string): string {
  const { entries, lines } = tree;
  if (!isNothing(entries['val'])) return 'val';
  if (!isNothing(entries['validation'])) return 'validation';
  const candidates = unknownKeys(tree).filter(
    (key) => !isNothing(entries[key]) && /^val(?:idation)?$/u.test(probableKey(key) ?? ''),
  );
  const word = candidates.find((key) => key.toLowerCase() === 'val' || Object.hasOwn(synonyms, key.toLowerCase()));
  if (word !== undefined) return word;
  const misspelt = candidates[0];
  if (misspelt === undefined) return 'val';
  throw new DatasetError(
    'key-unknown',
    `${file} has the key "${shortened(misspelt)}"${inLine(lines.get(misspelt))}, which is not known; "val" is probably meant.`,
    'Rename it to "val", or remove it: then a fifth of the labelled images is set aside for validation.',
    { where: file },
  );
}

/** A sentence about a key that is probably meant to be `wanted`, or an empty text. */
export function suggestedKey(wanted: string, tree: DataYamlTree): string {
  const key = unknownKeys(tree).find((candidate) => probableKey(candidate) === wanted);
  if (key === undefined) return '';
  return ` It has the key "${shortened(key)}"${inLine(tree.lines.get(key))}; "${wanted}" is probably meant.`;
}

/** A warning for each key that looks like a known one, and one note of all others. @param read a key that was read after all. */
export function keyProblems(tree: DataYamlTree, read: string, file: string): DatasetProblem[] {
  const unknown = unknownKeys(tree).filter((key) => key !== read);
  if (read !== 'validation' && !isNothing(tree.entries['validation'])) unknown.push('validation');
  const near = unknown.flatMap((key): DatasetProblem[] => {
    const meant = probableKey(key);
    if (meant === null) return [];
    const line = tree.lines.get(key);
    return [
      {
        severity: 'warning',
        code: 'key-unknown',
        message: `The key "${shortened(key)}" of ${file} is not used; "${meant}" is probably meant.`,
        hint: `Rename it to "${meant}", or remove it.`,
        file,
        ...(line === undefined ? {} : { line }),
      },
    ];
  });
  const others = unknown.filter((key) => probableKey(key) === null);
  if (others.length === 0) return near;
  const list = others.slice(0, 10).map((key) => `"${shortened(key)}"`);
  if (others.length > list.length) list.push(`${others.length - list.length} more`);
  return [
    ...near,
    {
      severity: 'info',
      code: 'key-unused',
      message: `${file} has keys that are not used: ${list.join(', ')}.`,
      hint: 'No action needed, unless one is a misspelt "path", "train", "val", "test", "names" or "nc".',
      file,
    },
  ];
}

/** A value that an alias or a merge key uses elsewhere is not an entry by itself. */
function unknownKeys({ entries, anchored }: DataYamlTree): string[] {
  return Object.keys(entries).filter((key) => !knownKeys.has(key) && !anchored.has(key) && !/^(?:x-|[._])/u.test(key));
}

function inLine(line: number | undefined): string {
  return line === undefined ? '' : ` in line ${line}`;
}

/** Edit distance between two words. Two swapped neighbours count as one edit. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost, swapped));
    }
  }
  return at(a.length, b.length);
}
