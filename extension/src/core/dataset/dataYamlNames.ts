import { DatasetError } from './errors.ts';
import type { DatasetProblem } from './types.ts';

const namesHint = 'Write "names: [first, second]", or one line for each id: "names:", "  0: first", "  1: second".';

/**
 * The class names of a parsed `data.yaml`: `names` as list or as map of ids 0…n-1, or `nc` alone (then `class_0`, … as
 * Ultralytics calls them).
 * @throws DatasetError `names-missing`, `names-invalid`, `names-gap`, `names-count`, `nc-invalid`.
 */
export function classNamesFrom(
  data: Readonly<Record<string, unknown>>,
  file: string,
): { classNames: string[]; problems: DatasetProblem[] } {
  const names = data['names'] ?? null;
  const count = classCountFrom(data, file);
  if (names === null) {
    if (count === null || count === 0) {
      throw new DatasetError('names-missing', `${file} names no classes ("names").`, namesHint, { where: file });
    }
    return { classNames: Array.from({ length: count }, (_, id) => `class_${id}`), problems: [] };
  }
  const classNames = Array.isArray(names) ? listOfNames(names, file) : mapOfNames(names, file);
  if (classNames.length === 0) {
    throw new DatasetError('names-missing', `The "names" of ${file} are empty.`, namesHint, { where: file });
  }
  if (count !== null && count !== classNames.length) {
    throw new DatasetError(
      'names-count',
      `${file} has ${classNames.length} names, but "nc" is ${count}.`,
      'Make them agree, or remove "nc".',
      { where: file },
    );
  }
  return { classNames, problems: duplicateNames(classNames, file) };
}

/** Like Ultralytics, takes what reads as a whole number: 3, 3.0, "3". */
function classCountFrom(data: Readonly<Record<string, unknown>>, file: string): number | null {
  const value = data['nc'];
  if (value === undefined) return null;
  const count =
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN;
  if (Number.isInteger(count) && count >= 0) return count;
  throw new DatasetError(
    'nc-invalid',
    `"nc" in ${file} is ${JSON.stringify(value)}, not a whole number.`,
    'Write the number of classes, or leave "nc" out and write "names".',
    { where: file },
  );
}

function nameOf(value: unknown, id: number, file: string): string {
  const name = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
  if (name.trim() !== '') return name;
  throw new DatasetError('names-invalid', `Class ${id} in ${file} has no name.`, namesHint, { where: file });
}

function listOfNames(names: readonly unknown[], file: string): string[] {
  return names.map((value, id) => nameOf(value, id, file));
}

function mapOfNames(names: unknown, file: string): string[] {
  if (typeof names !== 'object' || names === null) {
    throw new DatasetError(
      'names-invalid',
      `"names" in ${file} is ${JSON.stringify(names)}, neither a list nor a map.`,
      namesHint,
      { where: file },
    );
  }
  const byId = new Map<number, string>();
  for (const [key, value] of Object.entries(names)) {
    if (!/^\d+$/u.test(key)) {
      throw new DatasetError(
        'names-invalid',
        `"names" in ${file} has the id "${key}", which is no number.`,
        namesHint,
        {
          where: file,
        },
      );
    }
    byId.set(Number(key), nameOf(value, Number(key), file));
  }
  const missing = [...byId.keys()].map((_, id) => id).filter((id) => !byId.has(id));
  if (missing.length > 0) {
    throw new DatasetError(
      'names-gap',
      `The ids of "names" in ${file} have gaps: ${byId.size} names need the ids 0 to ${byId.size - 1}, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing (there are ${[...byId.keys()].join(', ')}).`,
      'Number the classes from 0 without a gap. If label files use the other ids, give the missing ones a placeholder name.',
      { where: file },
    );
  }
  return [...byId.entries()].toSorted(([a], [b]) => a - b).map(([, name]) => name);
}

function duplicateNames(classNames: readonly string[], file: string): DatasetProblem[] {
  return classNames.flatMap((name, id): DatasetProblem[] => {
    const first = classNames.indexOf(name);
    if (first === id) return [];
    return [
      {
        severity: 'warning',
        code: 'duplicate-class-name',
        message: `Classes ${first} and ${id} in ${file} have the same name "${name}".`,
        hint: 'Give them different names.',
        file,
      },
    ];
  });
}
