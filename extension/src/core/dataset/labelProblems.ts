import { visibleBytes } from './labelText.ts';
import type { DatasetProblem } from './types.ts';

/** What can be wrong with a label file or one of its rows. */
export type LabelProblemCode =
  | 'byte-order-mark'
  | 'class-fractional'
  | 'class-negative'
  | 'class-out-of-range'
  | 'comma'
  | 'comment'
  | 'confidence-column'
  | 'duplicate-row'
  | 'mixed-rows'
  | 'negative-value'
  | 'not-a-number'
  | 'not-finite'
  | 'not-normalized'
  | 'nul-bytes'
  | 'obb-row'
  | 'odd-polygon'
  | 'outside-image'
  | 'pointer'
  | 'pose-row'
  | 'sticks-out'
  | 'utf-16'
  | 'wrong-columns'
  | 'zero-area';

/**
 * One finding in a label file. `error`: the row is not used; `warning`: it is used, but looks wrong;
 * `info`: harmless here, although another tool may refuse it. The caller adds `file`.
 */
export interface LabelProblem extends DatasetProblem {
  readonly code: LabelProblemCode;
  readonly line: number;
}

/** Context for the message of a finding. */
export interface LabelFinding {
  readonly code: LabelProblemCode;
  readonly line: number;
  /** The offending value as written, or a count. */
  readonly value?: string;
  readonly classCount?: number | null;
}

type Wording = readonly [
  severity: LabelProblem['severity'],
  message: (value: string, finding: LabelFinding) => string,
  hint: string,
];

const boxForm = 'Write the row as "class x-centre y-centre width height", relative to the image (0 to 1).';

const wordings: Readonly<Record<LabelProblemCode, Wording>> = {
  'byte-order-mark': [
    'info',
    () => 'starts with a byte-order mark, which older versions of Ultralytics refuse',
    'No action needed. Save the file as UTF-8 without BOM if another tool complains.',
  ],
  'class-fractional': [
    'error',
    (value) => `has the class ${value}, which is not a whole number`,
    'Write the id of the class as a whole number.',
  ],
  'class-negative': ['error', (value) => `has the negative class ${value}`, 'Class ids start at 0.'],
  'class-out-of-range': [
    'error',
    (value, { classCount }) =>
      `has class ${value}, but the dataset has ${classCount ?? 0} ${classCount === 1 ? 'class' : 'classes'} (0 to ${(classCount ?? 1) - 1})`,
    'Correct the class id, or append the missing class names to the end of the list of names.',
  ],
  comma: [
    'error',
    (value) => `contains a comma ("${value}")`,
    'Separate the numbers by spaces and write decimals with a point.',
  ],
  comment: [
    'info',
    () =>
      'is a comment, for which Ultralytics itself would ignore the whole image; it is kept in the file and left out of training',
    'No action needed.',
  ],
  'confidence-column': [
    'error',
    () =>
      'has 6 columns. The sixth is probably a confidence, as FiftyOne writes it; Ultralytics refuses the whole image for it',
    'Export again without confidences, or delete the sixth column.',
  ],
  'duplicate-row': ['warning', (value) => `repeats row ${value}`, 'Delete one of the two rows; it is trained on once.'],
  'mixed-rows': [
    'info',
    () => 'mixes polygons and boxes, for which Ultralytics itself would ignore the image; here polygons train as boxes',
    'No action needed.',
  ],
  'negative-value': [
    'error',
    (value) => `has the negative value ${value}`,
    'Coordinates lie between 0 and 1, and sizes are positive.',
  ],
  'not-a-number': ['error', (value) => `contains "${value}" instead of a number`, boxForm],
  'not-finite': ['error', (value) => `contains ${value}, which is not a finite number`, boxForm],
  'not-normalized': [
    'error',
    (value) => `has the coordinate ${value}, outside 0 to 1`,
    'Divide pixel coordinates by the width or height of the image.',
  ],
  'nul-bytes': [
    'error',
    () => 'holds NUL bytes, so that it is no text; a power failure or another program may have damaged it',
    'Restore it from a backup, or delete it and label the image again.',
  ],
  'obb-row': [
    'error',
    () => 'is an oriented box (class and 4 corners), and oriented boxes are not supported',
    'Convert the labels to plain boxes, or remove "task: obb" from data.yaml if these are polygons.',
  ],
  'odd-polygon': [
    'error',
    (value) => `is a polygon of ${value} numbers, so that an x lacks its y`,
    'Write "class x1 y1 x2 y2 x3 y3 …" with at least three points.',
  ],
  'outside-image': [
    'error',
    () => 'is a box that lies outside the image',
    'Delete the row or correct its coordinates.',
  ],
  pointer: [
    'error',
    () => 'is a pointer that Git LFS or git-annex left in its place; its content was not fetched',
    'Run "git lfs pull" or "git annex get" in the repository, then rescan.',
  ],
  'pose-row': [
    'error',
    (value) => `is a pose (a box and ${value} keypoint numbers), and poses are not supported`,
    'Convert the labels to plain boxes: keep the first five columns.',
  ],
  'sticks-out': [
    'warning',
    (value) => `is a box that reaches ${value} of the image beyond its edge`,
    'Correct the box; in training it is cut at the edge.',
  ],
  'utf-16': [
    'error',
    () => 'is in UTF-16, as Windows PowerShell 5 writes with ">"; Ultralytics cannot read it either',
    'Save it as UTF-8, for example with "Set-Content -Encoding utf8" or "Save with Encoding" in VS Code.',
  ],
  'wrong-columns': [
    'error',
    (value) => `has ${value} ${value === '1' ? 'column' : 'columns'}, where a box has 5`,
    boxForm,
  ],
  'zero-area': ['error', () => 'is a box without area', 'Delete the row or give it a width and a height.'],
};

const ofWholeFile: ReadonlySet<LabelProblemCode> = new Set([
  'byte-order-mark',
  'mixed-rows',
  'nul-bytes',
  'pointer',
  'utf-16',
]);

/** A finding as a problem with a message and a hint. */
export function labelProblem(finding: LabelFinding): LabelProblem {
  const [severity, message, hint] = wordings[finding.code];
  const subject = ofWholeFile.has(finding.code) ? 'The label file' : `Row ${finding.line}`;
  return {
    severity,
    code: finding.code,
    message: `${subject} ${message(quoted(visibleBytes(finding.value ?? '')), finding)}.`,
    hint,
    line: finding.line,
  };
}

/** Longer values are truncated: a value in a damaged file may have megabytes. */
const longestValue = 60;

function quoted(value: string): string {
  return value.length <= longestValue ? value : `${value.slice(0, longestValue)}…`;
}
