import { DatasetError } from './errors.ts';
import { boxesOf, formatBoxRow, parseLabelFile, type LabelFile } from './labelFile.ts';
import { unknownHints, type LabelHints } from './labelRow.ts';
import type { LabelBox } from './types.ts';

/** A change of a label file. `line` is the 1-based line of the text before any edit. */
export type LabelEdit =
  | { readonly kind: 'replace'; readonly line: number; readonly box: LabelBox }
  | { readonly kind: 'remove'; readonly line: number }
  | { readonly kind: 'add'; readonly box: LabelBox };

/**
 * Applies edits to a label text. Rows that no edit names stay byte for byte, with their line endings; so does a
 * byte-order mark, and whether the last line ends in a newline. A replaced row whose box did not move keeps its
 * coordinates as written, polygons included; only its class changes.
 * @throws DatasetError `row-missing` if an edit names a line that does not exist, or if two edits name the same line; `box-invalid`.
 */
export function applyEdits(text: string, edits: readonly LabelEdit[]): string {
  const file = parseLabelFile(text);
  const changes = new Map<number, string | null>();
  const added: string[] = [];
  for (const edit of edits) {
    if (edit.kind === 'add') {
      added.push(formatBoxRow(edit.box));
      continue;
    }
    const row = file.rows[edit.line - 1];
    if (row === undefined || changes.has(edit.line)) {
      throw new DatasetError(
        'row-missing',
        `Row ${edit.line} ${row === undefined ? 'does not exist' : 'is changed twice'}; the label file has ${file.rows.length} rows.`,
        'Read the label file again and repeat the change.',
      );
    }
    const unmoved = edit.kind === 'replace' && row.box !== null && sameGeometry(row.box, edit.box);
    if (edit.kind === 'remove') changes.set(edit.line, null);
    else if (unmoved) changes.set(edit.line, withClass(row.source, edit.box.classId));
    else changes.set(edit.line, formatBoxRow(edit.box));
  }
  return changes.size + added.length === 0 ? text : rebuild(file, changes, added);
}

function sameGeometry(a: LabelBox, b: LabelBox): boolean {
  return a.cx === b.cx && a.cy === b.cy && a.width === b.width && a.height === b.height;
}

function withClass(source: string, classId: number): string {
  return source.replace(/\S+/u, (token) => (Number(token) === classId ? token : String(classId)));
}

function rebuild(file: LabelFile, changes: ReadonlyMap<number, string | null>, added: readonly string[]): string {
  const kept = file.rows.flatMap((row) => {
    const change = changes.get(row.line);
    return change === null ? [] : [{ source: change ?? row.source, ending: row.ending }];
  });
  const newline = file.rows.find((row) => row.ending !== '')?.ending ?? '\n';
  const lines = [...kept, ...added.map((source) => ({ source, ending: newline }))];
  const endsInNewline = file.rows.at(-1)?.ending !== '';
  const body = lines.map(({ source, ending }, index) => {
    if (index < lines.length - 1) return source + (ending || newline);
    return endsInNewline ? source + (ending || newline) : source;
  });
  return file.byteOrderMark + body.join('');
}

/**
 * The text that contains exactly these boxes. Rows of `text` whose box is among them stay byte for byte (polygons too),
 * rows of other boxes are removed, new boxes are appended; comments and unusable rows stay.
 * Boxes are matched by class and coordinates as `boxesOf` gives them, one row for one box; `hints` must be the ones
 * with which the boxes were read, so that rows which they make unusable are not removed. Do not pass a text that is not
 * a label file (`contentProblem`): nothing in it is read back.
 */
export function withBoxes(text: string, boxes: readonly LabelBox[], hints: LabelHints = unknownHints): string {
  const wanted = new Map<string, LabelBox[]>();
  for (const box of boxes) {
    const list = wanted.get(keyOf(box));
    if (list) list.push(box);
    else wanted.set(keyOf(box), [box]);
  }
  const edits: LabelEdit[] = [];
  const removed = new Set<number>();
  const file = parseLabelFile(text, hints);
  for (const row of boxesOf(file)) {
    if (wanted.get(keyOf(row))?.shift() === undefined) removed.add(row.line);
  }
  // A repeated row is kept or removed together with the first one.
  for (const { line, repeats } of file.rows) if (removed.has(repeats ?? line)) edits.push({ kind: 'remove', line });
  const left = new Set([...wanted.values()].flat());
  edits.push(...boxes.filter((box) => left.has(box)).map((box) => ({ kind: 'add', box }) as const));
  return applyEdits(text, edits);
}

function keyOf(box: LabelBox): string {
  return [box.classId, box.cx, box.cy, box.width, box.height].join(' ');
}
