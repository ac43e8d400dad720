import { labelProblem, type LabelProblem } from './labelProblems.ts';
import { DatasetError } from './errors.ts';
import { parseLabelRow, unknownHints, type LabelHints, type LabelRowKind, type ParsedRow } from './labelRow.ts';
import { pointerKind } from './pointerFile.ts';
import type { LabelBox } from './types.ts';

/** One line of a label file. `source` is the line as written, without its line ending and byte-order mark. */
export interface LabelRow {
  /** 1-based. */
  readonly line: number;
  readonly kind: LabelRowKind;
  /** Set for kinds `box` and `polygon` (then the bounding box). */
  readonly box: LabelBox | null;
  /** The line of the first row with the same class and box; `null` when this row is the first. */
  readonly repeats: number | null;
  readonly source: string;
  /** `\n`, `\r\n`, `\r`, or empty for a last line without one. */
  readonly ending: string;
}

/** A parsed label file. Its text is `byteOrderMark` + every row's `source` + `ending`, byte for byte. */
export interface LabelFile {
  readonly byteOrderMark: '' | '\uFEFF';
  readonly rows: readonly LabelRow[];
  /** In the order of the lines. */
  readonly problems: readonly LabelProblem[];
}

/** A box of a label file with the row that it stands in. */
export interface RowBox extends LabelBox {
  readonly line: number;
  readonly kind: 'box' | 'polygon';
}

/**
 * Why a text is not a label file at all: `utf-16`, `nul-bytes` (binary content, or a file damaged by a crash), or
 * `pointer` (a file of Git LFS, git-annex or DVC in its place); `null` for any other text. `text` is as `decodeLabelText`
 * gives it: bytes that are not UTF-8 are lone surrogates.
 */
export function contentProblem(text: string): 'utf-16' | 'nul-bytes' | 'pointer' | null {
  if (text.startsWith('\uDCFF\uDCFE') || text.startsWith('\uDCFE\uDCFF')) return 'utf-16';
  if (text.includes('\0')) return /^(?:[^\0]\0)+$|^(?:\0[^\0])+$/u.test(text.slice(0, 200)) ? 'utf-16' : 'nul-bytes';
  return pointerKind(text) === null ? null : 'pointer';
}

/** A line of a text that is not a label file. */
const unreadRow: ParsedRow = { kind: 'invalid', box: null, finding: null };

/** Splits a text into lines with their endings; an empty text has no lines. */
function splitLines(text: string): { source: string; ending: string }[] {
  const lines: { source: string; ending: string }[] = [];
  for (const [whole, ending = ''] of text.matchAll(/[^\r\n]*(\r\n|\n|\r)|[^\r\n]+$/gu)) {
    lines.push({ source: whole.slice(0, whole.length - ending.length), ending });
  }
  return lines;
}

/**
 * Parses a YOLO label text. Never fails: an unusable line is a row of kind `invalid`, `pose` or `obb` with a problem.
 * Rules: Ultralytics' `verify_image_label`; see `parseLabelRow` for how ambiguous rows are read.
 */
export function parseLabelFile(text: string, hints: LabelHints = unknownHints): LabelFile {
  const unread = contentProblem(text);
  const byteOrderMark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const rows: LabelRow[] = [];
  const problems: LabelProblem[] = [];
  const firstLineOf = new Map<string, number>();
  if (byteOrderMark) problems.push(labelProblem({ code: 'byte-order-mark', line: 1 }));
  for (const [index, { source, ending }] of splitLines(text.slice(byteOrderMark.length)).entries()) {
    const line = index + 1;
    const { kind, box, finding } = unread === null ? parseLabelRow(source, hints) : unreadRow;
    // Ultralytics compares rows as float32, so a repeated row with other trailing digits is the same row.
    const key = box && [box.classId, box.cx, box.cy, box.width, box.height].map(Math.fround).join(' ');
    const repeats = key === null ? null : (firstLineOf.get(key) ?? null);
    rows.push({ line, kind, box, repeats, source, ending });
    if (finding) problems.push(labelProblem({ ...finding, line }));
    if (repeats !== null) problems.push(labelProblem({ code: 'duplicate-row', line, value: String(repeats) }));
    else if (key !== null) firstLineOf.set(key, line);
  }
  // If the text is not a label file at all, report that once instead of for each row.
  if (unread !== null) return { byteOrderMark, rows, problems: [labelProblem({ code: unread, line: 1 })] };
  const boxRow = rows.find((row) => row.kind === 'box');
  const polygonRow = rows.find((row) => row.kind === 'polygon');
  if (boxRow && polygonRow) {
    problems.push(labelProblem({ code: 'mixed-rows', line: Math.max(boxRow.line, polygonRow.line) }));
  }
  return { byteOrderMark, rows, problems: problems.toSorted((a, b) => a.line - b.line) };
}

/** The boxes of a label file in the order of its rows; a polygon gives its bounding box. A repeated row is given once. */
export function boxesOf(file: LabelFile): RowBox[] {
  return file.rows.flatMap((row) =>
    row.box && row.repeats === null && (row.kind === 'box' || row.kind === 'polygon')
      ? [{ ...row.box, line: row.line, kind: row.kind }]
      : [],
  );
}

/** Whether the file says that the image has no objects: it contains only blank lines and comments. */
export function isBackground(file: LabelFile): boolean {
  return file.rows.every((row) => row.kind === 'blank' || row.kind === 'comment');
}

/** Half a pixel in the last of 8 decimals on a 20,000-pixel image is 0.0001 px; float32 keeps 0.001 px. */
const decimals = 8;
const leastDecimals = 6;

function formatNumber(value: number): string {
  const text = value.toFixed(decimals);
  const kept = text.length - (decimals - leastDecimals);
  const short = text.slice(0, kept) + text.slice(kept).replace(/0+$/u, '');
  return Number(short) === 0 ? short.replace('-', '') : short;
}

/**
 * A box as a label row: class id and 4 numbers of 6 to 8 decimals.
 * @throws DatasetError `box-invalid` for a box that could not be read back: no area within the image, an invalid class
 * id, or values that are not numbers between 0 and 1.
 */
export function formatBoxRow(box: LabelBox): string {
  const row = [String(box.classId), ...[box.cx, box.cy, box.width, box.height].map(formatNumber)].join(' ');
  if (parseLabelRow(row, unknownHints).kind === 'box') return row;
  throw new DatasetError(
    'box-invalid',
    `The box (class ${box.classId}, centre ${box.cx} ${box.cy}, size ${box.width} x ${box.height}) cannot be written.`,
    'Give it a width and a height within the image, and the id of a class.',
  );
}
