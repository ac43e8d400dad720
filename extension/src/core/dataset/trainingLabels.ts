import { boxesOf, formatBoxRow, isBackground, parseLabelFile, type LabelFile } from './labelFile.ts';
import { labelProblem, type LabelProblem } from './labelProblems.ts';
import { clampToImage, type LabelHints } from './labelRow.ts';
import type { LabelBox } from './types.ts';

/** What the trainer receives for one label file. */
export interface TrainingLabels {
  /** Clean box rows; empty for a background image, and if `trainable` is false. */
  readonly text: string;
  readonly boxes: readonly LabelBox[];
  /** What was left out or changed, with its line. */
  readonly problems: readonly LabelProblem[];
  /**
   * False if the file has rows, but none that can be used. An empty label would teach that the image has no objects,
   * so the image must stay out of training.
   */
  readonly trainable: boolean;
}

/**
 * The label text for the snapshot that the trainer reads: boxes, and polygons as their boxes; only valid rows, clipped to
 * the image, without duplicates. No single row can make Ultralytics drop the image.
 */
export function toTrainingLabelText(
  text: string,
  classCount: number,
  hints: Omit<LabelHints, 'classCount'> = {},
): TrainingLabels {
  return trainingLabelsOf(parseLabelFile(text, { ...hints, classCount }));
}

/** The same for a parsed label file. */
export function trainingLabelsOf(file: LabelFile): TrainingLabels {
  const problems = file.problems.filter((problem) => problem.severity !== 'info');
  const lines = new Map<string, { box: LabelBox; line: number }>();
  for (const { line, kind: _kind, ...box } of boxesOf(file)) {
    const inside = clampToImage(box);
    const row = inside === null || !hasPrintableArea(inside) ? null : formatBoxRow(inside);
    if (inside === null || row === null) {
      problems.push(labelProblem({ code: 'zero-area', line }));
      continue;
    }
    const first = lines.get(row);
    if (first === undefined) lines.set(row, { box: inside, line });
    else if (!problems.some((problem) => problem.code === 'duplicate-row' && problem.line === line)) {
      problems.push(labelProblem({ code: 'duplicate-row', line, value: String(first.line) }));
    }
  }
  return {
    text: [...lines.keys()].map((row) => `${row}\n`).join(''),
    boxes: [...lines.values()].map(({ box }) => box),
    problems: problems.toSorted((a, b) => a.line - b.line),
    trainable: lines.size > 0 || isBackground(file),
  };
}

/** Whether a size survives being printed with 8 decimals. */
function hasPrintableArea(box: LabelBox): boolean {
  return Math.min(box.width, box.height) >= 1e-8;
}
