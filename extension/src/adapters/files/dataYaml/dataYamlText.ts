import { isDeepStrictEqual } from 'node:util';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { parseDataYaml } from '../../../core/dataset/dataYaml.ts';
import { AppError } from '../../../core/errors.ts';

export type ClassFileErrorCode = 'layout-unknown' | 'changed-outside' | 'read-only' | 'disk-full' | 'write-failed';

/** A class could not be added to a `data.yaml`, which is unchanged. `where` is its path. */
export class ClassFileError extends AppError<ClassFileErrorCode> {}

/** Text to insert at a position of the old text. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * The text of a `data.yaml` with one more class. Inserts the entry in the style of its neighbours and increments `nc`;
 * all other bytes stay, including comments, anchors and line endings. Parses the result again and returns it only if
 * the name is the only difference.
 * @param file named in errors.
 * @throws DatasetError if the text is not a valid description; ClassFileError `layout-unknown` for a layout that
 * cannot be edited safely, such as names that another entry shares through an alias.
 */
export function appendClassName(text: string, name: string, file: string): string {
  const before = parseDataYaml(text, file);
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(mark.length);
  const document = parseDocument(body, { keepSourceTokens: true });
  const root = document.contents;
  if (!isMap(root)) throw layoutUnknown(file);
  const insertions = [...namesInsertions(body, document, root, before.classNames, name)];
  if (insertions.length === 0) throw layoutUnknown(file);
  const count = countReplacement(root, before.classNames.length);
  const result = mark + apply(body, insertions, count);
  if (!saysTheSame(text, result, [...before.classNames, name], file)) throw layoutUnknown(file);
  return result;
}

function layoutUnknown(file: string): ClassFileError {
  return new ClassFileError(
    'layout-unknown',
    `The way in which ${file} names its classes cannot be extended without changing something else.`,
    'Add the name at the end of "names" by hand (and raise "nc" where it is given), then rescan the dataset.',
    { where: file },
  );
}

function namesInsertions(
  text: string,
  document: Document,
  root: YAMLMap,
  classNames: readonly string[],
  name: string,
): Insertion[] {
  const pair = pairOf(root, 'names');
  let node = pair?.value;
  if (isAlias(node)) node = node.resolve(document);
  if (isSeq(node)) return node.flow ? flowEntry(text, node, node.items.at(-1), name) : listEntry(text, node, name);
  if (isMap(node)) return mapEntry(text, node, classNames.length, name);
  // Ultralytics names unnamed classes class_0, class_1, …: write these names.
  const absent = pair === undefined || node === null || (isScalar(node) && node.value === null);
  // YAML 1.1 readers such as Ultralytics also read names from a merge key.
  const complete = !root.flow && pairOf(root, '<<') === undefined;
  return absent && complete ? spelledOut(text, root, pair, [...classNames, name]) : [];
}

function listEntry(text: string, list: YAMLSeq, name: string): Insertion[] {
  const last = list.items.at(-1);
  const start = rangeOf(last)?.[0];
  if (start === undefined) return [];
  // The dash may be on a line before its value.
  const dash = text.lastIndexOf('-', start - 1);
  const indent = indentOf(text, dash);
  if (dash < 0 || indent === null) return [];
  return [lineAfter(text, last, `${indent}- ${written(name, styleOf(last), false)}`)].filter((one) => one !== null);
}

function mapEntry(text: string, map: YAMLMap, id: number, name: string): Insertion[] {
  const last = map.items.at(-1);
  if (last === undefined || !isScalar(last.key)) return [];
  const key = quoted(String(id), isQuoted(last.key) ? styleOf(last.key) : 'PLAIN');
  const entry = `${key}: ${written(name, styleOf(last.value), map.flow === true)}`;
  if (map.flow) return flowEntry(text, map, last, entry, true);
  const start = rangeOf(last.key)?.[0];
  const indent = start === undefined ? null : indentOf(text, start);
  if (indent === null) return [];
  return [lineAfter(text, last.value, indent + entry)].filter((one) => one !== null);
}

/** An entry of `[…]` or `{…}`: on the line of the last entry, or on a new line if that entry has a separate one. */
function flowEntry(
  text: string,
  collection: YAMLSeq | YAMLMap,
  last: unknown,
  entry: string,
  isWritten = false,
): Insertion[] {
  const end = rangeOf(collection)?.[1];
  const value = isPair(last) ? last.value : last;
  const first = rangeOf(isPair(last) ? last.key : last)?.[0];
  const at = rangeOf(value)?.[1];
  if (end === undefined || at === undefined || first === undefined) return [];
  const what = isWritten ? entry : written(entry, styleOf(value), true);
  const gap = /^[^\S\r\n]*(,)?[^\S\r\n]*(#[^\r\n]*)?(\r?\n)?/u.exec(text.slice(at, end - 1));
  const comma = gap?.[1] !== undefined;
  const indent = indentOf(text, first);
  if (indent === null || gap?.[3] === undefined) {
    const afterComma = at + text.slice(at).indexOf(',') + 1;
    return [comma ? { at: afterComma, text: ` ${what},` } : { at, text: `, ${what}` }];
  }
  const line = { at: at + gap[0].length - gap[3].length, text: `${gap[3]}${indent}${what}${comma ? ',' : ''}` };
  return comma ? [line] : [{ at, text: ',' }, line];
}

/** A separate `names` list, after the last entry of the description. */
function spelledOut(text: string, root: YAMLMap, pair: Pair | undefined, names: readonly string[]): Insertion[] {
  const list = `[${names.map((name) => written(name, 'PLAIN', true)).join(', ')}]`;
  if (pair !== undefined) {
    const key = rangeOf(pair.key)?.[1];
    const colon = key === undefined ? -1 : text.indexOf(':', key);
    const value = rangeOf(pair.value);
    // Only an empty value can be filled in; `names: null` and `names: ~` would need a replacement.
    if (colon < 0 || (value !== undefined && value[1] > value[0])) return [];
    return [{ at: colon + 1, text: ` ${list}` }];
  }
  const anchor = root.items.find((item) => isScalar(item.key) && item.key.value === 'nc');
  const start = rangeOf(anchor?.key)?.[0];
  const indent = start === undefined ? null : indentOf(text, start);
  if (anchor === undefined || indent === null) return [];
  return [lineAfter(text, anchor.value, `${indent}names: ${list}`)].filter((one) => one !== null);
}

/** Increments `nc`; `null` if it is absent. */
function countReplacement(root: YAMLMap, count: number): { from: number; to: number; text: string } | null {
  const value = pairOf(root, 'nc')?.value;
  const range = rangeOf(value);
  if (!isScalar(value) || range === undefined || Number(value.value) !== count) return null;
  return { from: range[0], to: range[1], text: quoted(String(count + 1), styleOf(value)) };
}

function apply(
  text: string,
  insertions: readonly Insertion[],
  count: { from: number; to: number; text: string } | null,
): string {
  const edits = insertions.map(({ at, text: put }) => ({ from: at, to: at, text: put }));
  if (count) edits.push(count);
  // Insert from the end, so that positions stay valid. Of two at one position, insert the later one first.
  return edits
    .toReversed()
    .toSorted((a, b) => b.from - a.from)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.text + result.slice(edit.to), text);
}

/** Whether the new text has these names and no other differences from the old one. */
function saysTheSame(before: string, after: string, names: readonly string[], file: string): boolean {
  try {
    if (!isDeepStrictEqual(parseDataYaml(after, file).classNames, names)) return false;
    return isDeepStrictEqual(others(before), others(after));
  } catch {
    return false;
  }
}

function others(text: string): Record<string, unknown> {
  const {
    names: _names,
    nc: _count,
    ...rest
  } = parseDocument(text.replace(/^\uFEFF/u, '')).toJS() as Record<string, unknown>;
  return rest;
}

/** A line after the one on which a node ends. */
function lineAfter(text: string, node: unknown, line: string): Insertion | null {
  const end = rangeOf(node)?.[1];
  if (end === undefined) return null;
  // A block scalar includes its line break.
  if (end > 0 && text[end - 1] === '\n') return { at: end, text: line + newlineOf(text) };
  const lineBreak = /\r?\n/u.exec(text.slice(end));
  if (lineBreak === null) return { at: text.length, text: newlineOf(text) + line };
  return { at: end + lineBreak.index, text: lineBreak[0] + line };
}

function newlineOf(text: string): string {
  return /\r?\n/u.exec(text)?.[0] ?? '\n';
}

/** The indentation before a position; null if other text precedes it on the line. */
function indentOf(text: string, at: number): string | null {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(start, at);
  return /^[^\S\r\n]*$/u.test(before) ? before : null;
}

/**
 * The name as a YAML scalar with the quotes of its neighbour. Plain only if every parser, including YAML 1.1, reads it
 * as text.
 */
function written(name: string, style: Scalar.Type | 'PLAIN', flow: boolean): string {
  if (style === 'QUOTE_DOUBLE' || style === 'QUOTE_SINGLE') return quoted(name, style);
  const word = /^(?:y|n|yes|no|on|off|true|false|null)$/iu;
  const plain = flow ? /^[\p{L}_][\p{L}\p{M}\p{N} _./+-]*$/u : /^[\p{L}_][\p{L}\p{M}\p{N} _./+()&'-]*$/u;
  return plain.test(name) && !word.test(name) ? name : quoted(name, 'QUOTE_DOUBLE');
}

function quoted(value: string, style: Scalar.Type | 'PLAIN'): string {
  if (style === 'QUOTE_DOUBLE') return JSON.stringify(value);
  return style === 'QUOTE_SINGLE' ? `'${value.replaceAll("'", "''")}'` : value;
}

function styleOf(node: unknown): Scalar.Type | 'PLAIN' {
  return (isScalar(node) ? node.type : undefined) ?? 'PLAIN';
}

function isQuoted(node: Scalar): boolean {
  return node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && item.key.value === key);
}

function isPair(value: unknown): value is Pair {
  return typeof value === 'object' && value !== null && 'key' in value && 'value' in value;
}

/** Start, end of the value, and end of the node with its trailing text. */
function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return (node.range as readonly [number, number, number] | null | undefined) ?? undefined;
}
