import { suggestedKey } from './dataYamlKeys.ts';
import type { DataYamlTree } from './dataYamlTree.ts';
import { DatasetError } from './errors.ts';
import { longestClassName, mostClasses } from './limits.ts';
import type { DatasetProblem } from './types.ts';
import { isNothing, PlainScalar, pythonReading, shortened, shown, textOf } from './yamlScalars.ts';

const namesHint = 'Write "names: [first, second]", or one line for each id: "names:", "  0: first", "  1: second".';
/** Number of examples in a message. */
const mostExamples = 5;

/**
 * The class names of a parsed `data.yaml`: `names` as list or as map of ids 0…n-1, or `nc` alone (then `class_0`, … as
 * Ultralytics calls them). A name without quotes is taken as written, whatever YAML converts it to.
 * @throws DatasetError `names-missing`, `names-invalid`, `names-gap`, `names-count`, `nc-invalid`, `too-many-classes`.
 */
export function classNamesFrom(tree: DataYamlTree, file: string): { classNames: string[]; problems: DatasetProblem[] } {
  const names = tree.entries['names'];
  const count = classCountFrom(tree, file);
  if (isNothing(names)) {
    if (count === null || count === 0) {
      throw new DatasetError(
        'names-missing',
        `${file} names no classes ("names").${suggestedKey('names', tree)}`,
        namesHint,
        { where: file },
      );
    }
    return { classNames: Array.from({ length: count }, (_, id) => `class_${id}`), problems: [] };
  }
  const values = Array.isArray(names) ? (names as unknown[]) : valuesById(names, file);
  if (values.length === 0) {
    throw new DatasetError('names-missing', `The "names" of ${file} are empty.`, namesHint, { where: file });
  }
  requireFew(values.length, file);
  const classNames = values.map((value, id) => nameOf(value, id, file));
  if (count !== null && count !== classNames.length) {
    throw new DatasetError(
      'names-count',
      `${file} has ${classNames.length} names, but "nc" is ${count}.`,
      'Make them agree, or remove "nc".',
      { where: file },
    );
  }
  const problems = [...unquotedNames(values, file), ...classNameProblems(classNames, file)];
  return { classNames, problems };
}

/** Like Ultralytics, accepts anything that reads as a whole number: 3, 3.0, "3". */
function classCountFrom({ entries, lines }: DataYamlTree, file: string): number | null {
  const value = entries['nc'];
  if (value === undefined) return null;
  const text = value instanceof PlainScalar ? (pythonReading(value.text) ?? value.text) : value;
  const count = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
  if (!Number.isInteger(count) || count < 0) {
    const line = lines.get('nc');
    throw new DatasetError(
      'nc-invalid',
      `"nc" in ${file} is ${shown(value)}, not a whole number.`,
      'Write the number of classes, or leave "nc" out and write "names".',
      { where: line === undefined ? file : `${file}:${line}` },
    );
  }
  requireFew(count, file);
  return count;
}

function requireFew(count: number, file: string): void {
  if (count <= mostClasses) return;
  throw new DatasetError(
    'too-many-classes',
    `${file} has ${count.toLocaleString('en')} classes; at most ${mostClasses.toLocaleString('en')} can be used.`,
    'Leave out the classes that no label uses, and number the others from 0.',
    { where: file },
  );
}

function nameOf(value: unknown, id: number, file: string): string {
  const name = textOf(value) ?? '';
  const where = value instanceof PlainScalar ? `${file}:${value.line}` : file;
  const refuse = (what: string, hint: string): DatasetError => new DatasetError('names-invalid', what, hint, { where });
  if (name.trim() === '' || name === '~') throw refuse(`Class ${id} in ${file} has no name.`, namesHint);
  if (name.includes('\0') || /\p{Cs}/u.test(name)) {
    const what = name.includes('\0') ? 'a NUL character' : 'half of a character (a lone surrogate)';
    throw refuse(`The name of class ${id} in ${file} contains ${what}.`, 'Write the name without it.');
  }
  if (name.includes('\uFFFD')) {
    const what = 'a program that read it in the wrong encoding lost what it was';
    throw refuse(
      `The name of class ${id} in ${file} contains a replacement character: ${what}.`,
      'Write the name again.',
    );
  }
  if (name.length > longestClassName) {
    throw refuse(
      `The name of class ${id} in ${file} has ${name.length} characters ("${name.slice(0, 40)}…"); at most ${longestClassName} can be used.`,
      'Write a shorter name.',
    );
  }
  return name;
}

function valuesById(names: unknown, file: string): unknown[] {
  if (typeof names !== 'object' || names === null || names instanceof PlainScalar) {
    throw new DatasetError(
      'names-invalid',
      `"names" in ${file} is ${shown(names)}, neither a list nor a map.`,
      `${namesHint} A file of names is not read.`,
      { where: names instanceof PlainScalar ? `${file}:${names.line}` : file },
    );
  }
  const entries = Object.entries(names);
  requireFew(entries.length, file);
  const byId = new Map<number, unknown>();
  for (const [key, value] of entries) {
    const id = idOf(key, file);
    if (byId.has(id)) throw invalidId(`has the id ${id} twice (once as "${shortened(key)}").`, file);
    byId.set(id, value);
  }
  const missing = [...byId.keys()].map((_, id) => id).filter((id) => !byId.has(id));
  if (missing.length > 0) {
    const ids = [...byId.keys()].toSorted((a, b) => a - b);
    throw new DatasetError(
      'names-gap',
      `The ids of "names" in ${file} have gaps: ${byId.size} names need the ids 0 to ${byId.size - 1}, but ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing (there are ${listed(ids)}).`,
      'Number the classes from 0 without a gap. If label files use the other ids, give the missing ones a placeholder name.',
      { where: file },
    );
  }
  return [...byId.entries()].toSorted(([a], [b]) => a - b).map(([, value]) => value);
}

function idOf(key: string, file: string): number {
  if (!/^\d+$/u.test(key)) {
    throw invalidId(`has the id "${shortened(key)}", which is not a whole number of 0 or more.`, file);
  }
  // YAML 1.1 parsers, including the one that Ultralytics uses, read 010 as 8.
  if (pythonReading(key) !== null && Number(pythonReading(key)) !== Number(key)) {
    throw invalidId(`has the id ${key}, which Ultralytics reads as ${pythonReading(key)}; leave out the zeros.`, file);
  }
  return Number(key);
}

function invalidId(what: string, file: string): DatasetError {
  return new DatasetError('names-invalid', `"names" in ${file} ${what}`, namesHint, { where: file });
}

/** Names that Ultralytics reads as another value because they have no quotes. */
function unquotedNames(values: readonly unknown[], file: string): DatasetProblem[] {
  const read = values.flatMap((value) => {
    if (!(value instanceof PlainScalar)) return [];
    const other = pythonReading(value.text);
    return other === null || other === value.text ? [] : [{ ...value, other }];
  });
  const first = read[0];
  if (first === undefined) return [];
  const examples = read.slice(0, mostExamples).map(({ text, other }) => `${shortened(text)} (${other})`);
  const more = read.length > examples.length ? ` and ${read.length - examples.length} more` : '';
  return [
    {
      severity: 'warning',
      code: 'names-unquoted',
      message: `${file} has class names without quotes that YAML takes for numbers or other values: ${examples.join(', ')}${more}. They are used as written; Ultralytics would use the values in brackets.`,
      hint: `Put such names in quotes: "${shortened(first.text)}".`,
      file,
      line: first.line,
    },
  ];
}

/** Names that can be used but are suspicious: duplicates, and names that another program damaged. */
export function classNameProblems(classNames: readonly string[], file: string): DatasetProblem[] {
  const firsts = new Map<string, number>();
  const duplicates = classNames.flatMap((name, id): DatasetProblem[] => {
    const first = firsts.get(name);
    if (first === undefined) {
      firsts.set(name, id);
      return [];
    }
    return [
      {
        severity: 'warning',
        code: 'duplicate-class-name',
        message: `Classes ${first} and ${id} in ${file} have the same name "${shortened(name)}".`,
        hint: 'Give them different names.',
        file,
      },
    ];
  });
  const damaged = classNames.flatMap((name, id) => (name.includes('\uFFFD') ? [id] : []));
  if (damaged.length === 0) return duplicates;
  return [
    ...duplicates,
    {
      severity: 'warning',
      code: 'name-damaged',
      message: `The names of ${damaged.length === 1 ? 'class' : 'the classes'} ${listed(damaged)} in ${file} contain replacement characters: a program read them in the wrong encoding and lost the original characters.`,
      hint: 'Write the names again.',
      file,
    },
  ];
}

function listed(ids: readonly number[]): string {
  const most = 20;
  return ids.length <= most ? ids.join(', ') : `${ids.slice(0, most).join(', ')} and ${ids.length - most} more`;
}
