import type { LabelBox } from './types.ts';
import type { LabelFinding } from './labelProblems.ts';

/** What data.yaml says about the labels; it decides how to read an ambiguous row. */
export interface LabelHints {
  /** Number of classes; `null` when unknown (then no id is out of range). */
  readonly classCount: number | null;
  readonly task?: LabelTask | null;
  /** `kpt_shape`: number of keypoints and values of each (2 or 3). */
  readonly keypointShape?: readonly [points: number, values: number] | null;
}

/** Nothing is known about the dataset: every class is in range, and rows are read as boxes or polygons if possible. */
export const unknownHints: LabelHints = { classCount: null };

export type LabelTask = 'detect' | 'segment' | 'pose' | 'obb';

/**
 * `box`: class and 4 numbers. `polygon`: class and 3 or more points; it counts as its bounding box.
 * `pose`, `obb`: recognised, but not used. `invalid`: a row that cannot be used, with its problem.
 */
export type LabelRowKind = 'box' | 'polygon' | 'pose' | 'obb' | 'blank' | 'comment' | 'invalid';

/** What a single line says. `box` is set for kinds `box` and `polygon`. */
export interface ParsedRow {
  readonly kind: LabelRowKind;
  readonly box: LabelBox | null;
  readonly finding: Omit<LabelFinding, 'line'> | null;
}

/** Ultralytics' tolerance for coordinates outside 0…1 (`verify_image_label`). */
const tolerance = 0.01;
/** Each digit matches in only one way; otherwise a long run of digits takes quadratic time. */
const numberForm = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/iu;
const nonFiniteForm = /^[+-]?(?:nan|inf|infinity)$/iu;

function invalid(code: LabelFinding['code'], value: string, classCount: number | null = null): ParsedRow {
  return { kind: 'invalid', box: null, finding: { code, value, classCount } };
}

/** The numbers of a row, or the row with its problem. */
function numbersOf(tokens: readonly string[]): readonly number[] | ParsedRow {
  for (const token of tokens) {
    if (nonFiniteForm.test(token)) return invalid('not-finite', token);
    if (token.includes(',')) return invalid('comma', token);
    if (!numberForm.test(token)) return invalid('not-a-number', token);
    if (!Number.isFinite(Number(token))) return invalid('not-finite', token);
  }
  return tokens.map(Number);
}

/**
 * Reads one line of a label file by the rules of Ultralytics' `verify_image_label`, plus some that it lacks
 * (zero area, boxes outside the image).
 *
 * Nine columns are a class and 4 points: a polygon, unless `hints.task` is `obb`. A row is a pose when its length fits
 * `hints.keypointShape`, or, without that hint, when it is a box followed by triples of which each third value is 0, 1
 * or 2 and one is 2: no polygon has such a coordinate.
 */
export function parseLabelRow(line: string, hints: LabelHints): ParsedRow {
  const trimmed = line.trim();
  if (trimmed === '') return { kind: 'blank', box: null, finding: null };
  if (trimmed.startsWith('#')) return { kind: 'comment', box: null, finding: { code: 'comment' } };
  const tokens = trimmed.split(/\s+/u);
  const numbers = numbersOf(tokens);
  if (!isNumbers(numbers)) return numbers;
  const [classId = 0, ...values] = numbers;
  if (isPose(values, hints)) {
    return { kind: 'pose', box: null, finding: { code: 'pose-row', value: String(values.length - 4) } };
  }
  if (hints.task === 'obb' && values.length === 8) return { kind: 'obb', box: null, finding: { code: 'obb-row' } };
  if (values.length === 5) return invalid('confidence-column', '6');
  if (values.length < 4) return invalid('wrong-columns', String(tokens.length));
  if (values.length > 5 && values.length % 2 === 1) return invalid('odd-polygon', String(values.length));
  const className = tokens[0] ?? '';
  if (!Number.isInteger(classId)) return invalid('class-fractional', className);
  if (classId < 0) return invalid('class-negative', className);
  if (hints.classCount !== null && classId >= hints.classCount) {
    return invalid('class-out-of-range', String(classId), hints.classCount);
  }
  return values.length === 4 ? boxRow(classId, values, tokens.slice(1)) : polygonRow(classId, values);
}

function isNumbers(value: readonly number[] | ParsedRow): value is readonly number[] {
  return Array.isArray(value);
}

function isPose(values: readonly number[], hints: LabelHints): boolean {
  const shape = hints.keypointShape;
  if (shape) return values.length === 4 + shape[0] * shape[1];
  const keypoints = values.slice(4);
  if (keypoints.length === 0 || keypoints.length % 3 !== 0) return false;
  const visibilities = keypoints.filter((_, i) => i % 3 === 2);
  return visibilities.includes(2) && visibilities.every((value) => value === 0 || value === 1 || value === 2);
}

function boxRow(classId: number, values: readonly number[], written: readonly string[]): ParsedRow {
  const [cx = 0, cy = 0, width = 0, height = 0] = values;
  if (width < 0 || height < 0) return invalid('negative-value', written[width < 0 ? 2 : 3] ?? '');
  return checkedRow('box', { classId, cx, cy, width, height }, written);
}

function polygonRow(classId: number, values: readonly number[]): ParsedRow {
  const xs = values.filter((_, i) => i % 2 === 0);
  const ys = values.filter((_, i) => i % 2 === 1);
  const [left, right] = [least(xs), -least(xs.map((x) => -x))];
  const [top, bottom] = [least(ys), -least(ys.map((y) => -y))];
  const box = { cx: (left + right) / 2, cy: (top + bottom) / 2, width: right - left, height: bottom - top };
  // As in Ultralytics, single points may lie outside as long as the bounding box is sound.
  return checkedRow('polygon', { classId, ...box }, Object.values(box).map(String));
}

/** `Math.min(...values)` without its limit on the number of arguments. */
function least(values: readonly number[]): number {
  return values.reduce((a, b) => (b < a ? b : a), Number.POSITIVE_INFINITY);
}

function checkedRow(kind: 'box' | 'polygon', box: LabelBox, written: readonly string[]): ParsedRow {
  const values = [box.cx, box.cy, box.width, box.height];
  const wrong = values.findIndex((value) => value > 1 + tolerance || value < -tolerance);
  if (wrong >= 0) {
    return invalid((values[wrong] ?? 0) < 0 ? 'negative-value' : 'not-normalized', written[wrong] ?? '');
  }
  if (box.width <= 0 || box.height <= 0) return invalid('zero-area', '');
  const beyond = Math.max(
    box.width / 2 - box.cx,
    box.height / 2 - box.cy,
    box.cx + box.width / 2 - 1,
    box.cy + box.height / 2 - 1,
  );
  const inside = clampToImage(box);
  if (inside === null) return invalid('outside-image', '');
  if (beyond <= tolerance) return { kind, box, finding: null };
  return { kind, box, finding: { code: 'sticks-out', value: `${Math.round(beyond * 100)} %` } };
}

/** The part of a box within the image (0…1), or `null` if there is none. A box inside the image is returned unchanged. */
export function clampToImage(box: LabelBox): LabelBox | null {
  const left = box.cx - box.width / 2;
  const top = box.cy - box.height / 2;
  const right = box.cx + box.width / 2;
  const bottom = box.cy + box.height / 2;
  if (left >= 0 && top >= 0 && right <= 1 && bottom <= 1) return box;
  const [x1, y1, x2, y2] = [Math.max(0, left), Math.max(0, top), Math.min(1, right), Math.min(1, bottom)];
  if (x2 <= x1 || y2 <= y1) return null;
  return { classId: box.classId, cx: (x1 + x2) / 2, cy: (y1 + y2) / 2, width: x2 - x1, height: y2 - y1 };
}
